"""The log of orders, worked out on paper: what is filled, what is not, and what is not worth a line."""

from __future__ import annotations

import math

import numpy as np
import pytest

from raisecash import simulate
from raisecash.engines.ledger import replay_fills
from raisecash.execution.costs import Costs
from raisecash.execution.terms import Terms
from tests.support.markets import of_bars, rows_of

NAN = math.nan
FLAT, SHUT = (10, 10), (NAN, NAN)
ENGINES = pytest.mark.parametrize("engine", ["ledger", "backtrader"])


def said(backtest):
    """Return bar number, asset, the first words of the reason, wanted and filled of each unfilled order."""
    rows = backtest.unfilled.itertuples()
    bars = list(backtest.bars.index)
    return [
        (bars.index(row.time), row.asset, " ".join(row.reason.split()[:3]), row.wanted, row.filled)
        for row in rows
    ]


@ENGINES
def test_a_switch_is_a_sale_and_a_purchase_with_their_fees(engine):
    """1 % commission; A at 10, B at 5. Bar 1: 1000 / 10.1 = 99.0099 A, fee 9.900990.

    Bar 2: A sold for 990.0990 less 9.900990, so 980.198020 in cash; 990.0990 / 5 = 198.0198 B are wanted and would
    cost 1000, so 980.198020 / 5.05 = 194.098618 are bought, fee 9.704931. The sale is in full and no unfilled order.
    """
    two = of_bars({"A": [FLAT] * 4, "B": [(5, 5)] * 4})
    rows = rows_of(two, [[1, 0], [0, 1], [NAN, NAN], [NAN, NAN]])
    got = simulate(rows, two, Costs(commission=0.01), cash=1000, engine=engine)
    assert got.fills["asset"].tolist() == ["A", "A", "B"]
    assert got.fills["shares"].tolist() == pytest.approx([99.00990099, -99.00990099, 194.09861788])
    assert got.fills["price"].tolist() == [10, 10, 5]
    assert got.fills["commission"].tolist() == pytest.approx([9.900990099, 9.900990099, 9.704930894])
    assert got.fills["decided_at"].tolist() == [two.bars[0], two.bars[1], two.bars[1]]
    assert said(got) == [
        (1, "A", "cash: the buy", pytest.approx(100), pytest.approx(99.00990099)),
        (2, "B", "cash: the buy", pytest.approx(198.01980198), pytest.approx(194.09861788)),
    ]


@ENGINES
def test_an_asset_that_needs_no_order_is_in_no_list_when_another_is_cut(engine):
    """1 % commission. Bar 1: 50 A for 505, 495 left, value 995. A's 500 / 995 of it are the 50 already held.

    B's 495 / 995 are 49.5 shares, which would cost 499.95: 495 / 10.1 = 49.009901 are bought.
    """
    two = of_bars({"A": [FLAT] * 4, "B": [FLAT] * 4})
    rows = rows_of(two, [[0.5, 0], [500 / 995, 495 / 995], [NAN, NAN], [NAN, NAN]])
    got = simulate(rows, two, Costs(commission=0.01), cash=1000, engine=engine)
    assert got.fills["asset"].tolist() == ["A", "B"]
    assert said(got) == [(2, "B", "cash: the buy", pytest.approx(49.5), pytest.approx(49.00990099))]


@ENGINES
def test_a_change_worth_less_than_a_hundred_billionth_of_the_account_is_no_order(engine):
    """5e-12 of 1000 is 5e-9; 2e-11 of it, 2e-8, is an order."""
    only = of_bars({"A": [FLAT] * 4})
    for change, orders in ((5e-12, 1), (2e-11, 2)):
        rows = rows_of(only, [[0.5], [0.5 + change], [NAN], [NAN]])
        got = simulate(rows, only, cash=1000, engine=engine)
        assert len(got.fills) == orders
        assert got.unfilled.empty


