"""Numbers and dates as people read them: real minus signs, sensible digits, a dash for what is not defined."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from raisecash.messages import words

if TYPE_CHECKING:
    from raisecash.metrics.table import Unit

DASH = "–"  # an en dash: this number is not defined
MINUS = "−"  # U+2212, as wide as a digit's plus; a hyphen is not


def is_defined(value: Any) -> bool:
    """Return whether a value is there: not None, not NaN, not NaT."""
    return value is not None and bool(value == value)  # NaN and NaT differ from themselves


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed count of decimals and thousands separated: `−1,234.50`."""
    if value is None or not is_defined(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):,.{digits}f}"
    return MINUS + text if value < 0 and text.strip("0.,") else text  # what rounds to zero has no sign


def percent(value: float | None, digits: int = 1) -> str:
    """Return a fraction as percent: 0.123 is `12.3%`. From 1,000% on the decimals go."""
    if value is None or not is_defined(value):
        return DASH
    return number(value * 100, 0 if abs(value) >= 10 else digits) + "%"


def rough_percent(value: float | None) -> str:
    """Return a fraction as percent for a sentence: `−41%`, one decimal below 10%."""
    if value is None or not is_defined(value):
        return DASH
    if value == 0:
        return "0%"
    return percent(value, 0 if round(abs(value), 3) >= 0.1 else 1)


def money(value: float | None) -> str:
    """Return an amount without cents, or with them below 1,000: `812,345`, `37.50`, `0`."""
    if value is None or not is_defined(value):
        return DASH
    return number(value, 0 if value == 0 or abs(value) >= 1000 else 2)


def shares(value: float | None) -> str:
    """Return a count of units with at most six decimals and no trailing zeros."""
    text = number(value, 6)
    return text.rstrip("0").rstrip(".") if "." in text else text


def days(value: float | None) -> str:
    """Return a count of days: `1,204`."""
    return number(value, 0)


def small(value: float) -> str:
    """Return a tiny number by its size: `3.1e-13`; exactly zero is `0`."""
    return "0" if value == 0 else f"{value:.1e}"


def day(time: datetime | None) -> str:
    """Return a date as `2020-03-16`, with the time of day (`2020-03-16 14:00`) where there is one."""
    if time is None or not is_defined(time):
        return DASH
    return time.strftime("%Y-%m-%d" if (time.hour, time.minute) == (0, 0) else "%Y-%m-%d %H:%M")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 order`, `2,000 orders`, `no orders`."""
    return words.counted(count, noun, zero="no")


def moment(time: datetime) -> str:
    """Return a time in UTC to the minute: `2026-01-02 03:04 UTC`. One without a time zone is in UTC already."""
    utc = time.astimezone(UTC) if time.tzinfo else time
    return utc.strftime("%Y-%m-%d %H:%M UTC")


BY_UNIT: dict[Unit, Callable[[float | None], str]] = {
    "money": money,
    "fraction": percent,
    "fraction a day": partial(percent, digits=2),
    "days": days,
    "ratio": number,
}


def in_unit(value: float | None, unit: Unit) -> str:
    """Return a metric as it reads in its unit; a dash for one that is not defined."""
    return BY_UNIT[unit](value)
