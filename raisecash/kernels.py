"""Compiling everything that is compiled, at set-up: `python -m raisecash.kernels`."""

from __future__ import annotations

import sys
import time


def compile_kernels() -> None:
    """Call each compiled function once, as a run or a sweep calls it: what is on disk already is only read."""
    import numpy as np
    import pandas as pd

    from raisecash.data.market import Market
    from raisecash.engines.ledger import replay_fills
    from raisecash.execution.terms import Terms
    from raisecash.metrics.batch import measure_many
    from raisecash.simulation.simulate import simulate

    prices = pd.DataFrame({"A": [1.0, 2.0, 1.0, 3.0]}, index=pd.date_range("2024-01-01", periods=4))
    market = Market(open=prices, close=prices)
    weights = market.equal_weights()
    terms = Terms.of(market.assets)
    account = simulate(weights, market, engine="ledger").account
    replay_fills(market.panel, terms, account.fills)
    measure_many(market.panel, terms, np.stack([weights.to_numpy(), weights.to_numpy() * 0.5]))


if __name__ == "__main__":
    began = time.monotonic()
    compile_kernels()
    sys.stdout.write(f"the ledger is compiled ({time.monotonic() - began:.0f} s)\n")
