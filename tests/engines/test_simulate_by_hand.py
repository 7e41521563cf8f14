"""Hand-worked accounts: every number below was worked out on paper from docs/execution.md."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from tests.support.markets import of_bars, rows_of

NAN = math.nan
ENGINES = pytest.mark.parametrize("engine", ["ledger", "backtrader"])


@ENGINES
def test_order_fills_at_the_next_open_not_at_the_deciding_close(engine):
    """Decided at the close of 110, filled at the open of 120: 1000 / 120 = 8.3333 shares."""
    only = of_bars({"BTC": [(100, 110), (120, 130)]})
    backtest = simulate(rows_of(only, [[1], [1]]), only, cash=1000, engine=engine)
    assert backtest.shares["BTC"].tolist() == pytest.approx([0, 1000 / 120])
    assert backtest.equity.tolist() == pytest.approx([1000, 1000 / 120 * 130])
    assert backtest.fills["price"].tolist() == [120.0]
    assert backtest.fills["decided_at"].tolist() == [only.bars[0]]


@ENGINES
def test_two_assets_by_hand(engine):
    """Four bars, 1 % commission, 2 % slippage, 3.65 % yield on cash.

    Bar 0: decided A 50 %, B 25 %; nothing held.
    Bar 1: interest 1000 x 0.0365 / 365 = 0.1, cash 1000.1. A opens at 10: wants 1000.1 x 0.5 / 10 = 50.005 at 10.2,
           510.051 + 5.10051 fee. B opens at 5: wants 50.005 at 5.1, 255.0255 + 2.550255 fee. Cash 227.372735.
    Bar 2: interest 0.0227372735. Nothing decided at bar 1. A closes at 12, B at 4.
    Bar 3: decided at bar 2: A 0, B 50 %. Interest on 227.3954722735 is 0.02273954722735. A opens at 11, B at 4:
           value 227.41821182072735 + 50.005 x 11 + 50.005 x 4 = 977.49321182072735. A sold at 10.78: 539.0539 - 5.390539.
           B wants 122.18665147759092, buys 72.18165147759092 at 4.08: 294.50113802857 + 2.9450113802857 fee.
    """
    two = of_bars(
        {"A": [(10, 10), (10, 11), (11, 12), (11, 11)], "B": [(5, 5), (5, 5), (5, 4), (4, 4)]},
        cash_yield=0.0365,
    )
    rows = rows_of(two, [[0.5, 0.25], [NAN, NAN], [0, 0.5], [NAN, NAN]])
    got = simulate(rows, two, Costs(commission=0.01, slippage=0.02), cash=1000, engine=engine)

    assert got.bars["interest"].tolist() == pytest.approx([0, 0.1, 0.0227372735, 0.02273954722735])
    assert got.bars["commission"].tolist() == pytest.approx([0, 7.650765, 0, 8.3355503802857])
    assert got.shares["A"].tolist() == pytest.approx([0, 50.005, 50.005, 0])
    assert got.shares["B"].tolist() == pytest.approx([0, 50.005, 50.005, 122.18665147759092])
    assert got.cash.tolist() == pytest.approx([1000, 227.372735, 227.3954722735, 463.63542341186])
    assert got.equity.iloc[-1] == pytest.approx(463.63542341186 + 122.18665147759092 * 4)
    assert got.bars["traded"].tolist() == pytest.approx([0, 765.0765, 0, 539.0539 + 294.50113802857])
    assert got.weights["B"].iloc[1] == pytest.approx(50.005 * 5 / (227.372735 + 50.005 * 11 + 50.005 * 5))
    assert got.unfilled.empty


@ENGINES
def test_friday_switch_into_bitcoin_buys_on_saturday_what_the_idle_cash_allows_and_the_rest_on_monday(engine):
    """Thursday: half SPY. Friday's close decides all BTC: Saturday buys 500 of it, Monday the rest after SPY is sold.

    2024-01-04 is a Thursday. All prices are 10 but Monday's BTC open of 20, so Monday's value is
    500 (SPY) + 50 x 20 = 1500, all of it wanted in BTC: 75 shares.
    """
    closed = (NAN, NAN)
    spy = [(10, 10), (10, 10), closed, closed, (10, 10)]
    btc = [(10, 10), (10, 10), (10, 10), (10, 10), (20, 20)]
    week = of_bars({"BTC": btc, "SPY": spy}, start="2024-01-04")
    rows = rows_of(week, [[0, 0.5], [1, 0], [NAN, NAN], [NAN, NAN], [NAN, NAN]])
    got = simulate(rows, week, cash=1000, engine=engine)
    assert got.shares["BTC"].tolist() == pytest.approx([0, 0, 50, 50, 75])
    assert got.shares["SPY"].tolist() == pytest.approx([0, 50, 50, 50, 0])
    assert got.cash.tolist() == pytest.approx([1000, 500, 0, 0, 0], abs=1e-6)
    assert got.unfilled["reason"].str.startswith("cash").all()
    assert got.unfilled["time"].tolist() == [week.bars[2], week.bars[3]]
    assert got.unfilled["filled"].tolist() == pytest.approx([50, 0], abs=1e-6)


@ENGINES
def test_a_buy_cut_to_the_cash_is_not_topped_up_when_nothing_else_waits(engine):
    """All in with 1 % commission: 1000 / (10 x 1.01) shares, once."""
    only = of_bars({"BTC": [(10, 10)] * 4})
    got = simulate(rows_of(only, [[1]] * 4), only, Costs(commission=0.01), cash=1000, engine=engine)
    assert got.shares["BTC"].iloc[1:].tolist() == pytest.approx([1000 / 10.1] * 3)
    assert len(got.fills) == 1
    assert got.cash.iloc[-1] == pytest.approx(0, abs=1e-9)


@ENGINES
def test_lots_round_the_wanted_and_the_scaled_count_down(engine):
    """1000 at 30: 33.3 shares wanted, 33 bought. With 10 % commission 33 cost 1089, 1000 / 1089 x 33 = 30.3: 30 bought."""
    only = of_bars({"SPY": [(30, 30)] * 3})
    rows = rows_of(only, [[1]] * 3)
    assert simulate(rows, only, cash=1000, lots=1, engine=engine).shares["SPY"].iloc[-1] == 33
    dear = simulate(rows, only, Costs(commission=0.1), cash=1000, lots={"SPY": 1}, engine=engine)
    assert dear.shares["SPY"].iloc[-1] == 30
    assert dear.cash.iloc[-1] == pytest.approx(1000 - 30 * 33)


@ENGINES
def test_a_position_smaller_than_one_lot_is_reported_not_forgotten(engine):
    only = of_bars({"BTC": [(50_000, 50_000)] * 3})
    got = simulate(rows_of(only, [[1]] * 3), only, cash=1000, lots=1, engine=engine)
    assert got.unfilled["reason"].tolist() == ["less than one lot"]
    assert got.unfilled["wanted"].tolist() == pytest.approx([0.02])


@ENGINES
def test_a_decision_at_the_last_bar_is_listed_as_unfilled(engine):
    only = of_bars({"BTC": [(10, 10)] * 3})
    got = simulate(rows_of(only, [[0], [0], [1]]), only, engine=engine)
    assert got.unfilled["reason"].tolist() == ["the data ended before its market opened"]
    assert math.isnan(got.unfilled["wanted"].iloc[0])


@ENGINES
def test_a_weekend_target_replaced_before_monday_is_listed(engine):
    spy = [(10, 10), (NAN, NAN), (NAN, NAN), (10, 10)]
    week = of_bars({"SPY": spy}, start="2024-01-05")
    got = simulate(rows_of(week, [[0.5], [0.6], [0.7], [0.7]]), week, cash=1000, engine=engine)
    assert got.shares["SPY"].iloc[-1] == pytest.approx(70)
    assert got.unfilled["reason"].str.startswith("replaced").tolist() == [True, True]
    assert got.fills["decided_at"].tolist() == [week.bars[2]]


@ENGINES
def test_holdings_drift_until_a_rule_rebalances(engine):
    """Half in an asset that doubles: 50 shares of 1000; the month's first bar brings 1500 x 0.5 / 20 = 37.5."""
    bars = [(10, 10), (10, 10), (20, 20), (20, 20), (20, 20)]
    half = of_bars({"BTC": bars}, start="2024-01-29")  # bar 3 is 1 February
    rows = rows_of(half, [[0.5]] * 5)
    held = simulate(rows, half, cash=1000, engine=engine).shares["BTC"]
    monthly = simulate(rows, half, None, Rebalance(every="month"), cash=1000, engine=engine).shares["BTC"]
    drifted = simulate(rows, half, None, Rebalance(drift=0.1), cash=1000, engine=engine).shares["BTC"]
    assert held.tolist() == pytest.approx([0, 50, 50, 50, 50])
    assert monthly.tolist() == pytest.approx(
        [0, 50, 50, 50, 37.5]
    )  # decided on 1 February, filled on the 2nd
    assert drifted.tolist() == pytest.approx(
        [0, 50, 50, 37.5, 37.5]
    )  # 1000 of 1500 is 0.667, decided at bar 2


