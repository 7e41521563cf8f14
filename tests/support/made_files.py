"""Made-up price files for the flagship configs: every series they name, the same to the last digit on any machine.

Nothing here is a market's price. The noise comes from a generator of ten lines in whole numbers, so that no library's
next version changes it, and every figure is rounded to the cent as a vendor's would be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from pandas.tseries.holiday import (
    AbstractHolidayCalendar,
    GoodFriday,
    Holiday,
    USLaborDay,
    USMartinLutherKingJr,
    USMemorialDay,
    USPresidentsDay,
    USThanksgivingDay,
    nearest_workday,
    sunday_to_monday,
)

FIRST, LAST = "2023-01-03", "2025-09-30"
SIGNALS_FROM = "2022-12-01"  # a yield must be known at the first bar


class NewYork(AbstractHolidayCalendar):
    """The days on which the New York Stock Exchange was closed in these years."""

    rules = (
        Holiday("New Year", month=1, day=1, observance=sunday_to_monday),
        USMartinLutherKingJr,
        USPresidentsDay,
        GoodFriday,
        USMemorialDay,
        Holiday("Juneteenth", month=6, day=19, observance=nearest_workday),
        Holiday("Independence", month=7, day=4, observance=nearest_workday),
        USLaborDay,
        USThanksgivingDay,
        Holiday("Christmas", month=12, day=25, observance=nearest_workday),
        Holiday("mourning of a president", year=2025, month=1, day=9),
    )


def write_made_files(folder: Path) -> Path:
    """Write a file for every series of the flagship configs into a folder, and return it."""
    days = pd.date_range(FIRST, LAST)
    sessions = pd.bdate_range(FIRST, LAST).difference(NewYork().holidays(FIRST, LAST))
    weekdays = pd.bdate_range(SIGNALS_FROM, LAST)
    _write_prices(folder / "BTC.csv", days, seed=1, first=17_000.0, growth=0.0015, spread=0.05, summer=0.008)
    _write_prices(
        folder / "SPY.csv",
        sessions,
        seed=2,
        first=380.0,
        growth=0.0005,
        spread=0.009,
        summer=0.001,
        pays=0.0035,
    )
    _write_prices(
        folder / "QQQ.csv",
        sessions,
        seed=3,
        first=265.0,
        growth=0.0007,
        spread=0.012,
        summer=0.001,
        pays=0.0015,
    )
    _write_values(
        folder / "JGB10Y.csv", weekdays, seed=4, level=lambda t: 0.5 + t / 900, swing=0.4, spread=0.006
    )
    _write_values(folder / "UST10Y.csv", weekdays, seed=5, level=lambda t: 4.1, swing=0.4, spread=0.03)
    _write_values(folder / "VIX.csv", weekdays, seed=6, level=lambda t: 18.0, swing=4.0, spread=0.5)
    _write_values(folder / "IRX.csv", weekdays, seed=7, level=lambda t: 4.8, swing=0.3, spread=0.005)
    return folder


def noise(seed: int) -> Iterator[float]:
    """Yield numbers around 0 with a spread of 1, each the sum of twelve even ones: Lehmer's generator (1951)."""
    state = seed * 7919
    while True:
        total = 0
        for _ in range(12):
            state = state * 48271 % 2_147_483_647
            total += state
        yield total / 2_147_483_647 - 6.0


def _write_prices(
    path: Path,
    days: pd.DatetimeIndex,
    *,
    seed: int,
    first: float,
    growth: float,
    spread: float,
    summer: float,
    pays: float = 0.0,
) -> None:
    """Write daily bars that drift up, more so in June, and fall back in July; shares that pay have adjusted closes."""
    draws = noise(seed)
    lines = ["Date,Open,High,Low,Close,Volume" + (",Adj Close" if pays else "")]
    close = first
    for number, day in enumerate(days):
        opening = round(close * (1 + spread / 4 * next(draws)), 2)
        drift = growth + {6: summer, 7: -summer}.get(day.month, 0.0)
        close = round(opening * (1 + drift + spread * next(draws)), 2)
        high = round(max(opening, close) * (1 + spread / 3), 2)
        low = round(min(opening, close) * (1 - spread / 3), 2)
        row = f"{day.date()},{opening:.2f},{high:.2f},{low:.2f},{close:.2f},{1_000_000 + number}"
        quarters_ahead = (pd.Timestamp(LAST).year - day.year) * 4 + 3 - day.quarter
        lines.append(row + (f",{close * (1 - pays) ** quarters_ahead:.6f}" if pays else ""))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_values(
    path: Path,
    days: pd.DatetimeIndex,
    *,
    seed: int,
    level: Callable[[int], float],
    swing: float,
    spread: float,
) -> None:
    """Write values that swing slowly about a level and are restless in every other half year."""
    draws = noise(seed)
    lines, away = ["Date,Close"], 0.0
    for number, day in enumerate(days):
        restless = 1.0 + (number // 130) % 2
        away = 0.97 * away + spread * restless * next(draws)
        value = level(number) + swing * math.sin(number / 37 + seed) + away
        lines.append(f"{day.date()},{value:.3f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
