"""What looks wrong in a series that is only looked at: unknown when the window starts, silent before it ends."""

from __future__ import annotations

import numpy as np

from raisecash.data.checks.subjects import OneSeries
from raisecash.data.history import Finding, found
from raisecash.messages.words import stamp


def unknown_at_first(series: OneSeries) -> Finding | None:
    """Return whether a signal's first value comes after the window's first day."""
    times, start = series.all_times, series.start
    if start is None or times[0] <= start:
        return None
    message = f"the first value is of {stamp(times[0])}, the window starts {stamp(start)}: unknown until then"
    return found(series.name, "late_start", "warning", times[:1], message)


def silent(series: OneSeries) -> Finding | None:
    """Return whether a signal's last value is carried on for much longer than its values usually stand."""
    times, end = series.all_times, series.end
    if end is None:
        return None
    usual = np.median(np.diff(times.as_unit("us").asi8)) / 86_400e6 if len(times) > 1 else 1.0
    days = (end - times[-1]).days
    if days <= max(10, 3 * usual + series.history.lag):
        return None
    message = f"the last value, of {stamp(times[-1])}, is carried on for {days} days"
    return found(series.name, "ended", "warning", times[-1:], message)
