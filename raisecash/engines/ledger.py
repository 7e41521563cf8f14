"""The ledger engine: decided weights replayed in one tight compiled loop, exactly as docs/execution.md says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from raisecash.engines import kernel
from raisecash.engines.account import MONEY, Account

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Panel
    from raisecash.execution.terms import Terms
    from raisecash.execution.weights import CheckedWeights


def run(panel: Panel, terms: Terms, weights: CheckedWeights) -> Account:
    """Return the account that weights make of the terms' cash over a panel, every column recorded."""
    n, m = panel.shape
    before = shared(panel, terms)
    columns = np.empty((len(MONEY) + m, n))
    # Room for two fills and two unfilled orders a decided weight; pages cost nothing until they are written.
    rows = 2 * m * (len(weights.decisions) + 1)
    while True:
        fills, unfilled = np.empty((rows, 6)), np.empty((rows, 6))
        given = (*before, weights.rows, weights.decisions, columns[0], columns[1:], fills, unfilled)
        n_fills, n_unfilled = kernel.keep(*given)
        needed: int = max(int(n_fills), int(n_unfilled))
        if needed <= rows:
            return Account(book=columns.T, fills=fills[:n_fills], unfilled=unfilled[:n_unfilled])
        rows = needed  # orders retried for days on end: once more, with room for all


def replay_fills(panel: Panel, terms: Terms, fills: Floats) -> Account:
    """Return the account that recorded fills make of the terms' cash.

    Parameters
    ----------
    panel : Panel
    terms : Terms
    fills : array of shape (n_fills, 6)
        As in `Account`, in the order of their bars. The commission is computed anew; cash may go
        below zero, as a short sale's buyback can make it, and then neither earns nor pays interest.
    """
    n, m = panel.shape
    columns = np.empty((len(MONEY) + m, n))
    bars, assets = fills[:, 0].astype(np.int64), fills[:, 1].astype(np.int64)
    shares, prices = (
        fills[:, 3].copy(),
        fills[:, 4].copy(),
    )  # of one type for the kernel, however many there are
    fees = kernel.keep_fills(
        panel.last_close, panel.dividends, panel.interest, terms.cash, terms.costs.commission,
        bars, assets, shares, prices, columns[0], columns[1:],
    )  # fmt: skip
    return Account(book=columns.T, fills=np.column_stack([fills[:, :5], fees]), unfilled=np.empty((0, 6)))


def shared(panel: Panel, terms: Terms) -> tuple[Any, ...]:
    """Return what `kernel.keep` takes first: what all accounts over a panel under the same terms share."""
    costs, rebalance = terms.costs, terms.rebalance
    return (
        panel.open, panel.last_close, panel.dividends, panel.interest, panel.starts_period(rebalance.every),
        terms.lots, terms.cash, costs.commission, costs.slippage, rebalance.on_change, rebalance.drift,
    )  # fmt: skip
