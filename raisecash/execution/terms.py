"""`Terms`: what an account is traded under, checked once against the assets it can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from raisecash.errors import InputError
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance

if TYPE_CHECKING:
    from raisecash.data.panel import Floats

CASH_AT_START = 100_000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """The terms of trade of an account; m assets. `Terms.of` makes and checks them.

    Attributes
    ----------
    costs : Costs
    rebalance : Rebalance
    lots : array of shape (m,)
        Lot size, 0 for fractional shares; cannot be written to.
    cash : float
        Money at the start.
    """

    costs: Costs
    rebalance: Rebalance
    lots: Floats
    cash: float

    @classmethod
    def of(
        cls,
        assets: Sequence[str],
        costs: Costs | None = None,
        rebalance: Rebalance | None = None,
        *,
        cash: float = CASH_AT_START,
        lots: Mapping[str, float] | float = 0.0,
    ) -> Terms:
        """Return the terms for these assets.

        Parameters
        ----------
        assets : sequence of str
            What can be held, in the market's order.
        costs : Costs, default free of costs
        rebalance : Rebalance, default on every change of target
        cash : float
            Money at the start.
        lots : float or mapping of asset to float
            Lot size; 0 for fractional shares.

        Raises
        ------
        InputError
            For cash that is not positive, or a lot that is negative or of an unknown asset.
        """
        if not (math.isfinite(cash) and cash > 0):
            raise InputError(f"cash must be a positive amount of money, got {cash!r}")
        sizes = _lots(lots, assets)
        sizes.flags.writeable = False
        return cls(costs=costs or Costs(), rebalance=rebalance or Rebalance(), lots=sizes, cash=float(cash))


def _lots(lots: Mapping[str, float] | float, assets: Sequence[str]) -> Floats:
    """Return a lot size an asset."""
    if not isinstance(lots, Mapping):
        lots = dict.fromkeys(assets, lots)
    for asset, lot in lots.items():
        if asset not in assets:
            raise InputError(f"lot for {asset!r}, which is not in the market; it has {', '.join(assets)}")
        if not (math.isfinite(lot) and lot >= 0):
            raise InputError(
                f"lot of {asset} must be 0 (fractional) or a positive number of shares, got {lot!r}"
            )
    return np.array([float(lots.get(asset, 0.0)) for asset in assets])
