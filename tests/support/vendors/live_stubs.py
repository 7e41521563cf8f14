"""One stub a live feed: the shared suite asks each for figures, and breaks its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_feeds import cboe, fred, mof
from data_feeds.cboe import CboeFeed
from data_feeds.crypto import feed as crypto
from data_feeds.crypto.feed import CryptoFeed
from data_feeds.fred import FredFeed
from data_feeds.mof import MofFeed
from data_feeds.yahoo import feed as yahoo
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.live import LiveFeed
from tests.support.vendors.exchange_stubs import Binance, Coinbase, exchange_at
from tests.support.vendors.stub_server import Answer, Route
from tests.support.vendors.text_stubs import TENORS, Cboe, Fred, Mof
from tests.support.vendors.yahoo_stub import Yahoo, yahoo_session

TODAY = pd.Timestamp.now("UTC").tz_localize(None).normalize()
SESSIONS = pd.bdate_range(end=TODAY - pd.Timedelta(days=2), periods=90)
DAYS = pd.date_range(end=TODAY - pd.Timedelta(days=2), periods=90)


@dataclass(frozen=True)
class LiveStub:
    """A vendor on this machine.

    Attributes
    ----------
    label : str
    feed, unknown : LiveFeed
        What the vendor has, and what it has not.
    closes : Series
        What must arrive, by date.
    route : callable
        Given closes, the vendor that serves them.
    has_figures : callable
        Whether a path is asked for figures; faults are injected there and nowhere else.
    point_at : callable
        Send the feed's requests to an address.
    """

    label: str
    feed: LiveFeed
    unknown: LiveFeed
    closes: pd.Series
    route: Callable[[pd.Series], Route]
    has_figures: Callable[[str], bool]
    point_at: Callable[[pytest.MonkeyPatch, str], None]

    def broken(self, faults: list[Answer], good: Route | None = None) -> Faulty:
        """Return the vendor whose first answers with figures are the faults, the last one for ever."""
        return Faulty(good or self.route(self.closes), self.has_figures, list(faults))


@dataclass
class Faulty:
    """A vendor that gives wrong answers first; None among the faults ends them."""

    good: Route
    has_figures: Callable[[str], bool]
    faults: list[Any]
    asked: int = 0

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if not self.has_figures(path):
            return self.good(path, query, host)
        self.asked += 1
        fault = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
        return self.good(path, query, host) if fault is None else fault


def _closes(days: pd.DatetimeIndex, first: float) -> pd.Series:
    return pd.Series(np.round(first + 0.25 * np.sin(np.arange(len(days))), 3), index=days)


def _bars(closes: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {"open": closes, "high": closes + 0.125, "low": closes - 0.125, "close": closes}, index=closes.index
    )


def _candles(closes: pd.Series) -> dict[int, tuple[float, float, float, float, float]]:
    return {
        int(day.timestamp()): (close, close + 0.125, close - 0.125, close, 5.0)
        for day, close in closes.items()  # type: ignore[attr-defined]
    }


def _yahoo(closes: pd.Series) -> Yahoo:
    return Yahoo(
        [
            (
                int((day + pd.Timedelta(hours=9.5)).tz_localize("America/New_York").timestamp()),  # type: ignore[operator,union-attr]
                close,
                close + 0.125,
                close - 0.125,
                close,
                close,
                100,
            )
            for day, close in closes.items()
        ]
    )


def _mof(closes: pd.Series) -> Mof:
    curve = pd.DataFrame({tenor: closes + 0.1 * (i - 9) for i, tenor in enumerate(TENORS)})
    return Mof(curve.assign(**{"40Y": np.nan}))


def _exchange_at(patch: pytest.MonkeyPatch, base: str) -> None:
    patch.setattr(crypto, "new_exchange", lambda name, *, timeout: exchange_at(base, name, timeout=timeout))


def _yahoo_at(patch: pytest.MonkeyPatch, base: str) -> None:
    from yfinance import data

    data.SingletonMeta._instances.clear()  # cookie and crumb of the vendor before
    session = yahoo_session(base)
    patch.setattr(yahoo, "new_session", lambda: session)
    patch.setattr(yahoo, "PROBE_URL", f"{base}/")


def _base_url_of(module: Any) -> Callable[[pytest.MonkeyPatch, str], None]:
    return lambda patch, base: patch.setattr(module, "BASE_URL", base)


LIVE_STUBS = [
    LiveStub(
        label="ccxt coinbase",
        feed=CryptoFeed(exchange="coinbase", symbol="BTC/USD"),
        unknown=CryptoFeed(exchange="coinbase", symbol="BTC/USX"),
        closes=_closes(DAYS, 30_000.0),
        route=lambda closes: Coinbase(_candles(closes)),
        has_figures=lambda path: path.endswith("/candles"),
        point_at=_exchange_at,
    ),
    LiveStub(
        label="ccxt binance",
        feed=CryptoFeed(exchange="binance", symbol="BTC/USDT"),
        unknown=CryptoFeed(exchange="binance", symbol="BTC/USDX"),
        closes=_closes(DAYS, 30_000.0),
        route=lambda closes: Binance(_candles(closes)),
        has_figures=lambda path: path.endswith("/klines"),
        point_at=_exchange_at,
    ),
    LiveStub(
        label="yfinance",
        feed=YahooFeed(symbol="SPY"),
        unknown=YahooFeed(symbol="SPQ"),
        closes=_closes(SESSIONS, 400.0),
        route=_yahoo,
        has_figures=lambda path: path.startswith("/v8/finance/chart/"),
        point_at=_yahoo_at,
    ),
    LiveStub(
        label="mof",
        feed=MofFeed(tenor="10Y"),
        unknown=MofFeed(tenor="40Y"),  # never issued on this market
        closes=_closes(SESSIONS, 1.5),
        route=_mof,
        has_figures=lambda path: path.endswith(".csv"),
        point_at=_base_url_of(mof),
    ),
    LiveStub(
        label="fred",
        feed=FredFeed(series="DGS10"),
        unknown=FredFeed(series="DGS11"),
        closes=_closes(SESSIONS, 4.5),
        route=Fred,
        has_figures=lambda path: path.endswith(".csv"),
        point_at=_base_url_of(fred),
    ),
    LiveStub(
        label="cboe",
        feed=CboeFeed(series="VIX"),
        unknown=CboeFeed(series="VIY"),
        closes=_closes(SESSIONS, 18.0),
        route=lambda closes: Cboe(_bars(closes)),
        has_figures=lambda path: path.endswith(".csv"),
        point_at=_base_url_of(cboe),
    ),
]
