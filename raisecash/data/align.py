"""Histories of different markets on one clock, each value no earlier than it could be known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import infer_periods_per_year, is_daily
from raisecash.data.calendars.sessions import ALWAYS, is_covered, sessions_between
from raisecash.data.events import empty_events
from raisecash.data.history import History
from raisecash.data.market import Market
from raisecash.data.request import Unit
from raisecash.errors import ConfigError, DataError
from raisecash.messages.spelling import suggest
from raisecash.messages.words import stamp

FIELDS = ("open", "high", "low", "close", "volume")
LATE_END = pd.Timedelta(days=7)
ONE_DAY = pd.Timedelta(days=1)


def align(
    assets: Sequence[History],
    signals: Sequence[History] = (),
    *,
    cash_yield: float | History = 0.0,
    unit: Unit = "percent",
    events: pd.DataFrame | None = None,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    clock: str = "union",
) -> Market:
    """Return the market of some histories.

    Parameters
    ----------
    assets : sequence of History
        Prices, one history an asset, in column order.
    signals : sequence of History
        Values, delivered as quoted and seen from their date plus lag on.
    cash_yield : float or History
        Annual simple yield on cash: a fraction, or values quoted in `unit`.
    unit : {"percent", "fraction"}
        How the values of a `cash_yield` history are quoted.
    events : DataFrame, optional
        Dated events (`raisecash.data.events`).
    start, end : Timestamp, optional
        First and last day, both inclusive. Default: the first day every asset has a price, and the
        last on which each of them still has one.
    clock : str
        `"union"`: a bar at every time any asset has one. An asset's name: a bar a session of that
        asset, other assets' bars since its previous session aggregated onto it.

    Raises
    ------
    DataError
        When the window is empty or not covered, daily and intraday bars are mixed, or the cash
        yield is not known at the first bar.
    ConfigError
        When `clock` names no asset.
    """
    if not assets:
        raise ConfigError("market: no assets; name at least one in [market.assets]")
    names = [history.name for history in assets]
    if clock != "union" and clock not in names:
        raise ConfigError(
            f'market: clock must be "union" or an asset, got {clock!r}; {suggest(clock, names)}'
        )
    _check_bar_lengths(assets)
    first, last = window(assets, start, end)
    if clock == "union":
        keepers = list(assets)
        bars = reduce(_union, (_times(history, first, last) for history in assets))
        panels = [history.frame for history in assets]
    else:
        keepers = [history for history in assets if history.name == clock]
        sessions = pd.DatetimeIndex(keepers[0].frame.index)
        bars = _times(keepers[0], first, last)
        panels = [h.frame if h.name == clock else _aggregated(h.frame, sessions) for h in assets]
    if not len(bars):
        raise DataError(
            f"market: no bar between {stamp(first)} and {stamp(last)}; move start or end in [market]"
        )
    frames = _frames(panels, names, bars)
    if any("dividends" in panel.columns for panel in panels):
        frames["dividends"] = _dividends(panels, names, bars)
    for name, priced in zip(names, frames["close"].notna().any().tolist(), strict=True):
        if not priced:
            raise DataError(
                f"{name}: no bar between {stamp(bars[0])} and {stamp(bars[-1])}; move start or end, or leave it out"
            )
    daily = is_daily(bars)
    for signal in signals:
        seen = known_from(signal, daily=daily)[0]
        if seen > bars[-1]:
            raise DataError(
                f"{signal.name} ({signal.source}): its first value is known on {stamp(seen)}, after the last bar, "
                f"{stamp(bars[-1])}; move end, or leave the signal out"
            )
    return Market(
        **frames,
        signals=pd.DataFrame(
            {h.name: _known(h, bars, daily=daily) for h in signals}, index=bars, dtype=float
        ),
        events=empty_events() if events is None else events,
        cash_yield=_cash_yield(cash_yield, unit, bars, daily=daily),
        clock=clock,
        periods_per_year=max(infer_periods_per_year(pd.DatetimeIndex(h.frame.index)) for h in keepers),
    )


def known_from(history: History, *, daily: bool) -> pd.DatetimeIndex:
    """Return when each value of a signal can first be seen, ascending.

    A value dated d with a lag of L business days: d itself for L = 0, else L business days after d
    (counted from the Friday before when d is a weekend), and, where the series has an exchange's
    calendar, not before L of its sessions have passed: nothing is published on a holiday. On an intraday clock a dated value is part
    of no bar of that day and is seen from the next midnight on. A value stamped with a time of day
    is seen from that time on, on a daily clock therefore on the next day.
    """
    times = pd.DatetimeIndex(history.frame.index)
    if not history.lag:
        seen = times
    else:
        days = times.to_numpy().astype("datetime64[D]")
        later = np.busday_offset(days, history.lag, roll="backward")
        seen = _not_on_holidays(history, pd.DatetimeIndex(later.astype("datetime64[us]")))
        seen += times - times.normalize()
    return seen + ONE_DAY if not daily and is_daily(times) else seen


def _not_on_holidays(history: History, seen: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the days, those before `lag` sessions of the series' exchange have passed moved to the one that is."""
    times = pd.DatetimeIndex(history.frame.index)
    if history.calendar in (None, ALWAYS) or not len(times):
        return seen
    sessions = sessions_between(
        history.calendar, times[0], times[-1] + pd.Timedelta(days=30 + 3 * history.lag)
    )
    if not len(sessions):
        return seen
    row = sessions.searchsorted(times.normalize(), side="right") - 1 + history.lag
    known = is_covered(history.calendar, times.normalize()) & (row < len(sessions)) & (row >= history.lag)
    published = sessions[np.clip(row, 0, len(sessions) - 1)]
    return seen.where(~known | (seen >= published), published)


