"""`missing`: what becomes of sessions an asset has no bar for: an error, the last close carried, or closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import is_daily
from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.checks.sessions import absent_sessions
from raisecash.data.history import Finding, History, found
from raisecash.data.request import Missing
from raisecash.errors import DataError
from raisecash.messages.words import counted, stamp, stamps


def filled(
    history: History,
    missing: Missing,
    *,
    first: pd.Timestamp,
    last: pd.Timestamp,
    refetch: str = "complete the file",
) -> tuple[History, tuple[Finding, ...]]:
    """Return an asset's history with its holes treated as `missing` says, and a finding that says so.

    Parameters
    ----------
    history : History
        With a calendar; without one there is nothing to miss.
    missing : {"error", "carry", "drop"}
        Raise, repeat the last close as a flat bar with volume 0, or leave the session closed.
    first, last : Timestamp
        The market's window: holes outside it do not matter.
    refetch : str
        The way out that repairs the source.

    Raises
    ------
    DataError
        When a session is missing and `missing` is "error"; names the sessions.
    """
    times = pd.DatetimeIndex(history.frame.index)
    inside = times[
        max(0, times.searchsorted(first, side="right") - 1) : times.searchsorted(last, side="right")
    ]
    absent = absent_sessions(history, inside)
    absent = absent[absent >= first.normalize()]
    if not len(absent):
        return history, ()
    always = history.calendar == ALWAYS
    thing = "session" if not always else "day" if is_daily(times) else "bar"
    what = counted(len(absent), thing)
    if missing == "error":
        where = (
            f"on {stamp(absent[0])}"
            if len(absent) == 1
            else f"between {stamp(absent[0])} and {stamp(absent[-1])} ({stamps(absent)})"
        )
        raise DataError(
            f"{history.name}: {what} of {history.calendar} missing {where}; "
            f'{refetch}, or set missing = "carry" (or "drop")'
        )
    if missing == "drop" or not (always or is_daily(times)):
        effect = "left closed" + ("" if missing == "drop" else ": intraday sessions cannot be carried")
        kept = history
    else:
        effect = "the last close is carried, as a flat bar without volume"
        kept = replace(history, frame=_carried(history.frame, absent))
    message = f"{what} of {history.calendar} without a bar ({stamps(absent)}): {effect}"
    return kept, (found(history.name, "missing", "warning", absent, message),)


def _carried(frame: pd.DataFrame, absent: pd.DatetimeIndex) -> pd.DataFrame:
    """Return bars with a flat one at each absent time."""
    times = pd.DatetimeIndex(frame.index)
    before = times.searchsorted(absent) - 1
    close = frame["close"].to_numpy(dtype=float)[before]
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    flat |= {column: np.zeros(len(absent)) for column in ("volume", "dividends") if column in frame.columns}
    more = pd.DataFrame(flat, index=absent)[list(frame.columns)]
    return pd.concat([frame, more]).sort_index()
