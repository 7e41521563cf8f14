"""The markets a strategy is checked on: one made up for it, and degenerate forms of any market."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from raisecash.data.events import COLUMNS, events_known_on
from raisecash.data.market import PRICES, Market

FIRST, LAST = "2023-01-01", "2025-12-31"
SPY_FROM, QQQ_FROM = (
    "2023-01-05",
    "2023-01-23",
)  # prices do not begin together: before them a weight must be 0
HOLIDAYS = ("01-01", "06-19", "07-04", "12-25")
OUTAGE = ("2024-03-08", "2024-03-12")  # BTC's exchange is down; over the weekend nothing trades at all
GAP_EVERY, GAP = 97, 12  # bars


@cache
def check_market() -> Market:
    """Return the market of `raisecash check`: three made-up years, the same on every machine.

    BTC trades seven days a week, SPY and QQQ five. JGB10Y, UST10Y and VIX are signals with their
    publication lag applied, in percent and index points. Dated events of seven categories, one of
    them moved twice and one cancelled. Prices are seeded random walks: nothing can be earned on
    them but by chance or by cheating.
    """
    days = pd.date_range(FIRST, LAST)
    rng = np.random.default_rng(20250528)
    weekdays = days[(days.day_of_week < 5) & ~days.strftime("%m-%d").isin(HOLIDAYS)]
    stocks = rng.normal(0.0004, 0.01, len(weekdays))
    frames = {
        "BTC": _bars(rng, days, rng.normal(0.001, 0.03, len(days)), level=16_500.0).drop(
            index=pd.date_range(*OUTAGE)
        ),
        "SPY": _bars(rng, weekdays, stocks, level=380.0).loc[SPY_FROM:],
        "QQQ": _bars(rng, weekdays, 1.2 * stocks + rng.normal(0, 0.005, len(weekdays)), level=265.0).loc[
            QQQ_FROM:
        ],
    }
    bars = pd.DatetimeIndex(frames["BTC"].index.union(weekdays))
    return Market.from_frames(
        frames,
        signals=_signals(rng, bars, weekdays),
        events=_events(),
        cash_yield=pd.Series(np.linspace(0.043, 0.036, len(bars)), index=bars, name="cash_yield"),
        dividends=_dividends(bars, weekdays, list(frames)),
    )


def _bars(
    rng: np.random.Generator, days: pd.DatetimeIndex, moves: np.ndarray, *, level: float
) -> pd.DataFrame:
    """Return open, high, low, close and volume of a random walk."""
    close = level * np.exp(np.cumsum(moves))
    before = np.concatenate(([level], close[:-1]))
    opens = before * np.exp(rng.normal(0, 0.002, len(days)))
    return pd.DataFrame(
        {
            "open": opens,
            "high": np.maximum(opens, close) * np.exp(np.abs(rng.normal(0, 0.004, len(days)))),
            "low": np.minimum(opens, close) * np.exp(-np.abs(rng.normal(0, 0.004, len(days)))),
            "close": close,
            "volume": np.round(1e6 * np.exp(rng.normal(0, 0.3, len(days)))),
        },
        index=days,
    )


def _signals(rng: np.random.Generator, bars: pd.DatetimeIndex, weekdays: pd.DatetimeIndex) -> pd.DataFrame:
    """Return yields that wander, turn calm and wild, and a fear index that falls back from its peaks."""
    n = len(weekdays)
    season = 0.6 + 0.5 * np.sin(np.arange(n) / 45)  # quiet and lively stretches
    shared = season * rng.normal(0, 0.03, n)
    wave = np.sin(np.arange(n) / 60)
    fear = np.zeros(n)
    for t in range(1, n):
        fear[t] = 0.95 * fear[t - 1] + season[t] * rng.normal(0, 0.08)
    figures = pd.DataFrame(
        {
            "JGB10Y": 0.9 + 0.3 * wave + np.cumsum(0.3 * shared + rng.normal(0, 0.006, n)),
            "UST10Y": 4.1 + 0.4 * wave + np.cumsum(shared + rng.normal(0, 0.015, n)),
            "VIX": 17 * np.exp(fear),
        },
        index=weekdays,
    )
    return figures.round(3).shift(1).reindex(bars).ffill()  # each figure is published a business day later


def _dividends(bars: pd.DatetimeIndex, weekdays: pd.DatetimeIndex, assets: list[str]) -> pd.DataFrame:
    """Return SPY's quarterly dividend, paid on a day on which it trades."""
    paid = pd.DataFrame(0.0, index=bars, columns=assets)
    open_days = weekdays[weekdays >= pd.Timestamp(SPY_FROM)]
    quarters = open_days[open_days.month.isin((3, 6, 9, 12)) & (open_days.day > 14)]
    paid.loc[quarters[~quarters.to_period("M").duplicated()], "SPY"] = 1.6
    return paid


