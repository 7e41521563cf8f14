"""Calendar days: elapsed time, and dates as an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from raisecash.data.panel import Times

DAYS_IN_YEAR = 365.25


def elapsed_years(days: Times) -> float:
    """Return the calendar time from the first day to the last, in years of 365.25 days."""
    return int((days[-1] - days[0]).astype(int)) / DAYS_IN_YEAR


def date_index(days: Times) -> pd.DatetimeIndex:
    """Return dates as an index, in the resolution that pandas reads dates with."""
    return pd.DatetimeIndex(days.astype("datetime64[us]"), name="day")
