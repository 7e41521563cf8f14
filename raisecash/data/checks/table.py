"""The table of data checks, and running it: a new check is a function and its row here.

A check is a function of what it looks at (`raisecash.data.checks.subjects`) that returns what it found: a finding, several,
or None. Loading a market and `raisecash data inspect` run every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from raisecash.data.checks import cross_check, prices, sessions, signals, splits
from raisecash.data.checks.subjects import AllAssets, OneSeries, TwoSources
from raisecash.data.history import Finding, History, Kind

LooksAt = Literal["prices", "signals", "assets", "sources"]


@dataclass(frozen=True, kw_only=True)
class DataCheck:
    """One data check.

    Attributes
    ----------
    looks_at : {"prices", "signals", "assets", "sources"}
        An asset's bars or a signal's values (its function takes a `OneSeries`), all assets together
        (`AllAssets`), or a series beside its second source (`TwoSources`).
    function : callable
        Returns a finding, a sequence of them, or None.
    kinds : tuple of str
        The kinds of finding it can report.
    """

    looks_at: LooksAt
    function: Callable[[Any], Finding | tuple[Finding, ...] | None]
    kinds: tuple[Kind, ...]

    @property
    def name(self) -> str:
        """What the check is called."""
        return self.function.__name__


# In the order in which findings of a series are told.
CHECKS: tuple[DataCheck, ...] = (
    DataCheck(looks_at="prices", function=prices.late_start, kinds=("late_start",)),
    DataCheck(looks_at="prices", function=sessions.ended_early, kinds=("ended",)),
    DataCheck(looks_at="prices", function=sessions.sessions_left_out, kinds=("missing",)),
    DataCheck(looks_at="prices", function=prices.gaps, kinds=("gap",)),
    DataCheck(looks_at="prices", function=sessions.closed_days, kinds=("off_session",)),
    DataCheck(looks_at="prices", function=sessions.unfinished, kinds=("unfinished",)),
    DataCheck(looks_at="prices", function=prices.stale, kinds=("stale",)),
    DataCheck(looks_at="prices", function=prices.outliers, kinds=("outlier",)),
    DataCheck(looks_at="prices", function=splits.splits, kinds=("split",)),
    DataCheck(looks_at="prices", function=prices.unbracketed, kinds=("unbracketed",)),
    DataCheck(looks_at="prices", function=prices.zero_volume, kinds=("zero_volume",)),
    DataCheck(looks_at="signals", function=signals.unknown_at_first, kinds=("late_start",)),
    DataCheck(looks_at="signals", function=signals.silent, kinds=("ended",)),
    DataCheck(looks_at="signals", function=sessions.sessions_left_out, kinds=("missing",)),
    DataCheck(looks_at="signals", function=sessions.closed_days, kinds=("off_session",)),
    DataCheck(looks_at="signals", function=sessions.unfinished, kinds=("unfinished",)),
    DataCheck(looks_at="sources", function=cross_check.compared, kinds=("differs", "shifted", "unchecked")),
    DataCheck(looks_at="assets", function=sessions.overlaps, kinds=("overlap",)),
)


def check_prices(
    history: History,
    *,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    holes_judged: bool = False,
    now: pd.Timestamp | None = None,
) -> tuple[Finding, ...]:
    """Return what looks wrong in an asset's bars between two times, both inclusive.

    Parameters
    ----------
    history : History
    start, end : Timestamp, optional
        Default: all of it.
    holes_judged : bool
        Whether `raisecash.data.checks.holes` has already said what became of sessions without a bar.
    now : Timestamp, optional
        UTC without a zone; default the present.
    """
    series = OneSeries(history=history, start=start, end=end, holes_judged=holes_judged, now=now)
    return () if len(series.bars) < 2 else tuple(_found("prices", series))


def check_signal(
    history: History, *, start: pd.Timestamp, end: pd.Timestamp, now: pd.Timestamp | None = None
) -> tuple[Finding, ...]:
    """Return what looks wrong in a signal: late, silent before the window ends, or off its calendar."""
    return tuple(_found("signals", OneSeries(history=history, start=start, end=end, now=now)))


def check_sources(
    history: History, twin: History, *, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[Finding, ...]:
    """Return how far a series is from a second source of it, between the first and the last bar of a market."""
    return tuple(_found("sources", TwoSources(history=history, twin=twin, start=start, end=end)))


def check_assets(
    histories: tuple[History, ...], *, first: pd.Timestamp, last: pd.Timestamp, clock: str
) -> tuple[Finding, ...]:
    """Return what looks wrong between the assets of a market."""
    return tuple(_found("assets", AllAssets(histories=histories, first=first, last=last, clock=clock)))


def _found(looks_at: LooksAt, subject: OneSeries | AllAssets | TwoSources) -> Iterator[Finding]:
    """Yield what every check of one kind of subject finds, in the table's order."""
    for check in CHECKS:
        if check.looks_at == looks_at:
            seen = check.function(subject)
            yield from (seen,) if isinstance(seen, Finding) else seen or ()