def test_a_purchase_cut_to_dust_is_not_filled():
    """Friday's SPY leaves 5e-9 of 1000 in cash; Saturday's BTC could be bought for it, which is no fill but a cut order."""
    week = of_bars({"BTC": [FLAT] * 4, "SPY": [FLAT, FLAT, SHUT, FLAT]})
    rows = rows_of(week, [[0, 1 - 5e-12], [1, 0], [NAN, NAN], [NAN, NAN]])
    got = simulate(rows, week, cash=1000, engine="ledger")
    filled = {(fill.asset, fill.time) for fill in got.fills.itertuples()}
    assert filled == {("SPY", week.bars[1]), ("BTC", week.bars[3]), ("SPY", week.bars[3])}
    assert [row[:3] for row in said(got)] == [(2, "BTC", "cash: the buy")]


@ENGINES
def test_a_count_a_hair_below_a_lot_is_the_lot(engine):
    """0.29 x 100 is 28.999999999999996 in binary and 29 on paper."""
    only = of_bars({"A": [(1, 1)] * 3})
    got = simulate(rows_of(only, [[0.29]] * 3), only, cash=100, lots=1, engine=engine)
    assert got.shares["A"].tolist() == [0, 29, 29]
    assert got.unfilled.empty


@ENGINES
def test_less_than_a_lot_is_told_where_nothing_is_held_and_something_wanted(engine):
    """Lots of 1 at 10. 0.5 of 1000 is 50, whole. 0.004 is 0.4 of a share: all 50 are sold, which is an order in full.

    The same 0.004 of an asset that is not held is less than one lot, and 0 of it is nothing at all.
    """
    one = of_bars({"A": [FLAT] * 4})
    got = simulate(rows_of(one, [[0.5], [0.004], [NAN], [NAN]]), one, cash=1000, lots=1, engine=engine)
    assert got.shares["A"].tolist() == [0, 50, 0, 0]
    assert got.unfilled.empty
    two = of_bars({"A": [FLAT] * 3, "B": [FLAT] * 3})
    got = simulate(rows_of(two, [[0.004, 0], [NAN, NAN], [NAN, NAN]]), two, cash=1000, lots=1, engine=engine)
    assert said(got) == [(1, "A", "less than one", pytest.approx(0.4), 0)]
    cheap = of_bars({"A": [(0.1, 0.1)] * 3})  # 5e-9 of 1000: dust, whatever its lots
    dust = simulate(rows_of(cheap, [[5e-12], [NAN], [NAN]]), cheap, cash=1000, lots=1, engine=engine)
    assert dust.unfilled.empty


def weekend(decisions, bars=5, engine="ledger"):
    """Half SPY from Thursday; from Friday's close on what is given. SPY is closed on bars 2 and 3."""
    week = of_bars({"BTC": [FLAT] * bars, "SPY": [FLAT, FLAT, SHUT, SHUT, FLAT][:bars]}, start="2024-01-04")
    return week, simulate(rows_of(week, [[0, 0.5], *decisions]), week, cash=1000, engine=engine)


@ENGINES
def test_a_newer_decision_replaces_what_never_had_its_chance_and_not_what_was_cut(engine):
    """Friday: all BTC. Saturday buys 50 of 100, Sunday none of 50; Sunday's close wants a fifth instead.

    BTC was tried twice. SPY, to be sold, was not: it is listed as replaced, without a count, for it had no open.
    """
    _, got = weekend([[1, 0], [NAN, NAN], [0.2, 0], [NAN, NAN]], engine=engine)
    rows = said(got)
    assert [row[:3] for row in rows] == [
        (2, "BTC", "cash: the buy"),
        (3, "BTC", "cash: the buy"),
        (3, "SPY", "replaced by a"),
    ]
    assert [row[3] for row in rows[:2]] == pytest.approx([100, 50])
    assert [row[4] for row in rows] == pytest.approx([50, 0, 0], abs=1e-9)
    assert math.isnan(rows[2][3])
    assert got.shares["BTC"].tolist() == pytest.approx([0, 0, 50, 50, 20])


@ENGINES
def test_when_the_data_end_only_what_never_had_its_chance_is_listed(engine):
    _, got = weekend([[1, 0], [NAN, NAN], [NAN, NAN]], bars=4, engine=engine)
    assert [row[:3] for row in said(got)] == [
        (2, "BTC", "cash: the buy"),
        (3, "BTC", "cash: the buy"),
        (3, "SPY", "the data ended"),
    ]
    assert said(got)[2][4] == 0


