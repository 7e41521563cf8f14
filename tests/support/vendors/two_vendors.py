"""Yahoo and FRED as a test sets them, a cache of the test's own, and a config that asks both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.fred import FredFeed
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.request import Request
from raisecash.files import CACHE_VARIABLE

CONFIG = """\
name = "live"

[market.assets]
SPY = { feed = "yfinance", symbol = "SPY", cross_check = { feed = "yfinance", symbol = "VOO" } }
BTC = { feed = "csv", path = "btc.csv" }

[market.signals]
UST10Y = { feed = "fred", series = "DGS10" }

[execution]
cash_yield = { feed = "fred", series = "DTB3" }

[[strategy]]
name = "hold"
use = "BuyAndHold"
params = { weights = { SPY = 1.0 } }
"""


DAYS = pd.bdate_range("2020-01-02", periods=200)


class Vendors:
    """Yahoo and FRED as these tests set them: figures by symbol, errors by symbol."""

    def __init__(self) -> None:
        self.rows = 150
        self.asked: list[tuple[str, Request]] = []
        self.errors: dict[str, Exception] = {}
        self.scale: dict[pd.Timestamp, float] = {}

    def fetch(self, feed, name: str, request: Request) -> pd.DataFrame:
        self.asked.append((feed.identity, request))
        if feed.identity in self.errors:
            raise self.errors[feed.identity]
        close = 100.0 + np.sin(np.arange(self.rows)) * 3
        if isinstance(feed, FredFeed):
            bars = pd.DataFrame(
                dict.fromkeys(("open", "high", "low", "close"), close / 100), index=DAYS[: self.rows]
            )
            return bars.assign(volume=np.nan).loc[request.start : request.end]
        index = DAYS[: self.rows]
        bars = pd.DataFrame({"open": close, "high": close + 1, "low": close - 1, "close": close}, index=index)
        for day, factor in self.scale.items():
            bars.loc[day, "high"] *= factor
        return bars.assign(volume=1000.0, adj_close=close).loc[request.start : request.end]


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Vendors:
    vendors = Vendors()
    monkeypatch.setattr(YahooFeed, "fetch", lambda *given: vendors.fetch(*given))
    monkeypatch.setattr(FredFeed, "fetch", lambda *given: vendors.fetch(*given))
    return vendors


@pytest.fixture
def cache_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def config(cache_here: Path, folder: Path) -> Path:
    path = folder / "live.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def the_json(said) -> dict:
    return json.loads(said.out)
