"""Reconciliation: the two engines' accounts held against each other, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from raisecash.errors import ReconciliationError
from raisecash.simulation.backtest import MONEY

if TYPE_CHECKING:
    from raisecash.simulation.backtest import Backtest

TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """How far two engines' accounts are apart, as a share of equity."""

    engine: str
    against: str
    max_relative_difference: float


def reconcile(record: Backtest, replay: Backtest, *, tolerance: float = TOLERANCE) -> Reconciliation:
    """Return how far two accounts of the same targets are apart.

    Money columns (equity, cash, interest, commission, traded value) are compared as shares of the
    equity at the bar, shares by what the difference is worth at the close as a share of equity.

    Raises
    ------
    ReconciliationError
        When the largest difference is above `tolerance`, naming the first bar and column (and so
        the asset) where it is.
    """
    if not record.bars.index.equals(replay.bars.index):
        raise ReconciliationError(
            f"{record.name}: {record.engine} recorded {len(record.bars)} bars, {replay.engine} {len(replay.bars)}"
        )
    equity = replay.bars["equity"].to_numpy()
    prices = replay.market.last_close.fillna(0.0).to_numpy()
    columns = [*MONEY, *(f"shares.{asset}" for asset in record.market.assets)]
    gaps = np.abs(record.bars[columns].to_numpy() - replay.bars[columns].to_numpy())
    gaps[:, len(MONEY) :] *= prices
    gaps /= equity[:, None]
    parted = np.argwhere(~(gaps <= tolerance))  # written so that NaN counts as parted
    if len(parted):
        row, column = parted[0]
        name, bar = columns[column], record.bars.index[row]
        raise ReconciliationError(
            f"{record.name}: {record.engine} and {replay.engine} part on {bar} in {name}: "
            f"{record.bars.at[bar, name]!r} against {replay.bars.at[bar, name]!r}, "
            f"{gaps[row, column]:.3g} of equity (allowed {tolerance:g})"
        )
    return Reconciliation(
        engine=record.engine, against=replay.engine, max_relative_difference=float(gaps.max(initial=0.0))
    )