@ENGINES
def test_nothing_is_listed_of_what_is_neither_held_nor_wanted(engine):
    week = of_bars({"BTC": [FLAT] * 4, "SPY": [FLAT, FLAT, SHUT, SHUT]}, start="2024-01-04")
    rows = rows_of(week, [[NAN, NAN], [0.5, 0], [0.6, 0], [0.5, 0]])
    got = simulate(rows, week, cash=1000, engine=engine)
    assert [row[:3] for row in said(got)] == [(3, "BTC", "the data ended")]
    nothing = simulate(rows_of(week, [[NAN, NAN]] * 4), week, cash=1000, engine=engine)
    assert nothing.fills.empty
    assert nothing.unfilled.empty


@ENGINES
def test_a_cut_purchase_is_final_when_what_is_closed_has_had_its_fill(engine):
    """10 % commission. Bar 1: 50 A for 550; B is closed. Bar 2: A is closed and waits for nothing; value 950.

    47.5 B would cost 522.5: 450 / 11 = 40.909091 are bought, and that is that.
    """
    two = of_bars({"A": [FLAT, FLAT, SHUT, FLAT], "B": [FLAT, SHUT, FLAT, FLAT]})
    rows = rows_of(two, [[0.5, 0.5], *[[NAN, NAN]] * 3])
    got = simulate(rows, two, Costs(commission=0.1), cash=1000, engine=engine)
    assert said(got) == [(2, "B", "cash: the buy", pytest.approx(47.5), pytest.approx(40.90909091))]
    assert got.shares["B"].tolist() == pytest.approx([0, 0, 40.90909091, 40.90909091])


@ENGINES
def test_a_purchase_tried_again_for_weeks_leaves_a_line_a_day(engine):
    """SPY is closed for 30 days after Friday's decision: 50 BTC are bought at once, and 50 more wanted every day.

    More lines than two a decided weight: the logs must grow with them. When SPY opens, it is sold and they are bought.
    """
    days = 30
    long = of_bars({"BTC": [FLAT] * (days + 3), "SPY": [FLAT, FLAT, *[SHUT] * days, FLAT]})
    rows = rows_of(long, [[0, 0.5], [1, 0], *[[NAN, NAN]] * (days + 1)])
    got = simulate(rows, long, cash=1000, engine=engine)
    assert [row[:3] for row in said(got)] == [(2 + k, "BTC", "cash: the buy") for k in range(days)]
    assert got.unfilled["wanted"].tolist() == pytest.approx([100] + [50] * (days - 1))
    assert got.unfilled["filled"].tolist() == pytest.approx([50] + [0] * (days - 1), abs=1e-9)
    assert got.shares["BTC"].iloc[-1] == pytest.approx(100)
    assert len(got.fills) == 4


@ENGINES
def test_half_a_unit_of_money_buys_for_half_a_unit(engine):
    """0.5 at 10 are 0.05 shares, or 0.5 / 10.1 with 1 % commission."""
    only = of_bars({"A": [FLAT] * 3})
    rows = rows_of(only, [[1], [NAN], [NAN]])
    got = simulate(rows, only, cash=0.5, engine=engine)
    assert got.shares["A"].tolist() == pytest.approx([0, 0.05, 0.05])
    dear = simulate(rows, only, Costs(commission=0.01), cash=0.5, engine=engine)
    assert dear.shares["A"].tolist() == pytest.approx([0, 0.5 / 10.1, 0.5 / 10.1])


def test_replayed_fills_earn_on_what_cash_there_is_and_nothing_below_zero():
    """0.1 % a day on 1: bar 1 brings 0.001 and 0.05 shares at 10 leave 0.501; bar 2 brings 0.000501.

    0.2 shares more at 10 leave 0.501501 - 2 = -1.498499, which on bar 3 neither earns nor pays.
    """
    only = of_bars({"A": [FLAT] * 4}, cash_yield=0.365)
    bought = np.array([[1, 0, 0, 0.05, 10.0, NAN], [2, 0, 1, 0.2, 10.0, NAN]])
    got = replay_fills(only.panel, Terms.of(("A",), cash=1.0), bought)
    assert got.interest.tolist() == pytest.approx([0, 0.001, 0.000501, 0])
    assert got.cash.tolist() == pytest.approx([1, 0.501, -1.498499, -1.498499])
    assert got.equity.tolist() == pytest.approx([1, 1.001, 1.001501, 1.001501])
