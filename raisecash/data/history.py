"""`History`: one series as its feed delivered it, and `Finding`: what a check saw in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from raisecash.messages.words import stamp

Severity = Literal["info", "warning", "error"]


# Every kind of finding there is; the page, `summary.json` and gates use these words.
Kind = Literal[
    "missing",  # bars without a price, or sessions without a bar: carried or left out as the config says
    "off_session",  # bars on days on which the series' exchange is closed
    "unfinished",  # the last bar may still change: its day is not over
    "overlap",  # an exchange opens before another asset's bar of the day before has ended
    "cached",  # the vendor could not be asked; its last answer is used
    "not_cached",  # the vendor's answer could not be kept for later
    "unreadable",  # what was kept of the vendor's answers could not be read and was moved aside
    "restated",  # the vendor changed values it had given before
    "rescaled",  # the vendor lists a split, and every earlier price was multiplied by its ratio
    "lost_rows",  # an answer without bars the vendor had given before was refused
    "fallback",  # another exchange, named in the config, stood in
    "late_start",  # the series starts after the day asked for
    "ended",  # the series stops before the window does; its last value is carried on
    "gap",  # days without a bar
    "stale",  # the close does not change for five bars or more
    "outlier",  # a move above 25 % and above 12 robust standard deviations
    "split",  # an overnight move close to the ratio of a share split that stays
    "unbracketed",  # high or low does not enclose open and close
    "zero_volume",  # bars without volume in a series that has some
    "uncredited",  # dividends in the file are not paid out, because its prices may be adjusted for them
    "differs",  # how far the closes are from those of the second source
    "shifted",  # a stretch that matches the second source better one bar earlier or later
    "unchecked",  # the second source could not be compared with
]
FINDING_KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a data check saw: which series, what kind, from when to when, how often."""

    series: str
    kind: Kind
    severity: Severity
    first: str | None
    last: str | None
    count: int
    message: str


@dataclass(frozen=True, eq=False, kw_only=True)
class History:
    """One series as its feed delivered it, before alignment.

    Attributes
    ----------
    name : str
        The series' name in the config.
    frame : DataFrame
        Prices: columns open, high, low, close, volume, and dividends (money a share, on the ex-date)
        where they are to be credited. A signal: one column, value. Indexed by tz-naive times,
        ascending and unique: session dates for daily bars, UTC for intraday ones.
    source : str
        One phrase for people: whose figures these are ("Yahoo Finance SPY, adjusted for dividends").
    note : str
        A sentence every page made from this series must carry; empty when there is none.
    lag : int
        Business days after its date on which a value was published (signals).
    findings : tuple of Finding
        What was seen while reading it.
    calendar : str, optional
        Whose sessions the dates are: an exchange's code, or `24/7` for UTC days. With it,
        `raisecash.data.calendars.sessions` gives the moment each day begins and ends. None where it is not known.
    """

    name: str
    frame: pd.DataFrame
    source: str
    note: str = ""
    lag: int = 0
    findings: tuple[Finding, ...] = ()
    calendar: str | None = None

    @cached_property
    def sha256(self) -> str:
        """Hash of times, column names and values: equal when the figures are equal."""
        digest = hashlib.sha256()
        digest.update(pd.DatetimeIndex(self.frame.index).as_unit("us").asi8.tobytes())
        for column in self.frame.columns:
            digest.update(str(column).encode())
            digest.update(np.ascontiguousarray(self.frame[column].to_numpy(dtype="<f8")).tobytes())
        return digest.hexdigest()


def found(
    series: str,
    kind: Kind,
    severity: Severity,
    times: pd.DatetimeIndex,
    message: str,
    *,
    count: int | None = None,
) -> Finding:
    """Return the finding of one kind at some ascending times; as many as there are of them unless told."""
    return Finding(
        series=series,
        kind=kind,
        severity=severity,
        first=stamp(times[0]) if len(times) else None,
        last=stamp(times[-1]) if len(times) else None,
        count=len(times) if count is None else count,
        message=f"{series}: {message}",
    )
