"""From feeds to a market: every series fetched, checked and aligned, or all of them from a fallback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import pandas as pd

from raisecash.data.align import align, window
from raisecash.data.checks.holes import filled
from raisecash.data.checks.table import check_assets, check_prices, check_signal, check_sources
from raisecash.data.events import load_events
from raisecash.data.feed import Feed
from raisecash.data.folder import check_folder
from raisecash.data.history import Finding, History
from raisecash.data.market import Market
from raisecash.data.reading import CASH_YIELD, Series, Sources, Tell, read_series
from raisecash.data.registry import FeedLike, as_feed
from raisecash.data.request import Request, Unit
from raisecash.errors import ConfigError, DataError, NetworkError
from raisecash.messages.words import stamp

Date = dt.date | str
SEVERITIES = ("error", "warning", "info")
REFETCH = "refetch with `raisecash data fetch CONFIG --refresh`"


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Loaded:
    """A market and where it came from.

    Attributes
    ----------
    market : Market
    histories : tuple of History
        Every series as delivered: assets, then signals, then the cash yield if it is one, then the
        second sources named by `cross_check`.
    findings : tuple of Finding
        What the data checks saw inside the market's window.
    notes : tuple of str
        Sentences every page made from this market must carry.
    is_fallback : bool
        Whether the fallback's feeds were used because a vendor could not be asked.
    """

    market: Market
    histories: tuple[History, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    is_fallback: bool = False

    def __repr__(self) -> str:
        return "\n".join([repr(self.market), *self._told])

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the market, and below it what is to be known of it."""
        return self.market._repr_html_() + "".join(f"<div>{escape(line)}</div>" for line in self._told)

    @property
    def _told(self) -> list[str]:
        """The notes and the findings, the gravest first, a line each."""
        graver = sorted(self.findings, key=lambda finding: SEVERITIES.index(finding.severity))
        return [*self.notes, *(f"{finding.severity}: {finding.message}" for finding in graver)]


def load_market(
    assets: Mapping[str, FeedLike],
    signals: Mapping[str, FeedLike] | None = None,
    *,
    cash_yield: float | FeedLike = 0.0,
    events: str | Path | None = None,
    events_strict: bool = False,
    start: Date | None = None,
    end: Date | None = None,
    clock: str = "union",
    data_dir: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Tell = lambda _: None,
    fallback: Sources | None = None,
    deadline: float = 20.0,
) -> Loaded:
    """Return the market that files and feeds describe, checked and aligned.

    ::

        loaded = load_market({"BTC": "btc.csv", "SPY": {"feed": "yfinance", "symbol": "SPY"}}, start="2016-01-01")
        loaded.market, loaded.findings

    Parameters
    ----------
    assets, signals : mapping of name to feed
        Each a file's path (`"btc.csv"`, relative to the working directory), a table as a config has it
        (`{"feed": "yfinance", "symbol": "SPY"}`), or a `Feed`.
    cash_yield : float or feed
        Annual, as a fraction (0.04 is 4%), or a feed like the others, in percent unless it says so.
    events : path, optional
        A catalogue of dated events.
    events_strict : bool
        Leave out of it the events whose announcement day is an estimate.
    start, end : date or str, optional
        First and last day of the window; by default as much as all assets have.
    clock : str
        `"union"`, or the asset whose sessions are the bars, as in `align`.
    data_dir : path, optional
        A folder of files that is looked in first for every series.
    offline : bool
        Never touch the network: live feeds answer from the cache.
    refresh : bool
        Fetch live series whole and take the vendor's figures where they differ from the cached ones.
    progress : callable
        Told in a sentence what is being done; always called from the calling thread.
    fallback : Sources, optional
        Used whole, instead of everything above and never mixed with it, when a live series can
        neither be fetched nor found in the cache. A window that ends after the fallback's does is
        cut, and a note says so.
    deadline : float
        Seconds after which a vendor that does not answer is given up.

    Raises
    ------
    NetworkError
        When a vendor cannot be asked, nothing is cached and there is no fallback.
    DataError, ConfigError
        When a series breaks a rule, or the series do not make a market.
    """
    wanted = Sources(
        {name: as_feed(feed, where=f"assets: {name}") for name, feed in assets.items()},
        {name: as_feed(feed, where=f"signals: {name}") for name, feed in (signals or {}).items()},
        float(cash_yield)
        if isinstance(cash_yield, (int, float))
        else as_feed(cash_yield, where="cash_yield"),
    )
    _check_names(wanted)
    first, last = _day(start, "start"), _day(end, "end")
    catalogue = None if events is None else load_events(Path(events), strict=events_strict)
    folder = None if data_dir is None else Path(data_dir)
    if folder is not None:
        check_folder(folder)
    if offline and refresh:
        raise ConfigError("--offline and --refresh contradict each other: a refresh asks the vendors")
    request = Request(start=first, end=last, offline=offline, refresh=refresh, deadline=deadline)
    try:
        series = read_series(wanted, request, folder, progress)
    except NetworkError as error:
        if fallback is None:
            raise
        return _load_fallback(error, wanted, fallback, request, catalogue, clock, progress)
    return _finish(series, wanted, catalogue, first, last, clock)


