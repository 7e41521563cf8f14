"""The curve overlays judge on, by hand and against the ledger."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from raisecash import simulate
from raisecash.strategy.rules.curves import is_recovered, is_trending, model_curve
from strategies.buy_and_hold import BuyAndHold
from strategies.fixed_mix import FixedMix
from tests.support.markets import priced
from tests.support.strategies.plans import Planned


def test_unchanged_weights_drift_and_a_changed_row_starts_anew():
    """Half BTC, half ETH at 100 each; BTC doubles and halves again: 1, 1.5, 1, not 0.75 x 1.5.

    At the third close the plan goes to half invested: 0.25 each of 1. BTC +20% makes 1 + 0.25 x 0.2 = 1.05.
    """
    over = priced(BTC=[100, 200, 100, 120], ETH=[100, 100, 100, 100])
    weights = Planned(shares=(1, 1, 0.5, 0.5)).target_weights(over)
    assert model_curve(weights, over).tolist() == pytest.approx([1, 1.5, 1, 1.05])


def test_rows_without_a_decision_hold_what_was_bought():
    over = priced(BTC=[100, 200, 100, 50], ETH=[100, 100, 100, 100])
    once = BuyAndHold().target_weights(over)
    assert model_curve(once, over).tolist() == pytest.approx([1, 1.5, 1, 0.75])
    assert model_curve(once, over).tolist() == model_curve(FixedMix().target_weights(over), over).tolist()
    assert model_curve(once * np.nan, over).tolist() == [1, 1, 1, 1]


def test_the_curve_is_the_account_of_orders_that_fill_where_they_were_decided():
    """With each open at the last close and no costs, the ledger's equity is the curve."""
    rng = np.random.default_rng(4)
    walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (300, 3)), axis=0))
    over = priced(A=walk[:, 0].tolist(), B=walk[:, 1].tolist(), C=walk[:, 2].tolist())
    table = rng.dirichlet([1, 1, 1, 1], 300)[:, :3]
    table[rng.random(300) < 0.6] = np.nan  # most bars decide nothing
    weights = pd.DataFrame(table, index=over.bars, columns=list(over.assets))
    account = simulate(weights, over, engine="ledger", cash=1.0)
    assert model_curve(weights, over) == pytest.approx(account.equity.to_numpy(), rel=1e-9)


def test_recovery_and_trend_by_hand():
    curve = np.array([1.0, 2.0, 1.8, 1.9, 1.7, 1.7, 1.75])
    assert is_recovered(curve, depth=0.1, window=7).tolist() == [True, True, True, True, False, False, False]
    assert is_recovered(curve, depth=0.1, window=4).tolist() == [True, True, True, True, False, False, True]
    assert is_trending(curve, window=3).tolist() == [False, False, True, False, False, False, True]