def _known(history: History, bars: pd.DatetimeIndex, *, daily: bool) -> np.ndarray:
    """Return the newest value that could be seen at each bar, NaN before the first."""
    seen = known_from(history, daily=daily)
    newest = seen.searchsorted(bars, side="right") - 1
    values = history.frame["value"].to_numpy(dtype=float)
    return np.where(newest >= 0, values[np.maximum(newest, 0)], np.nan)


def _cash_yield(cash: float | History, unit: Unit, bars: pd.DatetimeIndex, *, daily: bool) -> pd.Series:
    """Return the annual yield known at each bar, as a fraction."""
    if not isinstance(cash, History):
        if not -1 < cash < 1:
            raise ConfigError(f"cash_yield must be a fraction between -1 and 1 (0.04 is 4%), got {cash!r}")
        return pd.Series(float(cash), index=bars, name="cash_yield")
    values = _known(cash, bars, daily=daily) / (100.0 if unit == "percent" else 1.0)
    if np.isnan(values[0]):
        seen = known_from(cash, daily=daily)[0]
        raise DataError(
            f"{cash.name} ({cash.source}): cash_yield is not known at the first bar, {stamp(bars[0])}; it is known "
            f"from {stamp(seen)} on: set start = {seen.date()} or later"
        )
    extreme = np.abs(values) >= 1
    if extreme.any():
        row = int(extreme.argmax())
        raise DataError(
            f"{cash.name} ({cash.source}): a cash yield of {values[row]:.0%} on {stamp(bars[row])} with "
            f'unit = "{unit}" cannot be meant; set unit = "{"percent" if unit == "fraction" else "fraction"}" '
            "or correct the figure"
        )
    return pd.Series(values, index=bars, name="cash_yield")


def _check_bar_lengths(assets: Sequence[History]) -> None:
    """Raise when assets' bars cannot share a clock without one of them being seen before it ends."""
    daily = {h.name: is_daily(pd.DatetimeIndex(h.frame.index)) for h in assets}
    if len(set(daily.values())) > 1:
        day = next(name for name, yes in daily.items() if yes)
        hour = next(name for name, yes in daily.items() if not yes)
        raise DataError(
            f"market: {day} has daily bars and {hour} intraday ones; a daily bar on an intraday clock would be seen "
            "hours before it ends: use bars of one length"
        )
    if all(daily.values()):
        return
    lengths = {h.name: _bar_length(pd.DatetimeIndex(h.frame.index)) for h in assets if len(h.frame) > 1}
    if len(set(lengths.values())) > 1:
        spelled = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(
            f"market: intraday bars must have one length, got {spelled}; a longer bar would be seen before it ends"
        )


def _bar_length(times: pd.DatetimeIndex) -> pd.Timedelta:
    return pd.Timedelta(np.median(np.diff(times.as_unit("us").asi8)), unit="us")


