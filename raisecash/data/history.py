"""`History`: one series as its feed delivered it, and `Finding`: what a check saw in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

Severity = Literal["info", "warning", "error"]


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one: `1 bar`, `30 bars`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a data check saw: which series, what kind, from when to when, how often."""

    series: str
    kind: str
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
    kind: str,
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


def stamp(time: pd.Timestamp) -> str:
    """Return a time as people write it: the date alone at midnight."""
    return str(time.date()) if time == time.normalize() else str(time)