def _events() -> pd.DataFrame:
    """Return dated events, a row a vintage; the tariff pause moves as it did in 2025, a sale is cancelled."""
    rows: list[tuple[Any, ...]] = [
        ("tariff-pause-1", "tariff", "2025-07-09", "2025-04-09", "2025-07-07", True, "US"),
        ("tariff-pause-2", "tariff", "2025-08-01", "2025-07-07", "2025-07-31", True, "US"),
        ("tariff-pause-3", "tariff", "2025-08-12", "2025-07-31", None, True, "US"),
        ("debt-limit-2023", "debt_ceiling", "2023-06-01", "2023-05-01", "2023-05-26", True, "US"),
        ("debt-limit-2023-2", "debt_ceiling", "2023-06-05", "2023-05-26", None, True, "US"),
        ("debt-limit-2025", "debt_ceiling", "2025-08-08", "2025-03-26", None, True, "US"),
        ("tax-bill", "fiscal", "2025-07-04", "2025-05-22", None, True, "US"),
        ("funding-2023", "fiscal", "2023-09-30", "2022-12-29", None, True, "US"),
        ("funding-2024", "fiscal", "2024-03-08", "2024-01-19", "2024-02-29", True, "US"),
        ("downgrade", "fiscal", "2023-08-01", "2023-08-01", None, False, "US"),
        ("slr-rule", "slr", "2025-06-25", "2025-06-18", None, True, "US"),
        ("genius-act", "stablecoin", "2025-07-18", "2025-06-17", None, True, "US"),
        ("jgb-plan", "jgb_issuance", "2025-06-20", "2025-05-27", None, True, "JP"),
        ("jgb-sale", "jgb_issuance", "2024-10-08", "2024-09-02", "2024-09-20", True, "JP"),
        ("surprise-tariff", "tariff", "2024-05-14", "2024-05-14", None, False, "US"),
    ]
    for year in (2023, 2024, 2025):
        known = f"{year - 1}-12-31"
        rows += [
            (f"fomc-{year}-{m}", "fomc", f"{year}-{m}-18", known, None, True, "US")
            for m in ("03", "06", "09", "12")
        ]
    events = pd.DataFrame(
        rows,
        columns=["event_id", "category", "event_date", "announced_on", "ended_on", "scheduled", "region"],
    )
    for column in ("event_date", "announced_on", "ended_on"):
        events[column] = pd.to_datetime(events[column]).astype("datetime64[us]")
    is_window = events["event_id"].isin(["tax-bill", "jgb-plan"])  # announced as a week, not as a day
    events["window_end"] = events["event_date"].where(~is_window, events["event_date"] + pd.Timedelta(days=7))
    return events.sort_values(["event_date", "event_id"], ignore_index=True)[list(COLUMNS)]


def from_bar(market: Market, row: int) -> Market:
    """Return the market as it would be if its history began at a row, signals and events known by then included."""
    frames = (*PRICES, "volume", "dividends", "signals", "cash_yield")
    return market.replaced(**{name: getattr(market, name).iloc[row:] for name in frames})


def latest(market: Market, n_bars: int) -> Market:
    """Return the market's last bars."""
    return from_bar(market, max(len(market.bars) - n_bars, 0))


def one_bar(market: Market) -> Market:
    """Return the market on its first bar."""
    return market.until(market.bars[0])


def one_asset(market: Market) -> Market:
    """Return the market with its first asset alone."""
    return _with_assets(market, list(market.open.columns[:1]))


def other_column_order(market: Market) -> Market:
    """Return the market with its assets and its signals in reverse order."""
    turned = _with_assets(market, list(market.open.columns[::-1]))
    return turned.replaced(signals=market.signals.iloc[:, ::-1])


def _with_assets(market: Market, assets: list[Any]) -> Market:
    """Return the market with some of its assets, in the order given."""
    return market.replaced(
        **{name: getattr(market, name)[assets] for name in (*PRICES, "volume", "dividends")}
    )


def constant(market: Market) -> Market:
    """Return the market in which no price and no signal ever moves."""
    is_open = market.is_open
    flat = {name: getattr(market, name).where(~is_open, 100.0) for name in PRICES}
    return market.replaced(**flat, signals=market.signals.where(market.signals.isna(), 1.0))


def with_gaps(market: Market) -> Market:
    """Return the market in which each asset is closed for long stretches, and signals are not published for a time."""
    n = len(market.bars)
    frames = {}
    for name in (*PRICES, "volume"):
        values = getattr(market, name).to_numpy(dtype=float, copy=True)
        for column in range(values.shape[1]):
            for start in range(11 + 7 * column, n, GAP_EVERY):
                values[start : start + GAP, column] = np.nan
        frames[name] = pd.DataFrame(values, index=market.bars, columns=market.open.columns)
    paid = market.dividends.where(frames["open"].notna(), 0.0)
    signals = market.signals.to_numpy(dtype=float, copy=True)
    signals[: n // 4] = np.nan
    return market.replaced(
        **frames,
        dividends=paid,
        signals=pd.DataFrame(signals, index=market.bars, columns=market.signals.columns),
    )


def all_closed(market: Market) -> Market:
    """Return the market in which nothing ever trades, no signal is published and no event announced."""
    nothing = {
        name: pd.DataFrame(np.nan, index=market.bars, columns=getattr(market, name).columns)
        for name in (*PRICES, "volume", "signals")
    }
    never = events_known_on(market.events, pd.Timestamp.min)
    return market.replaced(**nothing, dividends=market.dividends * 0.0, events=never)


def another(market: Market) -> Market:
    """Return a market with the same names and other figures: its own, backwards, on the same clock."""
    turned = {
        name: pd.DataFrame(
            getattr(market, name).to_numpy(dtype=float)[::-1],
            index=market.bars,
            columns=getattr(market, name).columns,
        )
        for name in (*PRICES, "volume", "signals")
    }
    return market.replaced(**turned, dividends=market.dividends * 0.0)
