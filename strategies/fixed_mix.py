"""A constant mix, brought back to its weights as often as the config rebalances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market, Strategy
from raisecash.strategy.rules import FixedWeights, weights_in


class FixedMix(Strategy):
    """Hold the same weights at every bar, rebalanced by the config's `rebalance` rule.

    An asset without a price yet has weight 0, its share stays cash until then.

    Source: Perold and Sharpe (1988), 'Dynamic Strategies for Asset Allocation', Financial Analysts Journal 44(1).
    """

    weights: FixedWeights | None = Field(None, description="weight of each asset; equal when not given")

    @property
    def warm_up_bars(self) -> int:
        """It needs no past."""
        return 0

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the same row at every bar."""
        weights = weights_in(market, self.weights, owner=type(self).__name__)
        has_price = ~np.isnan(market.last_close.to_numpy(dtype=float))
        rows = np.where(has_price, [weights[asset] for asset in market.assets], 0.0)
        return pd.DataFrame(rows, index=market.bars, columns=list(market.assets))
