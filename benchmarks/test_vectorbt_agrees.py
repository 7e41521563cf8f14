"""vectorbt, where it can express a case: no interest, targets valued and filled at the open, every market open."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import frames, market_of, targets_of
from pairs import paired, report

from raisecash import simulate
from raisecash.execution.costs import Costs

vectorbt = pytest.importorskip("vectorbt", reason="the benchmark environment has it")


@pytest.mark.parametrize(("commission", "slippage"), [(0.0, 0.0), (0.001, 0.0005), (0.01, 0.005)])
@pytest.mark.parametrize("seed", range(5))
def test_equity_and_shares_agree_with_vectorbt(commission, slippage, seed):
    """vectorbt sizes at the price it fills at: its orders are ours shifted to the next open, valued there.

    It spends cash in call order where a buy is short of it, so the weights leave 10 % idle and no buy is cut.
    """
    market = market_of(frames(1500, seed=seed))
    targets = targets_of(market, seed=seed) * 0.9
    ours = simulate(targets, market, Costs(commission=commission, slippage=slippage), engine="ledger")

    theirs = vectorbt.Portfolio.from_orders(
        close=market.close,
        size=targets.shift(1),
        size_type="targetpercent",
        price=market.open,
        val_price=market.open,
        fees=commission,
        slippage=slippage,
        init_cash=100_000.0,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="D",
    )
    np.testing.assert_allclose(ours.equity.to_numpy(), theirs.value().to_numpy(), rtol=1e-6)
    np.testing.assert_allclose(ours.cash.to_numpy(), theirs.cash().to_numpy(), rtol=1e-6)
    shares = theirs.assets() if callable(theirs.assets) else theirs.assets
    np.testing.assert_allclose(ours.shares.to_numpy(), pd.DataFrame(shares).to_numpy(), rtol=1e-6, atol=1e-9)


def test_one_backtest_against_vectorbt(capsys, benchmark):
    """3,131 bars, tables made on both sides."""
    market = market_of(frames(3131))
    targets = targets_of(market) * 0.9
    shifted = targets.shift(1)
    found = paired(
        lambda: simulate(targets, market, Costs(commission=0.001, slippage=0.0005), engine="ledger"),
        lambda: vectorbt.Portfolio.from_orders(
            close=market.close, size=shifted, size_type="targetpercent", price=market.open, val_price=market.open,
            fees=0.001, slippage=0.0005, init_cash=100_000.0, cash_sharing=True, group_by=True, call_seq="auto", freq="D",
        ).value(),
    )  # fmt: skip
    report(capsys, "simulate(engine='ledger') / vectorbt from_orders", found, 1.0)
    benchmark.extra_info.update(found)
    benchmark.pedantic(
        lambda: simulate(targets, market, Costs(commission=0.001, slippage=0.0005), engine="ledger"), rounds=5
    )
