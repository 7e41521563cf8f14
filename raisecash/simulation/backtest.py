"""`Backtest`: one strategy over one market, bar by bar, fill by fill."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from raisecash.data.market import Market
from raisecash.execution.terms import Costs, Rebalance

MONEY = ("equity", "cash", "interest", "commission", "traded", "dividends")
PER_ASSET = ("weight", "shares", "target")
FILL_COLUMNS = ("time", "asset", "shares", "price", "commission", "decided_at")
UNFILLED_COLUMNS = ("time", "asset", "wanted", "filled", "decided_at", "reason")


@dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """What one table of target weights did to an account.

    Attributes
    ----------
    name : str
        Who decided the weights.
    engine : str
        `"backtrader"` or `"ledger"`.
    market, costs, rebalance, cash_at_start, lots
        What it was run over and under; `lots` maps an asset to its lot size, 0 for fractional.
    bars : DataFrame of shape (n_bars, 6 + 3 n_assets)
        At each close: equity, cash, interest credited, commission paid, value traded and dividends
        received at the bar,
        and per asset `weight.<asset>` (of equity), `shares.<asset>` held and `target.<asset>`
        (the row decided at this close, NaN where nothing was decided).
    fills : DataFrame
        One row a fill: time, asset, shares (negative for a sale), price with slippage, commission
        in money, and the bar at whose close it was decided.
    unfilled : DataFrame
        One row an order that was not filled in full: the shares wanted and filled (NaN where the
        market never opened for it), and the reason.
    """

    name: str
    engine: str
    market: Market
    costs: Costs
    rebalance: Rebalance
    cash_at_start: float
    lots: dict[str, float]
    bars: pd.DataFrame
    fills: pd.DataFrame
    unfilled: pd.DataFrame

    @property
    def equity(self) -> pd.Series:
        """Account value at each close."""
        return self.bars["equity"]

    @property
    def cash(self) -> pd.Series:
        """Money not invested at each close."""
        return self.bars["cash"]

    @property
    def shares(self) -> pd.DataFrame:
        """Units held at each close, shape (n_bars, n_assets)."""
        return self._per_asset("shares")

    @property
    def weights(self) -> pd.DataFrame:
        """Fractions of equity held at each close, shape (n_bars, n_assets)."""
        return self._per_asset("weight")

    @property
    def targets(self) -> pd.DataFrame:
        """Rows decided at each close, shape (n_bars, n_assets); NaN where none was."""
        return self._per_asset("target")

    def _per_asset(self, kind: str) -> pd.DataFrame:
        """Return the columns `kind.<asset>` under the assets' own names."""
        columns = [f"{kind}.{asset}" for asset in self.market.assets]
        return self.bars[columns].set_axis(list(self.market.assets), axis=1)