@ENGINES
def test_a_row_of_nan_keeps_holding_whatever_the_rebalance_rule(engine):
    half = of_bars({"BTC": [(10, 10), (10, 10), (20, 20), (20, 20)]}, start="2024-01-30")
    rows = rows_of(half, [[0.5], [NAN], [NAN], [NAN]])
    got = simulate(rows, half, None, Rebalance(every="month", drift=0.01), cash=1000, engine=engine)
    assert got.shares["BTC"].tolist() == pytest.approx([0, 50, 50, 50])


@ENGINES
def test_an_asset_that_starts_later_is_valued_and_traded_from_its_first_bar(engine):
    late = of_bars({"BTC": [(10, 10)] * 4, "NEW": [(NAN, NAN), (NAN, NAN), (5, 5), (5, 5)]})
    got = simulate(
        rows_of(late, [[0.5, 0], [0.5, 0], [0.5, 0.5], [NAN, NAN]]), late, cash=1000, engine=engine
    )
    assert got.shares["NEW"].tolist() == pytest.approx([0, 0, 0, 100])
    assert got.equity.tolist() == pytest.approx([1000] * 4)


@ENGINES
def test_a_bar_on_which_everything_is_closed_still_earns_interest_and_decides(engine):
    gap = of_bars({"SPY": [(10, 10), (NAN, NAN), (10, 10)]}, cash_yield=0.365)
    got = simulate(rows_of(gap, [[NAN], [1], [NAN]]), gap, cash=1000, engine=engine)
    assert got.bars["interest"].tolist() == pytest.approx([0, 1, 1.001])
    assert got.shares["SPY"].iloc[-1] == pytest.approx(100.2001)


