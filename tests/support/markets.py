"""Small seeded markets for strategies to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_feeds.files import CsvFeed
from raisecash import Market
from raisecash.data.load import load_market

SIGNALS = ("JGB10Y", "UST10Y", "VIX")


def market(
    start: str,
    end: str,
    *,
    assets: tuple[str, ...] = ("BTC", "SPY"),
    signals: tuple[str, ...] = (),
    seed: int = 0,
) -> Market:
    """Return random walks; an asset called SPY is closed at weekends, the others never.

    Signals are published on weekdays and stand over weekends; those before the first weekday are
    NaN. Yields cross zero.
    """
    rng = np.random.default_rng(seed)
    bars = pd.date_range(start, end)
    frames = {}
    for asset in assets:
        days = bars[bars.day_of_week < 5] if asset == "SPY" else bars
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, len(days))))
        frames[asset] = pd.DataFrame(
            {"open": close * np.exp(rng.normal(0, 0.003, len(days))), "close": close}, index=days
        )
    open_on = bars[bars.isin(pd.concat(frames.values()).index)]
    return Market.from_frames(frames, signals=published(open_on, signals, rng))


def published(bars: pd.DatetimeIndex, signals: tuple[str, ...], rng: np.random.Generator) -> pd.DataFrame:
    """Return weekday series on some bars: VIX around 20, yields around 0 that share part of their moves."""
    days = bars[bars.day_of_week < 5]
    shared = rng.normal(0, 0.03, len(days))
    columns = {}
    for name in signals:
        walk = np.cumsum(rng.normal(0, 0.03, len(days)) + shared)
        values = 20 * np.exp(walk / 2) if name == "VIX" else 0.1 + walk
        columns[name] = pd.Series(values.round(3), index=days).reindex(bars).ffill()
    return pd.DataFrame(columns, index=bars)


@cache
def real_market(folder: Path) -> Market:
    """Return BTC, SPY and QQQ with both 10-year yields (published a business day later) and the VIX, 2016 on."""
    files = {"BTC": "BTC-USD", "SPY": "SPY", "QQQ": "QQQ"}
    return load_market(
        {name: CsvFeed(path=folder / "market" / f"{file}.csv") for name, file in files.items()},
        {
            "JGB10Y": CsvFeed(path=folder / "market" / "JGB10Y.csv", lag=1),
            "UST10Y": CsvFeed(path=folder / "market" / "DGS10.csv", lag=1),
            "VIX": CsvFeed(path=folder / "market" / "VIX.csv"),
        },
        start=pd.Timestamp("2016-01-01"),
    ).market


def quiet_market(values: dict[str, list[float]], *, start: str, days: int) -> Market:
    """Return BTC at 10 on every day, and signals published on its weekdays, one value a weekday."""
    bars = pd.date_range(start, periods=days)
    weekdays = bars[bars.day_of_week < 5]
    signals = {
        name: pd.Series(series, index=weekdays).reindex(bars).ffill() for name, series in values.items()
    }
    flat = pd.DataFrame({"BTC": 10.0}, index=bars)
    return Market(open=flat, close=flat, signals=pd.DataFrame(signals, index=bars))


def priced(**closes: list[float]) -> Market:
    """Return a seven-day market from 1 January 2024 in which each bar opens where the last one closed."""
    bars = pd.date_range("2024-01-01", periods=len(next(iter(closes.values()))))
    return closing_at(closes, bars, periods_per_year=365)


def closing_at(closes: Mapping[str, Sequence[float]], bars: pd.DatetimeIndex, **others: Any) -> Market:
    """Return a market with these closes, in which each bar opens where the last one closed."""
    close = pd.DataFrame(closes, index=bars, dtype=float)
    return Market(open=close.shift(1).fillna(close), close=close, **others)


def flat_market(start: str, end: str, events: pd.DataFrame | None = None, *, freq: str = "D") -> Market:
    """Return BTC at 10 on every bar, with some events."""
    bars = pd.date_range(start, end, freq=freq)
    prices = pd.DataFrame({"BTC": 10.0}, index=bars)
    return Market(open=prices, close=prices, **({} if events is None else {"events": events}))


def dated_events(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    """Return scheduled US events: category, event_date, announced_on, ended_on."""
    header = ("event_id", "category", "event_date", "announced_on", "ended_on", "scheduled", "region")
    table = pd.DataFrame([(f"E{n}", *row, True, "US") for n, row in enumerate(rows)], columns=list(header))
    days = ["event_date", "announced_on", "ended_on"]
    return table.assign(**{name: pd.to_datetime(table[name]) for name in days})


def of_bars(
    prices: Mapping[str, Sequence[tuple[float, float]]], start: str = "2024-01-01", **others: Any
) -> Market:
    """Return consecutive days of (open, close) pairs; NaN is closed."""
    bars = pd.date_range(start, periods=len(next(iter(prices.values()))))
    opens, closes = (
        pd.DataFrame(
            {asset: [row[side] for row in rows] for asset, rows in prices.items()}, bars, dtype=float
        )
        for side in (0, 1)
    )
    return Market(open=opens, close=closes, **others)


def rows_of(market: Market, rows: Sequence[Sequence[float]]) -> pd.DataFrame:
    """Return a table of weights, a row a bar."""
    return pd.DataFrame(rows, index=market.bars, columns=list(market.assets), dtype=float)
