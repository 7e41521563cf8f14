"""Numbers and times as sentences have them."""

from __future__ import annotations

import pandas as pd

SHOWN = 5  # times a sentence names before it only counts


def counted(count: int, noun: str, *, zero: str = "0") -> str:
    """Return a number with its noun, in the plural where it is not one: `1 bar`, `2,000 bars`, `0 bars`."""
    return f"{f'{count:,}' if count else zero} {noun}{'' if count == 1 else 's'}"


def stamp(time: pd.Timestamp) -> str:
    """Return a time as people write it: the date alone at midnight."""
    return str(time.date()) if time == time.normalize() else str(time)


def stamps(times: pd.DatetimeIndex) -> str:
    """Return several times, or the first of them when they are many: `2024-01-02, 2024-01-03, ...`."""
    shown = ", ".join(stamp(time) for time in times[:SHOWN])
    return shown if len(times) <= SHOWN else f"{shown}, ..."
