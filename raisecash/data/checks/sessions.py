"""A series against its exchange's calendar: sessions without a bar, bars without a session, days not over."""

from __future__ import annotations

from collections.abc import Sequence

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
from raisecash.data.history import Finding, History, Severity, found, stamp

SHOWN = 5  # days a message names before it only counts
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


def holes_found(
    history: History, times: pd.DatetimeIndex, severity: Severity = "warning", effect: str = "left closed"
) -> Finding | None:
    """Return the sessions of an exchange without a bar as a finding."""
    if history.calendar in (None, ALWAYS):
        return None
    absent = absent_sessions(history, times)
    if not len(absent):
        return None
    message = (
        f"{counted(absent, 'session')} of {history.calendar} without a value ({listed(absent)}): {effect}"
    )
    return found(history.name, "missing", severity, absent, message)


def closed_days(history: History, times: pd.DatetimeIndex, severity: Severity) -> Finding | None:
    """Return the bars on days on which the calendar says the exchange was closed."""
    if history.calendar in (None, ALWAYS) or not len(times):
        return None
    days = times if is_daily(times) else local_days(history.calendar, times).unique()
    sessions = sessions_between(history.calendar, days[0], days[-1])
    odd = days[is_covered(history.calendar, days)].difference(sessions)
    if not len(odd):
        return None
    message = f"{counted(odd, 'bar')} on days on which {history.calendar} is closed ({listed(odd)})"
    return found(history.name, "off_session", severity, odd, message)


def unfinished(history: History, times: pd.DatetimeIndex, now: pd.Timestamp | None) -> Finding | None:
    """Return whether the last bar's day was not over when it was read: its close is not the close yet."""
    if not len(times) or not is_daily(times):
        return None
    present = pd.Timestamp.now("UTC").tz_localize(None) if now is None else now
    if times[-1] + 2 * ONE_DAY < present:  # over everywhere, whatever the calendar: nothing to look up
        return None
    ends = day_ends(history.calendar, times[-1:])[0]
    if ends <= present:
        return None
    if times[-1] > present + ONE_DAY:
        message = f"the last bar is dated {stamp(times[-1])}, which is still to come"
        return found(history.name, "unfinished", "error", times[-1:], message)
    message = f"the last bar, {stamp(times[-1])}, ends at {ends} UTC and may still change"
    return found(history.name, "unfinished", "warning", times[-1:], message)


def ended_early(history: History, end: pd.Timestamp | None) -> Finding | None:
    """Return whether an asset's last bar comes sessions before the window ends: it keeps its last close."""
    last = pd.Timestamp(history.frame.index[-1]).normalize()
    if end is None or history.calendar is None or end.normalize() <= last:
        return None
    absent = sessions_between(history.calendar, last + ONE_DAY, end)
    if not len(absent):
        return None
    message = (
        f"its last bar is {stamp(last)}, {counted(absent, 'session')} before the window ends: closed from then on, "
        "valued at its last close"
    )
    return found(history.name, "ended", "warning", absent, message)


def overlaps(assets: Sequence[History], first: pd.Timestamp, last: pd.Timestamp) -> tuple[Finding, ...]:
    """Return the assets that open before another's bar of the day before has ended.

    A decision at the bars of day d is filled at the opens of day d + 1. It uses every close of day d,
    so it could not be made in time for an exchange that opens before the last of them.
    """
    if not all(is_daily(pd.DatetimeIndex(asset.frame.index)) for asset in assets):
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


def counted(times: pd.DatetimeIndex, thing: str) -> str:
    """Return how many: `1 session`, `3 sessions`."""
    return f"{len(times):,} {thing}{'' if len(times) == 1 else 's'}"


def listed(times: pd.DatetimeIndex) -> str:
    """Return the times, or the first of them when they are many."""
    shown = ", ".join(stamp(time) for time in times[:SHOWN])
    return shown if len(times) <= SHOWN else f"{shown}, ..."


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
