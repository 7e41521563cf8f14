"""`data fetch`: every live series of a market brought into the cache, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from raisecash.data.feed import Feed, blamed
from raisecash.data.history import Finding
from raisecash.data.live import LiveFeed
from raisecash.data.reading import Sources
from raisecash.data.request import Request
from raisecash.errors import RaisecashError
from raisecash.messages.words import stamp

TellStep = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What became of one series.

    Attributes
    ----------
    name, source : str
        The series' name in the config, and its feed in two or three words.
    rows : int
        How many bars the cache holds now; 0 when it holds none.
    first, last : str
        Its first and last bar; empty when it holds none.
    findings : tuple of Finding
    problem : str
        Why the series is not as new as the vendor has it; empty when it is.
    exit_code : int
        0; 1 when the vendor's answer was refused; 2 when there was none.
    """

    name: str
    source: str
    rows: int = 0
    first: str = ""
    last: str = ""
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    exit_code: int = 0


def fetch_series(sources: Sources, request: Request, progress: TellStep) -> tuple[Fetched, ...]:
    """Bring every live series into the cache, second sources included, one after the other.

    Parameters
    ----------
    sources : Sources
        Files and the sample among them are left out.
    request : Request
        The market's window; as for a run, series are fetched from some time before it.
    progress : callable
        TellStep before each series what is asked, its number from 0 on, and how many there are.
    """
    jobs: list[tuple[str, LiveFeed, Request]] = []
    for name, feed in sources.feeds.items():
        earlier = request.reaching_back(is_asset=name in sources.assets)
        pairs: list[tuple[str, Feed | None]] = [(name, feed), (f"{name} (cross_check)", feed.cross_check)]
        jobs += [(word, each, earlier) for word, each in pairs if isinstance(each, LiveFeed)]
    done = []
    for number, (name, feed, asked) in enumerate(jobs):
        progress(f"{name}: asking {feed.describe()}", number, len(jobs))
        done.append(_fetched(name, feed, asked))
    return tuple(done)


def _fetched(name: str, feed: LiveFeed, request: Request) -> Fetched:
    """Return what became of one series; an error is part of it."""
    try:
        with blamed(name, feed):
            feed.prepare()
            bars, findings = feed.bars(name, request)
    except RaisecashError as error:
        return Fetched(name=name, source=feed.describe(), problem=str(error), exit_code=error.exit_code)
    failures = {"cached": 2, "not_cached": 2, "lost_rows": 1}
    failed = [finding for finding in findings if finding.kind in failures]
    times = pd.DatetimeIndex(bars.index)
    return Fetched(
        name=name,
        source=feed.describe(),
        rows=len(times),
        first=stamp(times[0]),
        last=stamp(times[-1]),
        findings=tuple(findings),
        problem="; ".join(finding.message for finding in failed),
        exit_code=max((failures[finding.kind] for finding in failed), default=0),
    )
