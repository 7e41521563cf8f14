"""The weights contract: what a table of target weights must be before an engine trades it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.errors import WeightsError
from raisecash.execution.terms import WEIGHT_TOLERANCE

if TYPE_CHECKING:
    from raisecash.data.market import Market


def check_weights(targets: pd.DataFrame, market: Market, *, name: str) -> pd.DataFrame:
    """Return the table on the market's bars and columns, or raise at its first bad row.

    Parameters
    ----------
    targets : DataFrame of shape (n_rows, n_assets)
        Fractions of equity, a column for each of the market's assets in any order, rows among its
        bars. A bar without a row, or with a row of NaN, decides nothing.
    market : Market
    name : str
        Who decided, for the message.

    Returns
    -------
    DataFrame of shape (n_bars, n_assets)
        Rounding below 1e-9 outside [0, 1] is clipped; nothing else is changed.

    Raises
    ------
    WeightsError
        Naming the strategy, the date, the asset, the rule and the value.
    """
    if not isinstance(targets, pd.DataFrame):
        raise WeightsError(
            f"{name}: target_weights must return a DataFrame (bars x assets), got {type(targets).__name__}"
        )
    if sorted(map(str, targets.columns)) != sorted(market.assets):
        raise WeightsError(
            f"{name}: target weights need exactly the columns {', '.join(market.assets)}, "
            f"got {', '.join(map(str, targets.columns)) or 'none'}"
        )
    if not targets.index.is_unique:
        raise WeightsError(f"{name}: two rows of weights on {targets.index[targets.index.duplicated()][0]}")
    strangers = targets.index.difference(market.bars)
    if len(strangers):
        raise WeightsError(f"{name}: weights on {strangers[0]}, which is not a bar of the market")
    try:
        table = targets.reindex(index=market.bars, columns=list(market.assets)).astype(float)
    except (TypeError, ValueError) as error:
        raise WeightsError(f"{name}: target weights must be numbers ({error})") from error
    weights = table.to_numpy(copy=True)
    _check_rows(weights, market, name)
    np.clip(weights, 0.0, 1.0, out=weights)
    return pd.DataFrame(weights, index=table.index, columns=table.columns)


def _check_rows(weights: np.ndarray, market: Market, name: str) -> None:
    """Raise at the first row that breaks a rule."""
    missing = np.isnan(weights)
    undecided = missing.all(axis=1)
    has_price = market.last_close.notna().to_numpy()
    with np.errstate(invalid="ignore"):
        broken = (
            (
                missing & ~undecided[:, None],
                "is NaN while others are not; give every asset a weight, or none",
            ),
            (~missing & ~np.isfinite(weights), "must be a finite number"),
            (weights < -WEIGHT_TOLERANCE, "must be 0 or more: short positions are not simulated"),
            (weights > 1 + WEIGHT_TOLERANCE, "must be 1 or less: borrowing is not simulated"),
            (~has_price & (weights != 0) & ~missing, "must be 0 before the asset's first bar"),
        )
    for mask, rule in broken:
        if mask.any():
            row, column = np.argwhere(mask)[0]
            raise WeightsError(
                f"{name} on {_day(market, row)}: weight of {market.assets[column]} {rule}, got {weights[row, column]}"
            )
    sums = np.where(undecided, 0.0, weights.sum(axis=1))
    too_much = np.flatnonzero(sums > 1 + WEIGHT_TOLERANCE)
    if len(too_much):
        row = too_much[0]
        parts = ", ".join(
            f"{asset} {weight:.6g}" for asset, weight in zip(market.assets, weights[row], strict=True)
        )
        raise WeightsError(
            f"{name} on {_day(market, row)}: weights must sum to 1 or less, got {sums[row]:.12g} ({parts})"
        )


def _day(market: Market, row: int) -> str:
    """Return the bar's date, with the time of day on intraday bars."""
    bar = market.bars[row]
    return str(bar.date()) if market.is_daily else str(bar)
