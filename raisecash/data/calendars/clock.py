"""What the bar times alone say: daily or intraday, and how many make a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

SATURDAY = 5
SEVEN_DAYS = 365  # day ends in a year of a clock on which every day of the week has a bar
DAY = 86_400_000_000  # microseconds
GLANCE = 100


def is_daily(bars: pd.DatetimeIndex) -> bool:
    """Return whether every bar is a session date and none carries a time of day."""
    times = bars.as_unit("us").asi8
    # Intraday bars mostly show it at once; the rest of a million need not be looked at.
    return not (times[:GLANCE] % DAY).any() and not (times % DAY).any()


def infer_periods_per_year(bars: pd.DatetimeIndex) -> int:
    """Return the day ends in a year of this clock.

    365 for a seven-day clock, 252 for exchange sessions, 52, 12, 4 or 1 for weekly to yearly bars.
    A clock counts as seven-day when more than one day in ten is a Saturday or Sunday: a few Sunday
    bars of a currency vendor do not make one.
    """
    days = bars.normalize().unique()
    if len(days) < 2:
        return SEVEN_DAYS if len(days) == 1 and days[0].day_of_week >= SATURDAY else 252
    gap = float(np.median(np.diff(days.to_numpy()).astype("timedelta64[D]").astype(float)))
    for longest_gap, periods in ((5, 0), (20, 52), (60, 12), (200, 4)):  # noqa: B007  # read after the loop
        if gap < longest_gap:
            break
    else:
        return 1
    if periods:
        return periods
    return SEVEN_DAYS if float(np.mean(days.day_of_week >= SATURDAY)) > 0.1 else 252


def next_sessions(bars: pd.DatetimeIndex, *, seven_days: bool) -> pd.DatetimeIndex:
    """Return the day after each bar on which its decision can first be traded: shape (n_bars,).

    Intraday bars trade again the same day. Weekdays count as sessions; holidays are not known here.
    """
    if not is_daily(bars):
        return bars.normalize()
    if seven_days:
        return bars + pd.Timedelta(days=1)
    days = np.busday_offset(bars.to_numpy().astype("datetime64[D]"), 1, roll="backward")
    return pd.DatetimeIndex(days.astype("datetime64[us]"))


def sessions_until(days: pd.DatetimeIndex, ends: pd.DatetimeIndex, *, seven_days: bool) -> np.ndarray:
    """Return how many sessions lie from each day (included) to its end (excluded): int array of shape (n,)."""
    first, last = (index.to_numpy().astype("datetime64[D]") for index in (days, ends))
    if seven_days:
        return np.asarray((last - first).astype(np.int64))
    return np.asarray(np.busday_count(first, last), dtype=np.int64)
