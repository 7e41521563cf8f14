"""`Backtest`: one strategy over one market, bar by bar, fill by fill."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
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
        account, decided = self.account, self.decided.rows
        values = np.concatenate([account.book.T[: len(MONEY)], self._weights, account.shares.T, decided.T])
        return self._frame(values, _bar_columns(self.market.panel.assets).view(), copy=False)

    @cached_property
    def fills(self) -> pd.DataFrame:
        """One row a fill.

        Time, asset, shares (negative for a sale), price with slippage, commission in money, and the
        bar at whose close it was decided.
        """
        bar, asset, decided, shares, price, commission = np.ascontiguousarray(self.account.fills.T)
        values = (self._times(bar), self._assets(asset), shares, price, commission, self._times(decided))
        return _table(FILL_COLUMNS, values)

    @cached_property
    def unfilled(self) -> pd.DataFrame:
        """One row an order that was not filled in full.

        Time, asset, the shares wanted (NaN where the market never opened for it) and filled, the bar
        at whose close it was decided, and the reason.
        """
        if not len(self.account.unfilled):  # of most accounts
            return _all_filled(self.market.bars.dtype).copy(deep=False)
        bar, asset, decided, wanted, filled, reason = np.ascontiguousarray(self.account.unfilled.T)
        reasons = _text(REASONS + PLAIN_REASONS).take(reason.astype(np.int64))
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
        return self._frame(self.account.shares.T, _index(self.market.panel.assets).view())

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Fractions of equity held at each close, shape (n_bars, n_assets)."""
        return self._frame(self._weights, _index(self.market.panel.assets).view())

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Rows decided at each close, shape (n_bars, n_assets); NaN where none was."""
        return self._frame(self.decided.rows.T, _index(self.market.panel.assets).view())

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

    @cached_property
    def _weights(self) -> Floats:
        """The fractions of equity held at each close, shape (n_assets, n_bars); none of an account worth 0."""
        worth = self.account.shares.T * np.ascontiguousarray(self.market.panel.last_close.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(worth, self.account.equity, out=worth)

    def _frame(self, columns: Floats, names: pd.Index[Any], *, copy: bool = True) -> pd.DataFrame:
        """Return columns that lie one after the other as a frame by bar."""
        return pd.DataFrame(columns.T, index=self.market.bars, columns=names, copy=copy)

    def _times(self, numbers: Floats) -> pd.api.extensions.ExtensionArray:
        """Return bar times for bar numbers."""
        return self.market.bars.array.take(numbers.astype(np.int64))

    def _assets(self, numbers: Floats) -> pd.api.extensions.ExtensionArray:
        """Return asset names for asset numbers."""
        return _text(self.market.panel.assets).take(numbers.astype(np.int64))


# What many accounts over one market share, each in a view with a name of its own: pandas takes longer to make one
# than an account takes to keep.
@lru_cache(maxsize=64)
def _index(names: tuple[str, ...]) -> pd.Index[Any]:
    """Return names as the columns of a frame."""
    return pd.Index(list(names))


@lru_cache(maxsize=64)
def _bar_columns(assets: tuple[str, ...]) -> pd.Index[Any]:
    """Return the columns of `bars`."""
    return pd.Index([*MONEY, *(f"{kind}.{asset}" for kind in PER_ASSET for asset in assets)])


@lru_cache(maxsize=64)
def _text(names: tuple[str, ...]) -> pd.api.extensions.ExtensionArray:
    """Return names as text, to be taken by their numbers."""
    return pd.array(list(names), dtype="str")


@lru_cache(maxsize=8)
def _all_filled(time: Any) -> pd.DataFrame:
    """Return `unfilled` without a row, its times of this type."""
    times, text, numbers = pd.array([], dtype=time), pd.array([], dtype="str"), np.empty(0)
    return _table(UNFILLED_COLUMNS, (times, text, numbers, numbers, times, text))


def _table(names: tuple[str, ...], values: tuple[Any, ...]) -> pd.DataFrame:
    """Return columns, which are nobody else's, under their names."""
    table = pd.DataFrame(dict(enumerate(values)), copy=False)
    table.columns = _index(names).view()  # made once; from the dictionary's keys pandas would make it anew
    return table
