"""The two engines against hand-written backtrader and a bare compiled loop."""

from __future__ import annotations

import numpy as np
import pytest
from cases import frames, market_of, targets_of
from pairs import paired, report
from peers import COMMISSION, SLIPPAGE, bare_loop, plain_backtrader

from raisecash import simulate
from raisecash.engines import ledger
from raisecash.execution.costs import Costs
from raisecash.execution.terms import Terms
from raisecash.execution.weights import check_weights

COSTS = Costs(commission=COMMISSION, slippage=SLIPPAGE)


def given(market, targets):
    """Return what an engine is given."""
    weights = check_weights(targets, market, name="benchmark")
    return market.panel, Terms.of(market.assets, COSTS), weights


def test_backtrader_engine_against_hand_written_backtrader(capsys, benchmark):
    """3,131 business days, two assets, 250 decisions; recording, validation and tables included in ours."""
    prices = frames(3131)
    market = market_of(prices)
    targets = targets_of(market)
    ours = simulate(targets, market, COSTS, engine="backtrader")
    theirs = plain_backtrader(prices, targets, 100_000.0)
    assert ours.equity.iloc[-1] == pytest.approx(theirs, rel=1e-9)

    found = paired(
        lambda: simulate(targets, market, COSTS, engine="backtrader"),
        lambda: plain_backtrader(prices, targets, 100_000.0),
    )
    report(capsys, "simulate(engine='backtrader') / hand-written backtrader", found, 0.7)
    benchmark.extra_info.update(found)
    benchmark.pedantic(lambda: simulate(targets, market, COSTS, engine="backtrader"), rounds=3)


@pytest.mark.parametrize("n_bars", [3_131, 30_000, 300_000, 1_000_000])
def test_ledger_against_a_bare_loop(capsys, benchmark, n_bars):
    """Every column, fill and unfilled order recorded, against a loop that keeps one equity curve."""
    market = market_of(frames(n_bars, freq="min" if n_bars > 10_000 else "B"))
    panel, terms, weights = given(market, targets_of(market))
    account = ledger.run(panel, terms, weights)
    bare = bare_loop(panel.open, panel.close, weights.rows, terms.cash)
    np.testing.assert_allclose(account.equity, bare, rtol=1e-9)

    calls = max(1, 300_000 // n_bars)
    found = paired(
        lambda: ledger.run(panel, terms, weights),
        lambda: bare_loop(panel.open, panel.close, weights.rows, terms.cash),
        calls=calls,
        rounds=9,
    )
    report(capsys, f"ledger / bare loop, {n_bars:,} bars", found, 3.0)
    with capsys.disabled():
        print(f"  {found['first'] / n_bars * 1e9:.1f} ns a bar against {found['second'] / n_bars * 1e9:.1f}")
    benchmark.extra_info.update(found)
    benchmark.pedantic(lambda: ledger.run(panel, terms, weights), rounds=3)
