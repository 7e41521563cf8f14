"""Every series of a market read from its source, and every second source: live ones all at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from raisecash.data.checks.cross_check import unchecked
from raisecash.data.feed import Feed, blamed
from raisecash.data.folder import folder_feed
from raisecash.data.history import Finding, History
from raisecash.data.request import Request
from raisecash.data.text.files import FileFeed
from raisecash.errors import DataError
from raisecash.messages.words import stamp

CASH_YIELD = "cash_yield"
Tell = Callable[[str], None]


class Sources(NamedTuple):
    """The feeds of one market, by series name."""

    assets: Mapping[str, Feed]
    signals: Mapping[str, Feed]
    cash_yield: float | Feed

    @property
    def looked_at(self) -> dict[str, Feed]:
        """The feeds of series that are only looked at: signals, and the cash yield if it is one."""
        cash = {CASH_YIELD: self.cash_yield} if isinstance(self.cash_yield, Feed) else {}
        return {**self.signals, **cash}

    @property
    def feeds(self) -> dict[str, Feed]:
        """Every feed by series name: assets, signals, cash yield."""
        return {**self.assets, **self.looked_at}


@dataclass(frozen=True, eq=False, kw_only=True)
class Series:
    """What was read: each series by its name, and each second source by the name of what it checks.

    Attributes
    ----------
    unreached : tuple of Finding
        Second sources that could not be read; the series themselves are none the worse for it.
    """

    histories: Mapping[str, History]
    twins: Mapping[str, History]
    unreached: tuple[Finding, ...] = ()


class _Job(NamedTuple):
    """One series to be read; `checks` names the series whose second source it is."""

    feed: Feed
    read: Callable[[], History]
    checks: str = ""


def read_series(sources: Sources, request: Request, folder: Path | None, progress: Tell) -> Series:
    """Return every series in config order: files one after the other, live ones all at once.

    A live series is read in a daemon thread. The first failure ends the reading, whatever the other
    threads still wait for; a second source that cannot be asked is no failure.

    Parameters
    ----------
    sources : Sources
    request : Request
        The market's window; series are read from some time before it.
    folder : Path, optional
        Looked in first for every series. A second source is looked up by its symbol alone.
    """
    # A string is news of a long download: `progress` is called from this thread only.
    answers: queue.SimpleQueue[tuple[str, History | BaseException | str]] = queue.SimpleQueue()
    request = replace(request, progress=lambda news: answers.put(("", news)))
    arrived: set[str] = set()
    jobs: dict[str, _Job] = {}
    unreached: list[Finding] = []
    for name, feed in sources.feeds.items():
        is_asset = name in sources.assets
        used = (folder and folder_feed(folder, name, feed)) or feed
        # The calendar and all else that is not in the figures is the config's, whatever file stands in.
        jobs[name] = _job(name, used, request, calendar=feed.known_calendar, is_asset=is_asset)
        twin = feed.cross_check
        if twin is None:
            continue
        stand_in = (folder and folder_feed(folder, "", twin)) or twin
        if isinstance(stand_in, FileFeed) and isinstance(used, FileFeed) and stand_in.path == used.path:
            unreached.append(unchecked(name, twin.describe(), f"both are the file {used.path.name}"))
            continue
        job = _job(
            f"{name} (cross_check)", stand_in, request, calendar=twin.known_calendar, is_asset=is_asset
        )
        jobs[f"{name} (cross_check)"] = job._replace(checks=name)
    done: dict[str, History] = {}

    def take(name: str, answer: History | BaseException) -> None:
        job = jobs[name]
        if isinstance(answer, History):
            done[name] = answer
            progress(_told(answer))
        elif job.checks and job.feed.is_live and isinstance(answer, DataError):
            unreached.append(unchecked(job.checks, job.feed.describe(), answer))
            progress(unreached[-1].message)
        else:
            raise answer

    for name, job in jobs.items():
        if not job.feed.is_live:
            take(name, _outcome(job.read))
    live = {name: job for name, job in jobs.items() if job.feed.is_live}
    for name, job in live.items():
        with blamed(name, job.feed):
            job.feed.prepare()
    for name, job in live.items():
        progress(f"{name}: asking {job.feed.describe()}")
        threading.Thread(
            target=lambda name=name, job=job: answers.put((name, _outcome(job.read))),
            daemon=True,
            name=f"feed {name}",
        ).start()
    while len(arrived) < len(live):
        name, answer = answers.get()
        if isinstance(answer, str):
            progress(answer)
        else:
            arrived.add(name)
            take(name, answer)
    order = list(jobs)
    return Series(
        histories={name: done[name] for name in order if not jobs[name].checks},
        twins={jobs[name].checks: done[name] for name in order if jobs[name].checks and name in done},
        unreached=tuple(sorted(unreached, key=lambda finding: order.index(finding.series))),
    )


def _job(name: str, feed: Feed, request: Request, *, calendar: str | None, is_asset: bool) -> _Job:
    """Return the reading of one series, from some time before the window on."""
    earlier = request.reaching_back(is_asset=is_asset)

    def read() -> History:
        with blamed(name, feed):
            history = feed.prices(name, earlier) if is_asset else feed.signal(name, earlier)
            if not isinstance(history, History):
                raise DataError(
                    f"{name}: feed {feed.kind!r} must return a History, got {type(history).__name__}; mend the feed"
                )
            return replace(history, calendar=calendar)

    return _Job(feed, read)


def _outcome(read: Callable[[], History]) -> History | BaseException:
    """Return what a reading gives, or the exception it ends in."""
    try:
        return read()
    except BaseException as error:  # noqa: BLE001  # raised in the calling thread
        return error


def _told(history: History) -> str:
    first, last = stamp(history.frame.index[0]), stamp(history.frame.index[-1])
    return f"{history.name}: {len(history.frame):,} rows, {first} to {last}, {history.source}"
