"""Bond yields that fell and came to rest: the view's opening move."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import CalmYield, scale


class YieldStabilization(Overlay):
    """Hold the base while a bond yield is down from its recent high and has become calm.

    Both are measured in the yield's own history: down by `fall` of the moves that are usual over the
    high's window, and no more volatile than it mostly was (`CalmYield`). While there are too few readings to
    tell, risk is off.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?', 28 May 2025.
    """

    opens: CalmYield = Field(CalmYield(), description="the yield, and when it is stable")
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base's weights turned into cash while risk is off"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights while the yield is down and calm, 1 - reserve of them otherwise."""
        exposure = np.where(self.is_on(market), 1.0, 1 - self.reserve)
        return scale(self.base.target_weights(market), exposure)

    def is_on(self, market: Market) -> pd.Series:
        """Return whether the yield is down from its high and calm, a bool a bar.

        Raises
        ------
        ParameterError
            When the market does not have the signal.
        """
        return self.opens.is_on(market, owner=f"{type(self).__name__}.opens")
