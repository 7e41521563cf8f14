"""From a table in a config to the feed it describes; every feed in this folder is found by itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import data_feeds
from data_feeds.errors import ConfigError
from data_feeds.feed import Feed
from data_feeds.spelling import suggest


@cache
def feed_kinds() -> dict[str, type[Feed]]:
    """Return every feed of this folder by its kind, in alphabetical order."""
    found: dict[str, type[Feed]] = {}
    for module_info in pkgutil.iter_modules(data_feeds.__path__, prefix="data_feeds."):
        module = importlib.import_module(module_info.name)
        for feed in vars(module).values():
            if inspect.isclass(feed) and issubclass(feed, Feed) and feed.__module__ == module.__name__:
                kind = feed.__dict__.get("kind", "")
                if not kind:
                    continue
                if kind in found:
                    raise TypeError(f"two feeds call themselves {kind!r}: {found[kind]} and {feed}")
                found[kind] = feed
    return dict(sorted(found.items()))


def parse_feed(table: Mapping[str, Any], *, where: str, base_dir: Path) -> Feed:
    """Return the feed a config's table describes.

    Parameters
    ----------
    table : mapping
        The table as written, `feed` among its keys.
    where : str
        What messages begin with: `configs/x.toml: [market.assets] BTC`.
    base_dir : Path
        The folder relative paths start from: the config's own.

    Raises
    ------
    ConfigError
        When the feed or a key is unknown, or a value breaks its rule; one line a problem.
    """
    if not isinstance(table, Mapping):
        raise ConfigError(
            f'{where}: must be a table such as {{ feed = "csv", path = "btc.csv" }}, got {table!r}'
        )
    kinds = feed_kinds()
    kind = table.get("feed")
    if kind is None:
        raise ConfigError(f"{where}: no key 'feed'; it must be one of {', '.join(kinds)}")
    if not isinstance(kind, str) or kind not in kinds:
        raise ConfigError(f"{where}: no feed {kind!r}; {suggest(str(kind), kinds)}")
    options = {key: value for key, value in table.items() if key != "feed"}
    if isinstance(options.get("path"), str) and options["path"]:
        options["path"] = base_dir / Path(options["path"]).expanduser()
    if "cross_check" in options:
        options["cross_check"] = parse_feed(
            options["cross_check"], where=f"{where}: cross_check", base_dir=base_dir
        )
    try:
        return kinds[kind](**options)
    except ValidationError as error:
        raise ConfigError(_explain(where, kinds[kind], error)) from error


def _explain(where: str, feed: type[Feed], error: ValidationError) -> str:
    """Return one line a problem: the key, the rule and the value."""
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(
                f"{where}: no key {key!r} for feed {feed.kind!r}; {suggest(key, ['feed', *feed.model_fields])}"
            )
        elif problem["type"] == "missing":
            lines.append(f"{where}: feed {feed.kind!r} needs the key {key!r}")
        else:
            rule = problem["msg"].removeprefix("Value error, ").removeprefix("Input should ")
            rule = "be a path" if problem["type"] == "path_type" else rule.removeprefix("must ")
            lines.append(f"{where}: {key} must {rule}, got {problem['input']!r}")
    return "\n".join(lines)
