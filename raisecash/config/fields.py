"""Kinds of values a config's keys take: names, days, feeds, and keys that take a value or a table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from raisecash.data.feed import Feed
from raisecash.data.registry import parse_feed

NAME = re.compile(r"[A-Za-z0-9_-]+")
SERIES = re.compile(r"[A-Za-z0-9^=][A-Za-z0-9_.^=-]*")
FEEDS = (
    ("market", "assets"),
    ("market", "signals"),
    ("market", "fallback", "assets"),
    ("market", "fallback", "signals"),
)
YIELDS = (("execution", "cash_yield"), ("market", "fallback", "cash_yield"))


def with_feeds(table: Mapping[str, Any], *, file: str, base_dir: Path) -> dict[str, Any]:
    """Return a config's table with each table that describes a feed replaced by the feed.

    Raises
    ------
    ConfigError
        When a feed or one of its options is unknown or breaks its rule.
    """
    changed = dict(table)
    for keys in FEEDS:
        holder = _copied(changed, keys[:-1])
        if holder is not None and isinstance(holder.get(keys[-1]), dict):
            where = f"{file}: [{'.'.join(keys)}]"
            holder[keys[-1]] = {
                name: parse_feed(feed, where=f"{where} {name}", base_dir=base_dir)
                for name, feed in holder[keys[-1]].items()
            }
    for keys in YIELDS:
        holder = _copied(changed, keys[:-1])
        if holder is not None and isinstance(holder.get(keys[-1]), dict):
            where = f"{file}: [{'.'.join(keys[:-1])}] {keys[-1]}"
            holder[keys[-1]] = parse_feed(holder[keys[-1]], where=where, base_dir=base_dir)
    return changed


def _copied(table: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    """Return a nested table, itself and its parents copied so that it can be changed; None without one."""
    for key in keys:
        if not isinstance(table.get(key), dict):
            return None
        table[key] = dict(table[key])
        table = table[key]
    return table


def _name(text: str) -> str:
    """Return a name that can stand in a file name and on the command line."""
    if not NAME.fullmatch(text):
        raise ValueError("must be letters, digits, - and _")
    return text


def _title(text: str) -> str:
    """Return a config's name, which also names the folder of its runs."""
    if not text.strip() or text.startswith(".") or re.search(r"[/\\\x00-\x1f]", text):
        raise ValueError("must be text that can name a folder: not empty, no slash, no dot in front")
    return text


def _series(text: str) -> str:
    """Return the name of an asset or a signal, which may also be looked up as a file's."""
    if not SERIES.fullmatch(text):
        raise ValueError("must be letters, digits and . _ - ^ =")
    return text


def _day(value: Any) -> Any:
    """Return a date of TOML's own, or of text such as `2016-01-31`."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError("must be a date such as 2016-01-31") from error
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise ValueError("must be a date such as 2016-01-31")


def _dump(feed: Feed) -> dict[str, Any]:
    """Return a feed as the table that describes it."""
    options = feed.model_dump(mode="json", exclude_none=True)
    if "path" in options:  # the folders of one machine mean nothing to a reader on another
        options["path"] = Path(options["path"]).name
    if feed.cross_check is not None:
        options["cross_check"] = _dump(feed.cross_check)
    return {"feed": feed.kind, **options}


Name = Annotated[str, AfterValidator(_name)]
Title = Annotated[str, AfterValidator(_title)]
Day = Annotated[dt.date, BeforeValidator(_day)]
AnyFeed = Annotated[Feed, PlainSerializer(_dump)]
Feeds = dict[Annotated[str, AfterValidator(_series)], AnyFeed]
