"""A base strategy whose weights are given."""

from __future__ import annotations

import pandas as pd

from raisecash import Field, Market, Strategy


class Planned(Strategy):
    """Hold the given share of the account in equal weights, a bar after the other; None is no decision."""

    shares: tuple[float | None, ...] = Field(description="invested share at each bar")

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return equal weights times the shares."""
        shares = pd.Series(self.shares[: len(market.bars)], index=market.bars, dtype=float)
        return market.equal_weights().mul(shares, axis=0)
