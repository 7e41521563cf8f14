"""The sessions of an exchange as exchange_calendars computes them, kept so that a run need not wait for it."""

from __future__ import annotations

import warnings
import zipfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from raisecash.files import cache_folder, written_whole

EARLIEST = pd.Timestamp("1970-01-01")  # the library's holidays begin here
AHEAD = pd.Timedelta(days=90)  # a kept schedule that ends sooner is computed again


class Schedule(NamedTuple):
    """An exchange's sessions: their dates, the moments they open and close in UTC, and its time zone."""

    days: pd.DatetimeIndex
    opens: pd.DatetimeIndex
    closes: pd.DatetimeIndex
    zone: str


@cache
def schedule(calendar: str) -> Schedule:
    """Return an exchange's sessions from 1970, or from when its records begin, to about a year ahead.

    The library takes a second to import and compute them. They are the same for every run with one
    version of it, so they are kept in the cache folder, under the version's name.
    """
    path = _path(calendar)
    kept = _read(path)
    if kept is not None and kept.days[-1] > pd.Timestamp.now() + AHEAD:
        return kept
    computed = _computed(calendar)
    _keep(path, computed)
    return computed


def _computed(calendar: str) -> Schedule:
    import exchange_calendars

    with warnings.catch_warnings():  # of pandas 4, about the library's inside; nothing here depends on it
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        name = exchange_calendars.resolve_alias(calendar)
        try:
            exchange = exchange_calendars.get_calendar(name, start=EARLIEST)
        except ValueError:  # the exchange's own records begin later
            bound = type(exchange_calendars.get_calendar(name)).bound_min()
            exchange = exchange_calendars.get_calendar(name, start=bound)
        opens, closes = (
            pd.DatetimeIndex(moments).tz_convert("UTC").tz_localize(None).as_unit("us")
            for moments in (exchange.opens, exchange.closes)
        )
        days = pd.DatetimeIndex(exchange.sessions.to_numpy()).as_unit("us")
        return Schedule(days, opens, closes, str(exchange.tz))


def _path(calendar: str) -> Path:
    library = version("exchange-calendars")
    return cache_folder() / "calendars" / f"{calendar.replace('/', '-')}-{library}.npz"


def _read(path: Path) -> Schedule | None:
    """Return a kept schedule; one that cannot be read counts as none."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            days, opens, closes = (
                pd.DatetimeIndex(kept[name].astype("datetime64[us]")) for name in Schedule._fields[:3]
            )
            found = Schedule(days, opens, closes, str(kept["zone"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    is_whole = 0 < len(found.days) == len(found.opens) == len(found.closes)
    return found if is_whole else None


def _keep(path: Path, computed: Schedule) -> None:
    """Write a schedule whole or not at all; a folder that cannot be written costs a second the next time."""
    moments = {name: getattr(computed, name).asi8 for name in Schedule._fields[:3]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            np.savez_compressed(file, zone=np.array(computed.zone), **moments)
    except OSError:
        return
