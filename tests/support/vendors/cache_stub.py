"""A vendor whose history the cache's tests set and change, and a process that does nothing but fetch from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from raisecash.data.live import LiveFeed
from raisecash.data.request import Price, Request
from raisecash.errors import DataError
from raisecash.files import CACHE_VARIABLE

START_ROWS = 20_000  # enough that writing takes a good part of a fetch's time


class StubFeed(LiveFeed):
    """Whatever `history` holds; what was asked for is in `asked`, and `error` is raised when set."""

    kind: ClassVar[str] = "stub"
    symbol: str = "X"
    price: Price = "adjusted"
    history: ClassVar[pd.DataFrame] = pd.DataFrame()
    asked: ClassVar[list[Request]] = []
    error: ClassVar[DataError | None] = None

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "symbol": self.symbol}

    @property
    def title(self) -> str:
        return f"Stub {self.symbol}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return self.history.loc[request.start : request.end].copy()


def prices(days: int, *, start: str = "2023-01-02") -> pd.DataFrame:
    """Return business days of prices that no rule of five can mistake for others, without a dividend."""
    index = pd.bdate_range(start, periods=days)
    close = 100.0 + np.sin(np.arange(days) * 0.7) * 5 + np.arange(days) * 0.1
    bars = {
        "open": close - 0.25,
        "high": close + 1,
        "low": close - 1,
        "close": close,
        "volume": 1000.0 + np.arange(days),
        "adj_close": close,
        "dividends": 0.0,
        "splits": 0.0,
    }
    return pd.DataFrame(bars, index=index)


def paid(bars: pd.DataFrame, day: str, dividend: float) -> pd.DataFrame:
    """Return the bars as they read once a dividend was paid: earlier adjusted closes scaled down."""
    after = bars.copy()
    row = int(after.index.get_loc(day))
    after.iloc[row, after.columns.get_loc("dividends")] = dividend
    factor = 1 - dividend / after["close"].iloc[row - 1]
    after.iloc[:row, after.columns.get_loc("adj_close")] *= factor
    return after


def halved(bars: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return the bars as they read once shares were split two for one on a day."""
    after = bars.copy()
    row = int(after.index.get_loc(day))
    after.iloc[row, after.columns.get_loc("splits")] = 2.0
    for column in ("open", "high", "low", "close", "adj_close", "dividends"):
        after.iloc[:, after.columns.get_loc(column)] /= 2
    after["volume"] *= 2
    return after


def minutes(rows: int) -> pd.DataFrame:
    """Return the first minutes of a history of which every process knows every figure."""
    index = pd.date_range("2024-01-01", periods=rows, freq="min")
    close = 100 + np.sin(np.arange(rows, dtype=float))
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume"), close), index=index)


class GrowingFeed(StubFeed):
    """A vendor with one bar more after every fetch of any process."""

    counter: Path

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        return minutes(START_ROWS + self.counter.stat().st_size).loc[request.start : request.end]


def fetch_until_killed(folder: str, counter: str, refresh: bool) -> None:
    """Fetch the series again and again; every fetch that ended is a byte of the counter's file."""
    os.environ[CACHE_VARIABLE] = folder
    feed = GrowingFeed(counter=Path(counter))
    while True:
        _, findings = feed.bars("X", Request(refresh=refresh))
        assert "not_cached" not in [finding.kind for finding in findings]
        with open(counter, "ab", buffering=0) as file:
            file.write(b".")
