"""A base strategy whose weights are given, and markets whose prices are."""

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


def priced(**closes: list[float]) -> Market:
    """Return a seven-day market in which each bar opens where the last one closed."""
    bars = pd.date_range("2024-01-01", periods=len(next(iter(closes.values()))))
    close = pd.DataFrame(closes, index=bars, dtype=float)
    return Market(open=close.shift(1).fillna(close), close=close, periods_per_year=365)