@ENGINES
def test_a_dividend_is_paid_on_its_ex_date_to_who_held_the_day_before(engine):
    """100 shares held over the ex-date of 0.5 earn 50, before the bar's own orders; those bought on it earn nothing.

    Bar 1: 1000 buys 100 at 10. Bar 2 (ex-date): 50 received; then nearly all of it is wanted at 9.5:
    value 50 + 100 x 9.5 = 1000, 1000 / 9.5 shares.
    """
    paying = of_bars(
        {"SPY": [(10, 10), (10, 10), (9.5, 9.5), (9.5, 9.5)]},
        dividends=pd.DataFrame(
            {"SPY": [0, 9, 0.5, 0]}, index=pd.date_range("2024-01-01", periods=4), dtype=float
        ),
    )
    got = simulate(rows_of(paying, [[1], [0.999999], [NAN], [NAN]]), paying, cash=1000, engine=engine)
    assert got.bars["dividends"].tolist() == pytest.approx([0, 0, 50, 0])
    assert got.shares["SPY"].iloc[-1] == pytest.approx(0.999999 * 1000 / 9.5)
    assert got.equity.iloc[-1] == pytest.approx(1000)


@ENGINES
def test_weekend_interest_is_three_days_on_exchange_sessions(engine):
    bars = pd.DatetimeIndex(["2024-01-05", "2024-01-08"])
    prices = pd.DataFrame({"SPY": [10.0, 10.0]}, index=bars)
    calm = Market(open=prices, close=prices, cash_yield=0.0365)
    got = simulate(pd.DataFrame({"SPY": [0.0, 0.0]}, index=bars), calm, cash=1000, engine=engine)
    assert got.bars["interest"].tolist() == pytest.approx([0, 0.3])
