"""Buy once, never trade again: what every other strategy has to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market, Strategy
from raisecash.strategy.rules import FixedWeights, weights_in


class BuyAndHold(Strategy):
    """Buy fixed weights at the first bar at which every one of them has a price, then hold.

    The weights drift with prices; nothing is ever rebalanced, whatever the config's `rebalance` says.

    Source: the textbook benchmark of a passive investor.
    """

    excused = {"start_date_does_not_matter": "buys once, when its market begins"}  # noqa: RUF012  # declared in Strategy

    weights: FixedWeights | None = Field(None, description="weight of each asset; equal when not given")

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return one decided row, the rest no decision."""
        weights = pd.Series(weights_in(market, self.weights, owner=type(self).__name__))
        rows = pd.DataFrame(np.nan, index=market.bars, columns=list(market.assets))
        held = weights.index[weights > 0]
        priced = market.last_close[held].notna().all(axis=1).to_numpy()
        if priced.any():
            rows.iloc[int(priced.argmax())] = weights
        return rows
