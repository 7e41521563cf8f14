"""A series against its exchange's calendar: sessions without a bar, bars without a session, days not over."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import is_daily
from raisecash.data.calendars.sessions import (
    ALWAYS,
    day_begins,
    day_ends,
    is_covered,
    local_days,
    sessions_between,
)
from raisecash.data.checks.subjects import AllAssets, OneSeries
from raisecash.data.history import Finding, History, found
from raisecash.messages.words import counted, stamp, stamps

UNION = "union"  # the clock that has every bar of every asset
ONE_DAY = pd.Timedelta(days=1)


def absent_sessions(history: History, times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the sessions without a bar from the first of these times to the last; none without a calendar.

    For a market that never closes these are the absent bars themselves, at the bars' own distance.
    """
    nothing = times[:0]
    if history.calendar is None or len(times) < 2:
        return nothing
    if history.calendar == ALWAYS:
        return _absent_steps(times)
    days = times if is_daily(times) else local_days(history.calendar, times).unique()
    return pd.DatetimeIndex(sessions_between(history.calendar, days[0], days[-1]).difference(days))


def sessions_left_out(series: OneSeries) -> Finding | None:
    """Return the sessions of an exchange without a value, unless somebody has judged them already."""
    if not series.by_sessions or series.holes_judged:
        return None
    calendar = series.history.calendar
    absent = absent_sessions(series.history, series.times)
    if not len(absent):
        return None
    effect = "left closed" if series.has_prices else "the value before stands"
    message = f"{counted(len(absent), 'session')} of {calendar} without a value ({stamps(absent)}): {effect}"
    return found(series.name, "missing", series.usual_severity, absent, message)


def closed_days(series: OneSeries) -> Finding | None:
    """Return the bars on days on which the calendar says the exchange was closed."""
    calendar, times = series.history.calendar, series.times
    if calendar in (None, ALWAYS) or not len(times):
        return None
    days = times if is_daily(times) else local_days(calendar, times).unique()
    sessions = sessions_between(calendar, days[0], days[-1])
    odd = days[is_covered(calendar, days)].difference(sessions)
    if not len(odd):
        return None
    message = f"{counted(len(odd), 'bar')} on days on which {calendar} is closed ({stamps(odd)})"
    return found(series.name, "off_session", series.usual_severity, odd, message)


def unfinished(series: OneSeries) -> Finding | None:
    """Return whether the last bar's day was not over when it was read: its close is not the close yet."""
    times = series.times
    if not len(times) or not is_daily(times):
        return None
    present = pd.Timestamp.now("UTC").tz_localize(None) if series.now is None else series.now
    if times[-1] + 2 * ONE_DAY < present:  # over everywhere, whatever the calendar: nothing to look up
        return None
    ends = day_ends(series.history.calendar, times[-1:])[0]
    if ends <= present:
        return None
    if times[-1] > present + ONE_DAY:
        message = f"the last bar is dated {stamp(times[-1])}, which is still to come"
        return found(series.name, "unfinished", "error", times[-1:], message)
    message = f"the last bar, {stamp(times[-1])}, ends at {ends} UTC and may still change"
    return found(series.name, "unfinished", "warning", times[-1:], message)


def ended_early(series: OneSeries) -> Finding | None:
    """Return whether an asset's last bar comes sessions before the window ends: it keeps its last close."""
    last, end, calendar = series.all_times[-1].normalize(), series.end, series.history.calendar
    if end is None or calendar is None or end.normalize() <= last:
        return None
    absent = sessions_between(calendar, last + ONE_DAY, end)
    if not len(absent):
        return None
    message = (
        f"its last bar is {stamp(last)}, {counted(len(absent), 'session')} before the window ends: closed from then "
        "on, valued at its last close"
    )
    return found(series.name, "ended", "warning", absent, message)


def overlaps(together: AllAssets) -> tuple[Finding, ...]:
    """Return the assets, where each bar of theirs is one of the market's, that open before another's bar has ended.

    A decision at the bars of day d is filled at the opens of day d + 1. It uses every close of day d,
    so it could not be made in time for an exchange that opens before the last of them.
    """
    assets, first, last = together.histories, together.first, together.last
    if together.clock != UNION or not all(is_daily(pd.DatetimeIndex(each.frame.index)) for each in assets):
        return ()
    days = pd.date_range(first, last, unit="us")
    latest = {asset.name: day_ends(asset.calendar, days) for asset in assets if asset.calendar}
    seen = []
    for asset in assets:
        if asset.calendar in (None, ALWAYS) or len(latest) < 2:
            continue
        sessions = sessions_between(asset.calendar, first, last)
        opens = day_begins(asset.calendar, sessions)
        for other, ends in latest.items():
            before = days.get_indexer(sessions - ONE_DAY)
            early = (before >= 0) & (opens < ends[before])
            if other != asset.name and early.any():
                hours = (ends[before] - opens)[early].max() / pd.Timedelta(hours=1)
                message = (
                    f"{asset.calendar} opens up to {hours:g} hours before {other}'s bar of the day before ends: "
                    f'a decision that looks at {other} is filled too early; set clock = "{asset.name}" or use one of them'
                )
                seen.append(found(asset.name, "overlap", "warning", sessions[early], message))
    return tuple(seen)


def _absent_steps(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the regular bar times that are not there; none where bars do not lie on a regular grid."""
    moments = times.as_unit("us").asi8
    step = 86_400_000_000 if is_daily(times) else int(np.median(np.diff(moments)))
    place, rest = np.divmod(moments - moments[0], step)
    if rest.any() or int(place[-1]) + 1 == len(moments):
        return times[:0]
    there = np.zeros(int(place[-1]) + 1, dtype=bool)
    there[place] = True
    absent = moments[0] + step * np.flatnonzero(~there)
    return pd.DatetimeIndex(absent.astype("datetime64[us]"))