def window(
    assets: Sequence[History], start: pd.Timestamp | None, end: pd.Timestamp | None
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last time a bar may have, of assets' histories and the window asked for.

    Raises
    ------
    DataError
        When nothing is left of the window, or an asset ends long before it does.
    """
    youngest = max(assets, key=lambda h: h.frame.index[0])
    earliest_end = min(assets, key=lambda h: h.frame.index[-1])
    first = pd.Timestamp(youngest.frame.index[0]) if start is None else start
    if end is None:
        last = pd.Timestamp(earliest_end.frame.index[-1])
    else:
        last = end + ONE_DAY - pd.Timedelta(microseconds=1) if end == end.normalize() else end
        if start is not None and start > end:
            raise DataError(f"market: start {stamp(start)} must not be after end {stamp(end)}")
        for history in assets:
            ends = pd.Timestamp(history.frame.index[-1])
            if end.normalize() > ends.normalize() + LATE_END:
                raise DataError(
                    f"{history.name}: its last bar is {stamp(ends)}, more than 7 days before end = {stamp(end)}; "
                    "move end, or refresh the series"
                )
    if first > last:
        if start is None and end is None:
            raise DataError(
                f"market: no day on which every asset has a price: {earliest_end.name} ends {stamp(last)}, "
                f"{youngest.name} starts {stamp(first)}"
            )
        raise DataError(
            f"market: nothing left of the window: it starts {stamp(first)} "
            f"({'start' if start is not None else youngest.name}) and ends {stamp(last)} "
            f"({'end' if end is not None else earliest_end.name})"
        )
    return first, last


def _union(one: pd.DatetimeIndex, other: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(one.union(other))


def _times(history: History, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return a history's times inside the window."""
    times = pd.DatetimeIndex(history.frame.index)
    return times[times.searchsorted(first) : times.searchsorted(last, side="right")]


def _aggregated(frame: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Return bars as one bar a session: those after the previous session up to this one.

    The first session has no previous one and takes only a bar of its own time; bars after the last
    session belong to none.
    """
    session = sessions.searchsorted(pd.DatetimeIndex(frame.index), side="left")
    own = (session > 0) | np.asarray(frame.index == sessions[0])
    kept = own & (session < len(sessions))
    frame, session = frame[kept], session[kept]
    if not len(frame):
        return frame
    begins = np.flatnonzero(np.r_[True, np.diff(session) > 0])
    ends = np.r_[begins[1:], len(session)] - 1
    volume = frame["volume"].to_numpy(dtype=float)
    known = np.add.reduceat(~np.isnan(volume), begins) > 0
    columns = {
        "open": frame["open"].to_numpy()[begins],
        "high": np.maximum.reduceat(frame["high"].to_numpy(), begins),
        "low": np.minimum.reduceat(frame["low"].to_numpy(), begins),
        "close": frame["close"].to_numpy()[ends],
        "volume": np.where(known, np.add.reduceat(np.nan_to_num(volume), begins), np.nan),
    }
    if "dividends" in frame.columns:
        columns["dividends"] = np.add.reduceat(frame["dividends"].to_numpy(dtype=float), begins)
    return pd.DataFrame(columns, index=sessions[session[begins]])


def _frames(
    panels: Sequence[pd.DataFrame], names: Sequence[str], bars: pd.DatetimeIndex
) -> dict[str, pd.DataFrame]:
    """Return one frame a field, NaN where an asset has no bar."""
    blocks = {field: np.full((len(bars), len(names)), np.nan) for field in FIELDS}
    for column, panel in enumerate(panels):
        times = pd.DatetimeIndex(panel.index)
        begin, stop = times.searchsorted(bars[0]), times.searchsorted(bars[-1], side="right")
        # Every bar its own, as with one asset: no row has to be looked up, which matters for a million of them.
        rows = slice(None) if stop - begin == len(bars) else bars.searchsorted(times[begin:stop])
        for field in FIELDS:
            blocks[field][rows, column] = panel[field].to_numpy(dtype=float)[begin:stop]
    return {
        field: pd.DataFrame(block, index=bars, columns=list(names), copy=False)
        for field, block in blocks.items()
    }


def _dividends(panels: Sequence[pd.DataFrame], names: Sequence[str], bars: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the money a share pays at each bar, 0 where a history has none."""
    block = np.zeros((len(bars), len(names)))
    for column, panel in enumerate(panels):
        if "dividends" in panel.columns:
            paid = panel["dividends"].reindex(bars)
            block[:, column] = np.nan_to_num(paid.to_numpy(dtype=float))
    return pd.DataFrame(block, index=bars, columns=list(names))
