"""Exchange calendars: which days an exchange is open, and the moments its day begins and ends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.calendars.schedules import schedule
from raisecash.messages.spelling import suggest

ALWAYS = "24/7"
COMMON = (ALWAYS, "XNYS", "XTKS")  # known without importing the calendars, which takes most of a second
ONE_DAY = pd.Timedelta(days=1)


def check_calendar(name: str) -> str:
    """Return the name of a calendar, or raise ValueError with the nearest known one."""
    if name in COMMON:
        return name
    import exchange_calendars

    known = exchange_calendars.get_calendar_names(include_aliases=True)
    if name not in known:
        raise ValueError(
            f'must be "24/7" or an exchange by its code, such as "XNYS" or "XTKS"; {suggest(name, known)}'
        )
    return name


def sessions_between(calendar: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the session dates from one day to another, both included, as far as the calendar knows them.

    Notes
    -----
    Source: the package exchange_calendars. Its holidays begin in 1970 and some exchanges' later;
    sessions before that are not returned.
    """
    if calendar == ALWAYS:
        return pd.date_range(first.normalize(), last.normalize(), unit="us")
    days = schedule(calendar).days
    begin, stop = days.searchsorted(first.normalize()), days.searchsorted(last.normalize(), side="right")
    return days[begin:stop]


def is_covered(calendar: str, days: pd.DatetimeIndex) -> np.ndarray:
    """Return whether the calendar knows what kind of day each is: bool array of shape (n,)."""
    if calendar == ALWAYS:
        return np.ones(len(days), dtype=bool)
    known = schedule(calendar).days
    return np.asarray((days >= known[0]) & (days <= known[-1]))


def day_begins(calendar: str | None, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the moment of each day's open, in UTC without a zone; midnight where no session is known."""
    return _moments(calendar, days, "opens", days.normalize())


def day_ends(calendar: str | None, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the moment from which each day's close can be known, in UTC without a zone.

    The session's close, early ones included. The end of the UTC day for a series that trades around
    the clock, and where no session is known.
    """
    return _moments(calendar, days, "closes", days.normalize() + ONE_DAY)


def local_days(calendar: str, times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the exchange's own date of each moment given in UTC without a zone."""
    if calendar == ALWAYS:
        return times.normalize()
    local = times.tz_localize("UTC").tz_convert(schedule(calendar).zone)
    return local.tz_localize(None).normalize()


def _moments(
    calendar: str | None, days: pd.DatetimeIndex, which: str, otherwise: pd.DatetimeIndex
) -> pd.DatetimeIndex:
    if calendar is None or calendar == ALWAYS or not len(days):
        return otherwise
    known = schedule(calendar)
    row = known.days.get_indexer(days.normalize())
    moments = getattr(known, which).to_numpy()
    return pd.DatetimeIndex(np.where(row >= 0, moments[row], otherwise.to_numpy()))
