"""Every shipped strategy over BTC and SPY, real prices of ten years and made-up ones of three: both engines and the plain loop agree bar by bar."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.simulation.reconcile import reconcile
from raisecash.strategy.discovery import discover
from strategies.fixed_mix import FixedMix
from tests.support.loop import keep_account, largest_gap

COSTS = {"commission": 0.001, "slippage": 0.0005}
FIRST, LAST = dt.date(2016, 1, 1), dt.date(2025, 12, 31)
RULES = {
    "on change": {},
    "monthly": {"every": "month"},
    "drift, whole shares": {"drift": 0.05, "lots": {"SPY": 1, "BTC": 0}},
}


def read(path, start=FIRST):
    """Return {date: row} of a price file, read with nothing but the csv module."""
    with path.open(newline="") as lines:
        rows = {dt.date.fromisoformat(row["Date"]): row for row in csv.DictReader(lines)}
    return {day: row for day, row in rows.items() if start <= day <= LAST}


@pytest.fixture(scope="module")
def prices(price_data):
    """Return dates, opens, closes (SPY adjusted for dividends) and T-bill yields, as lists."""
    folder = price_data / "market"
    btc, spy = read(folder / "BTC-USD.csv"), read(folder / "SPY.csv")
    bills = read(folder / "IRX.csv", start=dt.date(2015, 12, 1))
    days = sorted({*btc, *spy})
    opens, closes, yields = [], [], []
    known = float(bills[max(day for day in bills if day < days[0])]["Close"])
    for day in days:
        scale = float(spy[day]["Adj Close"]) / float(spy[day]["Close"]) if day in spy else 1.0
        for column, rows in (("Open", opens), ("Close", closes)):
            rows.append(
                {
                    "BTC": float(btc[day][column]) if day in btc else float("nan"),
                    "SPY": float(spy[day][column]) * scale if day in spy else float("nan"),
                }
            )
        if day in bills:
            known = float(bills[day]["Close"])
        yields.append(known / 100)
    return days, opens, closes, yields


@pytest.fixture(scope="module")
def market(prices, price_data):
    days, opens, closes, yields = prices
    bars = pd.DatetimeIndex(days)
    signals = {}
    for name, file in (("JGB10Y", "JGB10Y.csv"), ("UST10Y", "DGS10.csv"), ("VIX", "VIX.csv")):
        dated = read(price_data / "market" / file, start=dt.date(2015, 12, 1))
        # Seen three calendar days after its date: late enough for any publication, weekends included.
        published = pd.Series(
            {pd.Timestamp(day) + pd.Timedelta(days=3): float(row["Close"]) for day, row in dated.items()}
        )
        signals[name] = published.groupby(level=0).last().reindex(bars, method="ffill")
    return Market(
        signals=pd.DataFrame(signals, index=bars),
        open=pd.DataFrame(opens, index=bars),
        close=pd.DataFrame(closes, index=bars),
        cash_yield=pd.Series(yields, index=bars),
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", discover())
def test_both_engines_and_the_loop_keep_the_same_account(name, rule, prices, market):
    days, opens, closes, yields = prices
    rules = RULES[rule]
    targets = discover()[name]().target_weights(market)
    book = keep_account(
        days=days,
        opens=opens,
        closes=closes,
        targets=[None if row.isna().all() else row.to_dict() for _, row in targets.iterrows()],
        yields=yields,
        cash=100_000.0,
        **COSTS,
        **rules,
    )
    lots = rules.get("lots", 0.0)
    rebalance = Rebalance(**{key: value for key, value in rules.items() if key != "lots"})
    record, replay = (
        simulate(targets, market, Costs(**COSTS), rebalance, engine=engine, lots=lots)
        for engine in ("backtrader", "ledger")
    )
    assert len(book) == len(market.bars) == (days[-1] - days[0]).days + 1 > 1000
    assert largest_gap(record.bars, book, closes) <= 1e-9
    assert largest_gap(replay.bars, book, closes) <= 1e-9
    assert reconcile(record, replay).max_relative_difference <= 1e-9


def test_prices_in_another_unit_give_the_same_returns(market):
    """Laws: shares scale down as prices scale up; returns do not change."""
    targets = FixedMix().target_weights(market)
    in_cents = Market(open=market.open * 100, close=market.close * 100, cash_yield=market.cash_yield)
    monthly = Rebalance(every="month")
    first = simulate(targets, market, Costs(**COSTS), monthly, engine="ledger")
    second = simulate(targets, in_cents, Costs(**COSTS), monthly, engine="ledger")
    pd.testing.assert_series_equal(first.equity, second.equity, rtol=1e-12)
    pd.testing.assert_frame_equal(first.shares, second.shares * 100, rtol=1e-9)


def test_the_order_of_the_assets_does_not_matter(market):
    turned = Market(
        open=market.open[["SPY", "BTC"]],
        close=market.close[["SPY", "BTC"]],
        signals=market.signals,
        cash_yield=market.cash_yield,
    )
    for strategy in (each() for each in discover().values()):
        first = simulate(strategy.target_weights(market), market, Costs(**COSTS), engine="ledger")
        second = simulate(strategy.target_weights(turned), turned, Costs(**COSTS), engine="ledger")
        pd.testing.assert_series_equal(first.equity, second.equity, rtol=1e-12)
