"""`cross_check`: a series held against a second source of it, day by day and a bar earlier and later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import is_daily
from raisecash.data.checks.shift import SHORTEST, Stretch, shifted_stretches
from raisecash.data.checks.subjects import TwoSources
from raisecash.data.history import Finding, History, Severity, found
from raisecash.messages.words import stamp

# Relative differences of closes: two honest sources of one price differ by less than the first.
NOTICED, STRIKING, ANOTHER = 0.005, 0.05, 0.05
YIELD_NOTICED, YIELD_ANOTHER = 0.5, 5.0  # median difference of values, in their usual moves from day to day
SAME_MOVES = 0.1  # median difference of the moves, in usual moves: levels apart, but one series


def compared(sources: TwoSources) -> tuple[Finding, ...]:
    """Return how far a series is from its twin inside a window, and the stretches shifted against it.

    Both are compared at day ends, in UTC for intraday bars: prices by their relative difference,
    values as quoted. A shifted stretch is reported whole when a part of it lies in the window.
    """
    history, twin, start, end = sources.history, sources.twin, sources.start, sources.end
    own, other = day_closes(history), day_closes(twin)
    are_prices = "close" in history.frame.columns
    days = pd.DatetimeIndex(own.index.intersection(other.index))
    inside = days[(days >= start.normalize()) & (days <= end)]
    if len(inside) < SHORTEST:
        message = (
            f"cross_check with {twin.source}: {len(inside)} days in common between {stamp(start)} and {stamp(end)}; "
            f"{SHORTEST} are needed to compare"
        )
        return (found(history.name, "unchecked", "warning", inside, message),)
    levels, twin_levels = (np.log(own), np.log(other)) if are_prices else (own, other)
    stretches = [
        stretch
        for stretch in shifted_stretches(levels, twin_levels)
        if stretch.first <= end and stretch.last >= start.normalize()
    ]
    measured = _prices_differ if are_prices else _values_differ
    severity, said = measured(own.loc[inside], other.loc[inside])
    message = f"against {twin.source}, {len(inside):,} days: {said}"
    return (
        *(_shifted(history.name, own, twin, stretch, are_prices=are_prices) for stretch in stretches),
        found(history.name, "differs", severity, inside, message),
    )


def unchecked(name: str, what: str, reason: object) -> Finding:
    """Return the finding that a second source could not be compared with."""
    return found(
        name, "unchecked", "warning", pd.DatetimeIndex([]), f"cross_check with {what}: {reason}", count=1
    )


def day_closes(history: History) -> pd.Series:
    """Return a history's last close, or value, of each day; without a last day that is not complete."""
    column = "close" if "close" in history.frame.columns else "value"
    series = history.frame[column].astype(float)
    times = pd.DatetimeIndex(series.index)
    if is_daily(times):
        return series
    days = times.normalize()
    last = np.r_[days[1:] != days[:-1], True]
    into_day = (times.as_unit("us").asi8 - days.as_unit("us").asi8)[last]
    if len(into_day) > 1 and into_day[-1] < np.median(into_day[:-1]):
        last[-1] = False
    return pd.Series(series.to_numpy()[last], index=days[last])


def _shifted(name: str, own: pd.Series, twin: History, stretch: Stretch, *, are_prices: bool) -> Finding:
    """Return a stretch that matches the twin a bar away as a finding."""
    bars = pd.DatetimeIndex(own.loc[stretch.first : stretch.last].index)
    apart = [f"{abs(d):.2%}" if are_prices else f"{d:.4g}" for d in (stretch.as_dated, stretch.moved)]
    meaning = (
        "dated one bar too early, so a backtest knows each of them a bar before it happened"
        if stretch.lag > 0
        else "dated one bar too late"
    )
    message = (
        f"from {stamp(bars[0])} to {stamp(bars[-1])} its {len(bars):,} values match {twin.source} one bar "
        f"{'later' if stretch.lag > 0 else 'earlier'} (median difference {apart[1]}, as dated {apart[0]}): {meaning}, "
        "unless it is the second source that is shifted; replace the file, or end before the stretch"
    )
    return found(name, "shifted", "error", bars, message)


def _prices_differ(own: pd.Series, other: pd.Series) -> tuple[Severity, str]:
    """Return how closes differ, as fractions of the second source's, and how grave that is."""
    apart = (own / other - 1).abs()
    median, worst = float(apart.median()), float(apart.max())
    row = int(apart.to_numpy().argmax())
    said = (
        f"closes differ by {median:.3%} in the median and {worst:.2%} at most, on {stamp(apart.index[row])} "
        f"({own.iloc[row]:,.6g} against {other.iloc[row]:,.6g})"
    )
    if median > ANOTHER:
        if _same_moves(np.log(own), np.log(other)):
            return (
                "warning",
                f"{said}; their moves agree, as with another unit or prices adjusted differently",
            )
        return "error", f"{said}; this is not the same series"
    return ("warning" if median > NOTICED or worst > STRIKING else "info"), said


def _values_differ(own: pd.Series, other: pd.Series) -> tuple[Severity, str]:
    """Return how values differ, as quoted, and how grave that is next to their usual moves."""
    apart = (own - other).abs()
    median, worst = float(apart.median()), float(apart.max())
    row = int(apart.to_numpy().argmax())
    said = (
        f"values differ by {median:.4g} in the median and {worst:.4g} at most, on {stamp(apart.index[row])} "
        f"({own.iloc[row]:.6g} against {other.iloc[row]:.6g})"
    )
    usual = _usual_move(other)
    if median > YIELD_ANOTHER * usual and median > 0:
        if _same_moves(own, other):
            return "warning", f"{said}; their moves agree, as with another unit or maturity"
        return "error", f"{said}; this is not the same series"
    return ("warning" if median > YIELD_NOTICED * usual and median > 0 else "info"), said


def _usual_move(levels: pd.Series) -> float:
    moves = levels.diff().abs()
    return float(moves.median() or moves.mean())


def _same_moves(own: pd.Series, other: pd.Series) -> bool:
    """Return whether two series go up and down together, whatever lies between their levels."""
    return float((own.diff() - other.diff()).abs().median()) < SAME_MOVES * _usual_move(other)
