"""Both engines against a plain-Python loop that shares no code with them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from raisecash import simulate
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.simulation.reconcile import reconcile
from tests.support.cases import cases
from tests.support.loop import book_of, largest_gap

TOLERANCE = 1e-9


def simulated(market, targets, rules, engine):
    return simulate(
        targets,
        market,
        Costs(commission=rules["commission"], slippage=rules["slippage"]),
        Rebalance(on_change=rules["on_change"], every=rules["every"], drift=rules["drift"]),
        engine=engine,
        cash=rules["cash"],
        lots=rules["lots"],
    )


def agree(case):
    market, targets, rules = case
    book = book_of(market, targets, **rules)
    ledger = simulated(market, targets, rules, "ledger")
    record = simulated(market, targets, rules, "backtrader")
    closes = market.close.to_dict("records")
    assert largest_gap(ledger.bars, book, closes) <= TOLERANCE
    assert largest_gap(record.bars, book, closes) <= TOLERANCE
    assert reconcile(record, ledger).max_relative_difference <= TOLERANCE
    assert list(record.unfilled["reason"]) == list(ledger.unfilled["reason"])
    assert (ledger.cash >= 0).all()
    assert (record.cash >= 0).all()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_engines_agree_with_the_loop(case):
    agree(case)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_engines_agree_with_the_loop_over_a_thousand_cases(case):
    agree(case)
