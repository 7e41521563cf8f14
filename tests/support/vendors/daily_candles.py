"""Eight hundred daily candles by a rule, and a clock that stands still an hour into the next day."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
import stamina

from data_feeds.crypto import candles
from tests.support.vendors.exchange_stubs import DAY

START = pd.Timestamp("2020-01-01")
FIRST = int(START.timestamp())
NOW = FIRST + 800 * DAY + 3600  # an hour into the 801st day


def candle(day: int) -> tuple[float, float, float, float, float]:
    """Return open, high, low, close and volume of a day."""
    return (100.0 + day, 110.5 + day, 90.25 + day, 105.125 + day, 7.0 + day)


def history(days: int = 801) -> dict[int, tuple[float, float, float, float, float]]:
    """Return the candles by the second each begins at."""
    return {FIRST + day * DAY: candle(day) for day in range(days)}


@pytest.fixture
def frozen_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let it be `NOW`, and let a refused request be tried twice without waiting."""
    monkeypatch.setattr(candles, "now", lambda: NOW * 1000)
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
