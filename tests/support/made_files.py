"""Made-up files in place of the real ones: the flagships' series and more, the same to the last digit on any machine.

Nothing here is a market's price. The noise comes from a generator of ten lines in whole numbers, so that no library's
next version changes it, and every figure is rounded to the cent as a vendor's would be.
"""

from __future__ import annotations

import gzip
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

from tests.support.vendors.text_stubs import TENORS

FIRST, LAST = "2023-01-03", "2025-09-30"
SIGNALS_FROM, SIGNALS_TO = "2022-12-01", "2026-07-23"  # a yield must be known at the first bar


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
    """Write every series of the flagship configs and of the feeds' tests, under the real files' names."""
    days = pd.date_range(FIRST, LAST)
    sessions = pd.bdate_range(FIRST, LAST).difference(NewYork().holidays(FIRST, LAST))
    weekdays = pd.bdate_range(SIGNALS_FROM, SIGNALS_TO)
    _write_prices(
        folder / "BTC-USD.csv", days, seed=1, first=17_000.0, growth=0.0015, spread=0.05, summer=0.008
    )
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
    tokyo = _values(weekdays, seed=4, level=lambda t: 0.5 + t / 900, swing=0.4, spread=0.006)
    _write(folder / "JGB10Y.csv", "Date,Close", [(day, f"{value:.3f}") for day, value in tokyo])
    curve = [
        (day, ",".join(f"{value + (int(tenor[:-1]) - 10) / 40:.3f}" for tenor in TENORS))
        for day, value in tokyo
    ]
    _write(folder / "JGB_curve.csv", ",".join(["Date", *TENORS]), curve)
    treasury = _values(weekdays, seed=5, level=lambda t: 4.1, swing=0.4, spread=0.03)
    _write(folder / "DGS10.csv", "Date,Close", [(day, f"{value:.2f}") for day, value in treasury])
    fear = _values(weekdays, seed=6, level=lambda t: 18.0, swing=4.0, spread=0.5)
    quoted = [
        (day, f"{value:.6f},{value + 0.8:.6f},{value - 0.6:.6f},{value + 0.1:.6f}") for day, value in fear
    ]
    _write(folder / "VIX.csv", "Date,Open,High,Low,Close", quoted)
    bills = _values(weekdays, seed=7, level=lambda t: 4.8, swing=0.3, spread=0.005)
    _write(folder / "IRX.csv", "Date,Close", [(day, f"{value:.3f}") for day, value in bills])
    _write_hours(folder / "BTCUSD_coinbase_1h.csv.gz")
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


def _write_hours(path: Path) -> None:
    """Write hourly bars, compressed."""
    draws, close = noise(8), 30_000.0
    lines = ["Datetime,Open,High,Low,Close,Volume"]
    for hour in pd.date_range(FIRST, periods=400, freq="h"):
        opening, close = close, round(close * (1 + 0.004 * next(draws)), 2)
        high, low = max(opening, close) + 7.5, min(opening, close) - 7.5
        lines.append(f"{hour},{opening:.2f},{high:.2f},{low:.2f},{close:.2f},{100 + len(lines)}")
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))


def _values(
    days: pd.DatetimeIndex, *, seed: int, level: Callable[[int], float], swing: float, spread: float
) -> list[tuple[str, float]]:
    """Return values that swing slowly about a level and are restless in every other half year."""
    draws = noise(seed)
    found, away = [], 0.0
    for number, day in enumerate(days):
        restless = 1.0 + (number // 130) % 2
        away = 0.97 * away + spread * restless * next(draws)
        found.append((str(day.date()), level(number) + swing * math.sin(number / 37 + seed) + away))
    return found


def _write(path: Path, header: str, rows: list[tuple[str, str]]) -> None:
    path.write_text("\n".join([header, *(f"{day},{text}" for day, text in rows)]) + "\n", encoding="utf-8")
