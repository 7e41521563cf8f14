"""Reconciliation: the two engines' accounts held against each other, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from raisecash.engines.account import MONEY
from raisecash.errors import ReconciliationError

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

    Money columns (equity, cash, interest, commission, traded value, dividends) are compared as shares
    of the equity at the bar, shares by what the difference is worth at the close as a share of equity.

    Raises
    ------
    ReconciliationError
        When the largest difference is above `tolerance`, naming the first bar and column (and so
        the asset) where it is.
    """
    one, other = record.account.book, replay.account.book
    bars = record.market.bars
    if not bars.equals(replay.market.bars):
        raise ReconciliationError(
            f"{record.name}: {record.engine} recorded {len(one)} bars, {replay.engine} {len(other)}"
        )
    gaps = np.abs(one - other)
    gaps[:, len(MONEY) :] *= replay.market.panel.last_close
    gaps /= replay.account.equity[:, None]
    parted = np.argwhere(~(gaps <= tolerance))  # written so that NaN counts as parted
    if len(parted):
        row, column = parted[0]
        names = [*MONEY, *(f"shares.{asset}" for asset in record.market.assets)]
        raise ReconciliationError(
            f"{record.name}: {record.engine} and {replay.engine} part on {bars[row]} in {names[column]}: "
            f"{one[row, column]!r} against {other[row, column]!r}, "
            f"{gaps[row, column]:.3g} of equity (allowed {tolerance:g})"
        )
    return Reconciliation(
        engine=record.engine, against=replay.engine, max_relative_difference=float(gaps.max(initial=0.0))
    )
