"""Hold nothing but cash: what the interest alone earns."""

from __future__ import annotations

import pandas as pd

from raisecash import Market, Strategy


class Cash(Strategy):
    """Hold cash and earn the cash yield.

    Source: the risk-free alternative.
    """

    @property
    def warm_up_bars(self) -> int:
        """It needs no past."""
        return 0

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return zeros."""
        return pd.DataFrame(0.0, index=market.bars, columns=list(market.assets))
