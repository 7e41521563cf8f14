"""From a table in a config to the feed it describes; every feed of the namespace `data_feeds` is found by itself."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from raisecash import plugins
from raisecash.data.feed import Feed
from raisecash.errors import ConfigError
from raisecash.messages.blame import phrase_of
from raisecash.messages.explain import Keys, Words, explain
from raisecash.messages.spelling import suggest

ENTRY_POINTS = "raisecash.feeds"  # the group under which another package offers feeds, each by its kind


def feed_kinds() -> dict[str, type[Feed]]:
    """Return every feed of the namespace `data_feeds` and of installed entry points by its kind, sorted.

    A plug-in that cannot be imported is passed over: `parse_feed` says so when its feed is asked for.

    Raises
    ------
    ConfigError
        When two feeds call themselves by one kind.
    """
    offers, _ = plugins.loaded(_entries(tuple(sys.path)))
    return _by_kind([*_defined_in(plugins.find("data_feeds").modules), *_offered(offers)])


@lru_cache(maxsize=1)
def _entries(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return the feeds that installed packages offer, looked up once for a path; the name of each is its kind."""
    return tuple(entry_points(group=ENTRY_POINTS))


def _offered(offers: Iterable[object]) -> list[type[Feed]]:
    """Return the feeds among what packages offer."""
    return [each for each in offers if inspect.isclass(each) and issubclass(each, Feed)]


def _defined_in(modules: Iterable[ModuleType]) -> list[type[Feed]]:
    """Return the feeds that modules define themselves, their folders' included."""
    return [
        feed
        for module in modules
        for feed in vars(module).values()
        if inspect.isclass(feed) and issubclass(feed, Feed) and plugins.belongs_to(feed, module)
    ]


def _by_kind(feeds: Iterable[type[Feed]]) -> dict[str, type[Feed]]:
    """Return feeds by kind, sorted, what has none left out; a kind that two of them have is an error."""
    found: dict[str, type[Feed]] = {}
    for feed in feeds:
        kind = feed.__dict__.get("kind", "")
        if not kind:
            continue
        other = found.setdefault(kind, feed)
        if other is not feed:
            first, second = (plugins.place_of(each.__module__) for each in (other, feed))
            raise ConfigError(f"two feeds call themselves {kind!r}: {first} and {second}; rename one")
    return dict(sorted(found.items()))


def _feed_of(kind: object, where: str) -> type[Feed]:
    """Return the feed of a kind; no plug-in is imported whose text names no such kind."""
    if isinstance(kind, str):
        likely = plugins.find("data_feeds", saying=rf"""^\s*kind\b[^=]*=\s*["']{re.escape(kind)}["']""")
        offers, unloaded = plugins.loaded(each for each in _entries(tuple(sys.path)) if each.name == kind)
        broken = (*likely.broken, *unloaded)
        if broken:
            raise ConfigError(f"{where}: {plugins.told(broken)}") from broken[0].error
        found = _by_kind([*_defined_in(likely.modules), *_offered(offers)])
        if kind in found:
            return found[kind]
    every = plugins.find("data_feeds")
    kinds = feed_kinds()
    if isinstance(kind, str) and kind in kinds:
        return kinds[kind]
    said = "no key 'feed'; it must be one of " + ", ".join(kinds)
    if kind is not None:
        said = f"no feed {kind!r}; {suggest(str(kind), kinds)}"
    raise plugins.missing(f"{where}: {said}", every.broken)


FeedLike = Feed | Mapping[str, Any] | str | os.PathLike[str]  # what `as_feed` takes
ENDINGS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".parquet": "parquet",
}  # of files, and the kind of feed that reads them


def as_feed(given: FeedLike, *, where: str) -> Feed:
    """Return the feed that somebody means by a feed, a config's table of one, or a file's path.

    Relative paths start from the working directory.

    Raises
    ------
    ConfigError
        As `parse_feed` does, or when a file's ending or a value is none that is understood.
    """
    if isinstance(given, Feed):
        return given
    if isinstance(given, Mapping):
        return parse_feed(given, where=where, base_dir=Path())
    if not isinstance(given, (str, os.PathLike)):
        raise ConfigError(
            f'{where}: must be a file such as "btc.csv", or a table such as {{"feed": "yfinance", "symbol": "SPY"}}, '
            f"got {given!r}"
        )
    path = os.fspath(given)
    kind = next((kind for ending, kind in ENDINGS.items() if path.lower().endswith(ending)), None)
    if kind is None:
        raise ConfigError(
            f"{where}: the name of a file must end in {', '.join(ENDINGS)}, got {path!r}; name the feed that reads it: "
            f'{{"feed": "csv", "path": "{path}"}}'
        )
    return parse_feed({"feed": kind, "path": path}, where=where, base_dir=Path())


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
    feed = _feed_of(table.get("feed"), where)
    lacking = sorted(feed.__abstractmethods__)
    if lacking:
        raise ConfigError(
            f"{where}: feed {feed.kind!r} ({feed.__module__}) does not define {' and '.join(lacking)}, which every feed has; "
            "write them, and raise DataError where the source has no such series"
        )
    options = {key: value for key, value in table.items() if key != "feed"}
    if isinstance(options.get("path"), str) and options["path"]:
        options["path"] = base_dir / Path(options["path"]).expanduser()
    if "cross_check" in options:
        options["cross_check"] = parse_feed(
            options["cross_check"], where=f"{where}: cross_check", base_dir=base_dir
        )
    try:
        return feed(**options)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(error, feed, _FeedWords(where, feed.kind)))) from error
    except Exception as error:  # a mistake in somebody's own check of an option
        raise ConfigError(f"{where}: feed {feed.kind!r} raised {phrase_of(error)}; mend the feed") from error


class _FeedWords(Words):
    """How a feed's table names a place: where it is, then the key."""

    def __init__(self, where: str, kind: str) -> None:
        self._where, self._kind = where, kind

    def place(self, keys: Keys) -> str:
        return f"{self._where}: {'.'.join(map(str, keys)) or f'feed {self._kind!r}'}"

    def unknown(self, parents: Keys, key: str) -> str:
        return f"{self._where}: no key {'.'.join(map(str, (*parents, key)))!r} for feed {self._kind!r}"

    def missing(self, parents: Keys, key: str) -> str:
        return f"{self._where}: feed {self._kind!r} needs the key {'.'.join(map(str, (*parents, key)))!r}"
