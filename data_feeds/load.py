"""From feeds to a market: every series fetched, checked and aligned, or all of them from a fallback."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from data_feeds.align import align
from data_feeds.checks import check_prices, check_signal
from data_feeds.errors import ConfigError, DataError, NetworkError
from data_feeds.events import load_events
from data_feeds.feed import Feed, Request, Unit
from data_feeds.folder import check_folder, folder_feed
from data_feeds.history import Finding, History
from data_feeds.market import Market
from data_feeds.validate import stamp

CASH_YIELD = "cash_yield"
ASSET_RUN_UP = pd.Timedelta(days=10)  # a bar aggregated onto the first session reaches back to the one before
SIGNAL_RUN_UP = pd.Timedelta(days=400)  # a value published long before the first bar is still the newest one
Progress = Callable[[str], None]


class Sources(NamedTuple):
    """The feeds of one market, by series name."""

    assets: Mapping[str, Feed]
    signals: Mapping[str, Feed]
    cash_yield: float | Feed


@dataclass(frozen=True, eq=False, kw_only=True)
class Loaded:
    """A market and where it came from.

    Attributes
    ----------
    market : Market
    histories : tuple of History
        Every series as delivered: assets, then signals, then the cash yield if it is one.
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


def load_market(
    assets: Mapping[str, Feed],
    signals: Mapping[str, Feed] | None = None,
    *,
    cash_yield: float | Feed = 0.0,
    events: Path | None = None,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    clock: str = "union",
    data_dir: Path | None = None,
    offline: bool = False,
    progress: Progress = lambda _: None,
    fallback: Sources | None = None,
    deadline: float = 20.0,
) -> Loaded:
    """Return the market these feeds describe.

    Parameters
    ----------
    assets, signals, cash_yield
        The feeds, by name; the cash yield may be a number, as a fraction.
    events : Path, optional
        A catalogue of dated events.
    start, end, clock
        The window and the clock, as in `align`.
    data_dir : Path, optional
        A folder of files that is looked in first for every series.
    offline : bool
        Never touch the network: live feeds answer from the cache.
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
    wanted = Sources(assets, signals or {}, cash_yield)
    _check_names(wanted)
    catalogue = None if events is None else load_events(events)
    if data_dir is not None:
        check_folder(data_dir)
    request = Request(start=start, end=end, offline=offline, deadline=deadline)
    try:
        histories = _read(_from_folder(wanted, data_dir), request, progress)
    except NetworkError as error:
        if fallback is None:
            raise
        return _load_fallback(error, wanted, fallback, request, catalogue, clock, progress)
    return _finish(histories, wanted, catalogue, start, end, clock)


def _load_fallback(
    error: NetworkError,
    wanted: Sources,
    fallback: Sources,
    request: Request,
    events: pd.DataFrame | None,
    clock: str,
    progress: Progress,
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
    histories = _read(ordered, request, progress)
    end = request.end
    shortest = min((histories[name] for name in wanted.assets), key=lambda h: h.frame.index[-1])
    last = pd.Timestamp(shortest.frame.index[-1])
    if end is not None and end > last:
        notes.append(f"The window ends {stamp(last)}, with the fallback's {shortest.name}, not {stamp(end)}.")
        end = None
        progress(notes[1])
    try:
        loaded = _finish(histories, ordered, events, request.start, end, clock)
    except DataError as problem:
        raise DataError(f"{error}; and the offline fallback cannot stand in: {problem}") from error
    return Loaded(
        market=loaded.market,
        histories=loaded.histories,
        findings=loaded.findings,
        notes=(*notes, *loaded.notes),
        is_fallback=True,
    )


def _finish(
    histories: Mapping[str, History],
    sources: Sources,
    events: pd.DataFrame | None,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    clock: str,
) -> Loaded:
    """Return the aligned and checked market of some histories."""
    cash = sources.cash_yield
    unit: Unit = cash.unit if isinstance(cash, Feed) else "percent"
    assets = [histories[name] for name in sources.assets]
    signals = [histories[name] for name in sources.signals]
    market = align(
        assets,
        signals,
        cash_yield=histories[CASH_YIELD] if isinstance(cash, Feed) else cash,
        unit=unit,
        events=events,
        start=start,
        end=end,
        clock=clock,
    )
    first, last = market.bars[0], market.bars[-1]
    findings: list[Finding] = []
    for name, history in histories.items():
        findings += history.findings
        check = check_prices if name in sources.assets else check_signal
        findings += check(history, start=first, end=last)
    notes = tuple(dict.fromkeys(history.note for history in histories.values() if history.note))
    return Loaded(market=market, histories=tuple(histories.values()), findings=tuple(findings), notes=notes)


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


def _from_folder(sources: Sources, folder: Path | None) -> Sources:
    """Return the feeds with those that the folder has replaced by its files."""
    if folder is None:
        return sources

    def look(name: str, feed: Feed) -> Feed:
        return folder_feed(folder, name, feed) or feed

    cash = sources.cash_yield
    return Sources(
        {name: look(name, feed) for name, feed in sources.assets.items()},
        {name: look(name, feed) for name, feed in sources.signals.items()},
        look(CASH_YIELD, cash) if isinstance(cash, Feed) else cash,
    )


def _read(sources: Sources, request: Request, progress: Progress) -> dict[str, History]:
    """Return every series in config order: files one after the other, live ones all at once.

    A live series is read in a daemon thread. The first failure ends the reading, whatever the other
    threads still wait for.
    """

    def run_up(days: pd.Timedelta) -> Request:
        start = None if request.start is None else request.start - days
        return Request(start=start, end=request.end, offline=request.offline, deadline=request.deadline)

    for_assets, for_signals = run_up(ASSET_RUN_UP), run_up(SIGNAL_RUN_UP)
    work: dict[str, tuple[Feed, Callable[[], History]]] = {}
    for name, feed in sources.assets.items():
        work[name] = (feed, lambda name=name, feed=feed: feed.prices(name, for_assets))  # type: ignore[misc]
    signals = dict(sources.signals)
    if isinstance(sources.cash_yield, Feed):
        signals[CASH_YIELD] = sources.cash_yield
    for name, feed in signals.items():
        work[name] = (feed, lambda name=name, feed=feed: feed.signal(name, for_signals))  # type: ignore[misc]

    done: dict[str, History] = {}
    for name, (feed, read) in work.items():
        if not feed.is_live:
            done[name] = read()
            progress(_told(done[name]))
    answers: queue.SimpleQueue[tuple[str, History | BaseException]] = queue.SimpleQueue()

    def answer(name: str, read: Callable[[], History]) -> None:
        try:
            answers.put((name, read()))
        except BaseException as error:  # noqa: BLE001  # raised in the calling thread
            answers.put((name, error))

    live = {name: read for name, (feed, read) in work.items() if feed.is_live}
    for name in live:
        work[name][0].prepare()
    for name, read in live.items():
        progress(f"{name}: asking {work[name][0].describe()}")
        threading.Thread(target=answer, args=(name, read), daemon=True, name=f"feed {name}").start()
    for _ in live:
        name, result = answers.get()
        if isinstance(result, BaseException):
            raise result
        done[name] = result
        progress(_told(result))
    return {name: done[name] for name in work}


def _told(history: History) -> str:
    first, last = stamp(history.frame.index[0]), stamp(history.frame.index[-1])
    return f"{history.name}: {len(history.frame):,} rows, {first} to {last}, {history.source}"
