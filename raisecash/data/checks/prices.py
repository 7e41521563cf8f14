"""What looks wrong in a series that obeys every rule: holes, stale runs, outliers, splits, odd bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import SEVEN_DAYS, infer_periods_per_year, is_daily
from raisecash.data.checks.subjects import OneSeries
from raisecash.data.history import Finding, found
from raisecash.messages.words import counted, stamp

STALE_BARS = 5
LONGEST_CLOSURE = 5  # calendar days without a session that holidays can explain
OUTLIER_MOVE = 0.25
OUTLIER_SIGMAS = 12.0


def late_start(series: OneSeries) -> Finding | None:
    """Return whether an asset's first bar comes more than a week after the window's first day."""
    times, start = series.times, series.start
    if start is None or (times[0] - start).days <= 7:
        return None
    message = f"the first bar is {stamp(times[0])}, the window starts {stamp(start)}: nothing can be held until then"
    return found(series.name, "late_start", "warning", times[:1], message)


def gaps(series: OneSeries) -> Finding | None:
    """Return the days without a bar of a series that follows no exchange's sessions.

    Of one with seven days a week, any absent bar; of others, more calendar days apart than holidays
    explain.
    """
    if series.by_sessions or (series.holes_judged and series.history.calendar):
        return None
    all_times, times = series.all_times, series.times
    apart = np.diff(times.as_unit("us").asi8)
    day = 86_400_000_000
    seven_day = infer_periods_per_year(all_times) == SEVEN_DAYS
    if seven_day:
        usual = day if is_daily(times) else int(np.median(apart))
        holes = np.flatnonzero(apart > usual)
        absent = int((apart[holes] // usual - 1).sum())
        what = f"{counted(absent, 'day' if usual == day else 'bar')} without a bar"
    elif infer_periods_per_year(all_times) == 252:
        holes = np.flatnonzero(np.diff(times.normalize().as_unit("us").asi8) > LONGEST_CLOSURE * day)
        absent = len(holes)
        what = f"{counted(absent, 'gap')} of more than {LONGEST_CLOSURE} calendar days"
    else:
        return None
    if not len(holes):
        return None
    widest = holes[np.argmax(apart[holes])]
    message = f"{what}; the widest lies between {stamp(times[widest])} and {stamp(times[widest + 1])}"
    edges = times[[holes[0], holes[-1] + 1]]
    return found(series.name, "gap", "warning", edges, message, count=absent)


def stale(series: OneSeries) -> Finding | None:
    """Return the bars whose close is that of the bars around them, for five bars or more."""
    bars = series.bars
    close = bars["close"].to_numpy(dtype=float)
    run = np.cumsum(np.r_[True, close[1:] != close[:-1]])
    lengths = np.bincount(run)[run]
    repeats = lengths >= STALE_BARS
    if not repeats.any():
        return None
    times = pd.DatetimeIndex(bars.index)[repeats]
    message = f"the close repeats itself for {STALE_BARS} bars or more, {int(lengths.max())} at most"
    return found(series.name, "stale", "warning", times, message)


def outliers(series: OneSeries) -> Finding | None:
    """Return the moves from close to close that are far beyond what is usual for the series."""
    bars = series.bars
    close = bars["close"].to_numpy(dtype=float)
    log_returns = np.diff(np.log(close))
    sigma = 1.4826 * float(np.median(np.abs(log_returns - np.median(log_returns))))
    wild = (np.abs(log_returns) > OUTLIER_SIGMAS * sigma) & (np.abs(np.expm1(log_returns)) > OUTLIER_MOVE)
    if not wild.any():
        return None
    times = pd.DatetimeIndex(bars.index)[1:]
    widest = int(np.argmax(np.where(wild, np.abs(log_returns), 0.0)))
    message = (
        f"{counted(int(wild.sum()), 'move')} above {OUTLIER_MOVE:.0%} and {OUTLIER_SIGMAS:g} robust standard deviations; "
        f"the widest is {np.expm1(log_returns[widest]):+.1%} on {stamp(times[widest])}"
    )
    return found(series.name, "outlier", "warning", times[wild], message)


def unbracketed(series: OneSeries) -> Finding | None:
    """Return the bars whose high or low lies inside open and close."""
    bars = series.bars
    body = bars[["open", "close"]].to_numpy(dtype=float)
    outside = (body.max(axis=1) > bars["high"].to_numpy()) | (body.min(axis=1) < bars["low"].to_numpy())
    if not outside.any():
        return None
    message = f"{counted(int(outside.sum()), 'bar')} whose high and low do not enclose open and close; figures are left as they are"
    return found(series.name, "unbracketed", "warning", pd.DatetimeIndex(bars.index)[outside], message)


def zero_volume(series: OneSeries) -> Finding | None:
    """Return the bars without volume in a series that has some."""
    bars = series.bars
    volume = bars["volume"].to_numpy(dtype=float)
    none = volume == 0
    if not none.any() or not (volume > 0).any():
        return None
    message = f"{counted(int(none.sum()), 'bar')} without volume"
    return found(series.name, "zero_volume", "info", pd.DatetimeIndex(bars.index)[none], message)