def _day(given: Date | None, key: str) -> pd.Timestamp | None:
    """Return a day of the window that a caller gave as a date or as text."""
    if given is None:
        return None
    try:
        day = pd.Timestamp(given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{key} must be a date such as 2016-01-31, got {given!r}") from error
    if pd.isna(day) or day.tz is not None:
        raise ConfigError(f"{key} must be a date such as 2016-01-31, without a time zone, got {given!r}")
    return day


def _load_fallback(
    error: NetworkError,
    wanted: Sources,
    fallback: Sources,
    request: Request,
    events: pd.DataFrame | None,
    clock: str,
    progress: Tell,
) -> Loaded:
    """Return the fallback's market, its notes saying what it stands in for and why."""
    if set(fallback.assets) != set(wanted.assets):
        raise ConfigError(
            f"fallback: its assets must be {', '.join(wanted.assets)}, got {', '.join(fallback.assets) or 'none'}"
        ) from error
    _check_names(fallback)
    notes = [
        f"No live data: {error}. Everything comes from the offline fallback instead: "
        + ", ".join(
            f"{name} from {fallback.assets[name].describe()} (not {feed.describe()})"
            for name, feed in wanted.assets.items()
        )
        + "."
    ]
    progress(notes[0])
    ordered = fallback._replace(assets={name: fallback.assets[name] for name in wanted.assets})
    series = read_series(ordered, request, None, progress)
    end = request.end
    shortest = min((series.histories[name] for name in wanted.assets), key=lambda h: h.frame.index[-1])
    last = pd.Timestamp(shortest.frame.index[-1])
    if end is not None and end > last:
        notes.append(f"The window ends {stamp(last)}, with the fallback's {shortest.name}, not {stamp(end)}.")
        end = None
        progress(notes[1])
    try:
        loaded = _finish(series, ordered, events, request.start, end, clock)
    except DataError as problem:
        raise DataError(f"{error}; and the offline fallback cannot stand in: {problem}") from error
    return replace(loaded, notes=(*notes, *loaded.notes), is_fallback=True)


def _finish(
    series: Series,
    sources: Sources,
    events: pd.DataFrame | None,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    clock: str,
) -> Loaded:
    """Return the aligned and checked market of some histories."""
    histories, cash = series.histories, sources.cash_yield
    unit: Unit = cash.unit if isinstance(cash, Feed) else "percent"
    delivered = [histories[name] for name in sources.assets]
    first, last = window(delivered, start, end)
    assets: list[History] = []
    holes: dict[str, tuple[Finding, ...]] = {}
    for history, feed in zip(delivered, sources.assets.values(), strict=True):
        if feed.judges_holes:
            refetch = REFETCH if feed.is_live else "complete the file"
            history, holes[history.name] = filled(
                history, feed.missing, first=first, last=last, refetch=refetch
            )
        assets.append(history)
    market = align(
        assets,
        [histories[name] for name in sources.signals],
        cash_yield=histories[CASH_YIELD] if isinstance(cash, Feed) else cash,
        unit=unit,
        events=events,
        start=start,
        end=end,
        clock=clock,
    )
    first, last = market.bars[0], market.bars[-1]
    findings: list[Finding] = []
    for history in (*assets, *(histories[name] for name in sources.looked_at)):
        name = history.name
        findings += (*history.findings, *holes.get(name, ()))
        if name in sources.assets:
            findings += check_prices(history, start=first, end=last, holes_judged=name in holes)
        else:
            findings += check_signal(history, start=first, end=last)
        findings += [finding for finding in series.unreached if finding.series == name]
        if name in series.twins:
            findings += check_sources(histories[name], series.twins[name], start=first, end=last)
    findings += check_assets(tuple(assets), first=first, last=last, clock=clock)
    notes = tuple(dict.fromkeys(history.note for history in histories.values() if history.note))
    return Loaded(
        market=market,
        histories=(*histories.values(), *series.twins.values()),
        findings=tuple(findings),
        notes=notes,
    )


def _check_names(sources: Sources) -> None:
    """Raise on names and options that cannot be meant."""
    if not sources.assets:
        raise ConfigError("market: no assets; name at least one in [market.assets]")
    for name in sources.signals:
        if name in sources.assets:
            raise ConfigError(f"market: {name} is both an asset and a signal; give the signal another name")
    for name in (*sources.assets, *sources.signals):
        if name in (CASH_YIELD, "cash", "union"):
            raise ConfigError(f"market: no asset or signal can be called {name!r}; give it another name")
    for name, feed in sources.assets.items():
        for option, meaning in (("lag", "when a signal's value is known"), ("unit", "how a yield is quoted")):
            if option in feed.model_fields_set and feed.kind:
                raise ConfigError(f"{name}: {option} says {meaning}; an asset has none: leave it out")
