"""Measuring an account against a bare compiled loop over the same bars: a sweep's unit of work."""

from __future__ import annotations

import numpy as np
from cases import frames, market_of, targets_of
from pairs import paired, report
from peers import COMMISSION, SLIPPAGE, bare_loop

from raisecash import measure, simulate
from raisecash.execution.costs import Costs

BARS, BOUND = 3_131, 40.0


def test_all_metrics_of_an_account_against_a_bare_loop(capsys, benchmark):
    """Day ends and every metric of an account against another one, from what an engine recorded."""
    market = market_of(frames(BARS))
    costs = Costs(commission=COMMISSION, slippage=SLIPPAGE)
    account, other = (
        simulate(targets_of(market, seed=seed), market, costs, engine="ledger") for seed in (1, 2)
    )
    panel, weights, cash = market.panel, account.decided.rows, account.cash_at_start
    np.testing.assert_allclose(
        account.account.equity, bare_loop(panel.open, panel.close, weights, cash), rtol=1e-9
    )

    found = paired(
        lambda: measure(account, other),
        lambda: bare_loop(panel.open, panel.close, weights, cash),
        calls=50,
        rounds=9,
    )
    report(capsys, f"measure, all metrics / bare loop, {BARS:,} bars", found, BOUND)
    benchmark.extra_info.update(found)
    benchmark.pedantic(lambda: measure(account, other), rounds=3)
