"""`Backtest`: one strategy over one market, bar by bar, fill by fill."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from raisecash.data.market import Market
from raisecash.engines.account import MONEY, PLAIN_REASONS, REASONS, Account
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.execution.terms import Terms
from raisecash.execution.weights import CheckedWeights
from raisecash.messages.notebook import Line, as_html, in_lines, percent, value_told
from raisecash.messages.words import counted, stamp

if TYPE_CHECKING:
    from raisecash.data.panel import Floats

PER_ASSET = ("weight", "shares", "target")
FILL_COLUMNS = ("time", "asset", "shares", "price", "commission", "decided_at")
UNFILLED_COLUMNS = ("time", "asset", "wanted", "filled", "decided_at", "reason")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Backtest:
    """What one table of target weights did to an account.

    The account is kept in bare arrays; each frame is made when it is first read.

    Attributes
    ----------
    name : str
        Who decided the weights.
    engine : str
        `"backtrader"` or `"ledger"`.
    market : Market
        What it was run over; its arrays are `market.panel`.
    terms : Terms
        What it was run under. `costs`, `rebalance`, `cash_at_start` and `lots` are parts of it.
    decided : CheckedWeights
        The rows decided at each close; none of a strategy that places its own orders.
    account : Account
        What the engine recorded, as arrays.
    """

    name: str
    engine: str
    market: Market
    terms: Terms
    decided: CheckedWeights
    account: Account

    @property
    def costs(self) -> Costs:
        """What a trade cost."""
        return self.terms.costs

    @property
    def rebalance(self) -> Rebalance:
        """When a decided row became orders."""
        return self.terms.rebalance

    @property
    def cash_at_start(self) -> float:
        """Money at the start."""
        return self.terms.cash

    @property
    def lots(self) -> dict[str, float]:
        """Each asset's lot size, 0 for fractional."""
        return dict(zip(self.market.assets, self.terms.lots.tolist(), strict=True))

    @cached_property
    def bars(self) -> pd.DataFrame:
        """The account at each close, shape (n_bars, 6 + 3 n_assets).

        Equity, cash, interest credited, commission paid, value traded and dividends received at the
        bar, and per asset `weight.<asset>` (of equity), `shares.<asset>` held and `target.<asset>`
        (the row decided at this close, NaN where nothing was decided).
        """
        book = self.account.book
        names = [*MONEY, *(f"{kind}.{asset}" for kind in PER_ASSET for asset in self.market.assets)]
        columns = [book[:, : len(MONEY)].T, self._weights().T, self.account.shares.T, self.decided.rows.T]
        return self._frame(np.concatenate(columns), names)

    @cached_property
    def fills(self) -> pd.DataFrame:
        """One row a fill.

        Time, asset, shares (negative for a sale), price with slippage, commission in money, and the
        bar at whose close it was decided.
        """
        bar, asset, decided, shares, price, commission = self.account.fills.T
        values = (self._times(bar), self._assets(asset), shares, price, commission, self._times(decided))
        return _table(FILL_COLUMNS, values)

    @cached_property
    def unfilled(self) -> pd.DataFrame:
        """One row an order that was not filled in full.

        Time, asset, the shares wanted (NaN where the market never opened for it) and filled, the bar
        at whose close it was decided, and the reason.
        """
        bar, asset, decided, wanted, filled, reason = self.account.unfilled.T
        reasons = _named(REASONS + PLAIN_REASONS, reason)
        values = (self._times(bar), self._assets(asset), wanted, filled, self._times(decided), reasons)
        return _table(UNFILLED_COLUMNS, values)

    @cached_property
    def equity(self) -> pd.Series:
        """Account value at each close."""
        return pd.Series(self.account.equity, index=self.market.bars, name="equity")

    @cached_property
    def cash(self) -> pd.Series:
        """Money not invested at each close."""
        return pd.Series(self.account.cash, index=self.market.bars, name="cash")

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Units held at each close, shape (n_bars, n_assets)."""
        return self._frame(self.account.shares.T, list(self.market.assets))

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Fractions of equity held at each close, shape (n_bars, n_assets)."""
        return self._frame(self._weights().T, list(self.market.assets))

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Rows decided at each close, shape (n_bars, n_assets); NaN where none was."""
        return self._frame(self.decided.rows.T, list(self.market.assets))

    def __repr__(self) -> str:
        refused = len(self.account.unfilled)
        facts = {
            "orders": counted(len(self.account.fills), "fill")
            + (f", {counted(refused, 'order')} not filled in full" if refused else ""),
            "costs": f"commission {self.costs.commission * 100:g}%, slippage {self.costs.slippage * 100:g}% of traded value",
            "engine": self.engine,
        }
        return in_lines(self._title, facts.items())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: lines of the equity, the cash and each asset's share of the account."""
        shares = {"cash": self.cash / self.equity, **{str(name): self.weights[name] for name in self.weights}}
        rows = [
            ("equity", value_told(float(self.account.equity[-1])), Line(self.account.equity)),
            *((name, percent(float(line.iloc[-1])), Line(line.to_numpy())) for name, line in shares.items()),
        ]
        return as_html(self._title, ("", "last", ""), rows, [f"{counted(len(self.account.fills), 'fill')}"])

    @property
    def _title(self) -> str:
        """Whose account it is, and what became of the money."""
        first, last = stamp(self.market.bars[0]), stamp(self.market.bars[-1])
        start, end = self.cash_at_start, float(self.account.equity[-1])
        return (
            f"Backtest of {self.name}: {value_told(start)} became {value_told(end)} ({percent(end / start - 1)}), "
            f"{first} to {last}"
        )

    def _weights(self) -> Floats:
        """Return the fractions of equity held at each close, shape (n_bars, n_assets); none of an account worth 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.account.shares * self.market.panel.last_close / self.account.equity[:, None]

    def _frame(self, columns: Floats, names: list[str]) -> pd.DataFrame:
        """Return columns that lie one after the other as a frame by bar."""
        return pd.DataFrame(columns.T, index=self.market.bars, columns=names)

    def _times(self, numbers: Floats) -> np.ndarray:
        """Return bar times for bar numbers."""
        return self.market.panel.times[numbers.astype(np.int64)]

    def _assets(self, numbers: Floats) -> pd.api.extensions.ExtensionArray:
        """Return asset names for asset numbers."""
        return _named(self.market.assets, numbers)


def _named(names: tuple[str, ...], numbers: Floats) -> pd.api.extensions.ExtensionArray:
    """Return the name of each number, as text."""
    return pd.array(list(names), dtype="str").take(numbers.astype(np.int64))


def _table(names: tuple[str, ...], values: tuple[Any, ...]) -> pd.DataFrame:
    """Return columns under their names."""
    return pd.DataFrame(dict(zip(names, values, strict=True)))
