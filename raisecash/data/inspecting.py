"""`data inspect`: one series of this computer, a file, the sample or a cached one, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from raisecash.data.cache import store as cache
from raisecash.data.cache.listing import Listed, cached, find_cached
from raisecash.data.calendars.clock import infer_periods_per_year, is_daily
from raisecash.data.checks.table import check_prices, check_signal
from raisecash.data.feed import Feed, blamed
from raisecash.data.history import Finding, History
from raisecash.data.live import LiveFeed
from raisecash.data.registry import feed_kinds, parse_feed
from raisecash.data.request import Request
from raisecash.data.text.files import SPELLINGS, FileFeed
from raisecash.data.text.table import normalise, read_csv, read_parquet
from raisecash.errors import DataError, InputError
from raisecash.messages.spelling import suggest

CLOCKS = {365: "every day of the week", 252: "exchange sessions", 52: "weekly", 12: "monthly", 4: "quarterly", 1: "yearly"}  # fmt: skip


def inspect_series(
    word: str, *, signal: bool = False, options: Mapping[str, Any] | None = None
) -> tuple[History, Listed | None]:
    """Return a series with everything the checks find in it, and its place in the cache if it has one.

    Bars without a price are left out and told. The network is never touched.

    Parameters
    ----------
    word : str
        A file, `sample:BTC`, a feed's word and its options (`yfinance:SPY`, `ccxt:coinbase:BTC/USD:1h`),
        or the name of a cached series.
    signal : bool
        Read it as values to look at. Default: as prices when it has a close, and the cached figures
        are not one value a day.
    options : mapping, optional
        Further keys of the feed as a config has them: `column`, `calendar`, `price`.

    Raises
    ------
    InputError
        When the word means nothing here; when the figures break a rule.
    """
    feed, listed = _meant(word, {"missing": "drop", **(options or {})})
    entry = None if listed is None or listed.problem else cache.kept(listed.key)
    name = word if listed is None else listed.name
    if isinstance(feed, FileFeed):
        name = feed.path.name.partition(".")[0]
    request = Request(offline=True)
    is_signal = signal or _is_signal(feed, None if entry is None else entry.frame)
    try:
        with blamed(name, feed):
            history = feed.signal(name, request) if is_signal else feed.prices(name, request)
    except DataError as error:
        if not is_signal and isinstance(feed, FileFeed):
            raise DataError(f"{error}; if these are no prices, inspect them with --signal") from error
        raise
    history = replace(history, calendar=feed.known_calendar or history.calendar)
    seen: tuple[Finding, ...] = tuple(each for each in history.findings if each.kind != "cached")
    if is_signal:
        times = history.frame.index
        seen += check_signal(history, start=times[0], end=times[-1])
    else:
        seen += check_prices(history)
    return replace(history, findings=seen), listed


def clock_of(history: History) -> str:
    """Return in a few words when a series has bars: `exchange sessions, 1 h bars (XNYS)`."""
    times = pd.DatetimeIndex(history.frame.index)
    text = CLOCKS[infer_periods_per_year(times)]
    if not is_daily(times):
        length = pd.Timedelta(np.median(np.diff(times.as_unit("us").asi8)), unit="us")
        text += f", bars of {length.total_seconds() / 60:g} minutes"
    return f"{text} ({history.calendar})" if history.calendar else text


def _meant(word: str, options: dict[str, Any]) -> tuple[Feed, Listed | None]:
    """Return the feed a word means, and the cached series behind it."""
    kinds = feed_kinds()
    kind, colon, rest = word.partition(":")
    is_named_as_file = word.lower().endswith((".csv", ".csv.gz", ".parquet")) and kind not in kinds
    if is_named_as_file or Path(word).expanduser().is_file():
        table = {"feed": "parquet" if word.lower().endswith(".parquet") else "csv", "path": word}
        return parse_feed({**table, **options}, where=word, base_dir=Path()), None
    listed = find_cached(word)
    if listed is None and colon:
        if kind not in kinds:
            raise InputError(f"{word}: no feed {kind!r}; {suggest(kind, kinds)}")
        table = {"feed": kind, **_positional(kinds[kind], rest)}
        feed = parse_feed({**table, **options}, where=word, base_dir=Path())
        if not isinstance(feed, LiveFeed):
            return feed, None
        listed = find_cached(":".join(feed.cache_key.values()))
        if listed is None:
            raise InputError(
                f"{word}: {feed.describe()} is not in the cache; fetch it with `raisecash data fetch CONFIG`"
            )
    if listed is None:
        try:
            listed = cached(word)
        except InputError as error:
            ways = "name a file, sample:BTC, or a cached series (`raisecash data list`)"
            raise InputError(f"{error}, and no such file: {ways}") from error
    if listed.problem:
        raise InputError(f"{listed.problem}; fetch the series again with `raisecash data fetch CONFIG`")
    return _feed_of(listed, options), listed


def _feed_of(listed: Listed, options: dict[str, Any]) -> Feed:
    """Return the feed that fetched a cached series."""
    kind = listed.key.get("feed", "")
    fields = feed_kinds()[kind].model_fields if kind in feed_kinds() else {}
    values = {key: value for key, value in listed.key.items() if key in fields}
    return parse_feed({"feed": kind, **values, **options}, where=listed.name, base_dir=Path())


def _positional(kind: type[Feed], text: str) -> dict[str, str]:
    """Return a feed's own options from `coinbase:BTC/USD`, in the order the feed declares them."""
    own = [name for name in kind.model_fields if name not in Feed.model_fields]
    if issubclass(kind, FileFeed):
        return {"path": text}
    return dict(zip(own, text.split(":", maxsplit=max(len(own) - 1, 0)), strict=False))


def _is_signal(feed: Feed, frame: pd.DataFrame | None) -> bool:
    """Return whether a series has values to look at and no prices."""
    if frame is not None:
        flat = all((frame[column] == frame["close"]).all() for column in ("open", "high", "low"))
        return flat and bool(frame["volume"].isna().all())
    if not isinstance(feed, FileFeed) or feed.column is not None:
        return isinstance(feed, FileFeed)
    read = read_parquet if feed.kind == "parquet" else read_csv
    words = {*SPELLINGS["close"], *SPELLINGS["adj_close"]}
    return not any(normalise(column) in words for column in read(feed.path, where=str(feed.path)).columns)
