"""The weights contract: what a table of target weights must be before an engine trades it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import is_daily
from raisecash.errors import WeightsError
from raisecash.execution.tolerances import WEIGHT_TOLERANCE

if TYPE_CHECKING:
    from raisecash.data.market import Market
    from raisecash.data.panel import Bools, Floats, Ints, Panel


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckedWeights:
    """A table of target weights that keeps the contract; n bars, m assets. `check_weights` makes it.

    Attributes
    ----------
    rows : array of shape (n, m)
        Fractions of equity in [0, 1], rows of NaN decide nothing; cannot be written to.
    decides : bool array of shape (n,)
        Whether row t holds a decision; cannot be written to.
    bars : DatetimeIndex of shape (n,)
    assets : tuple of str
    """

    rows: Floats
    decides: Bools
    bars: pd.DatetimeIndex
    assets: tuple[str, ...]

    def __post_init__(self) -> None:
        self.rows.flags.writeable = False
        self.decides.flags.writeable = False

    @classmethod
    def none(cls, market: Market) -> CheckedWeights:
        """Return the table in which nothing is decided, of a strategy that places its own orders."""
        n, m = len(market.bars), len(market.assets)
        return cls(
            rows=np.full((n, m), np.nan),
            decides=np.zeros(n, dtype=bool),
            bars=market.bars,
            assets=market.assets,
        )

    @cached_property
    def decisions(self) -> Ints:
        """The bars whose row is a decision, in order."""
        return np.flatnonzero(self.decides)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The same as a frame of shape (n_bars, n_assets)."""
        return pd.DataFrame(self.rows, index=self.bars, columns=list(self.assets))


def check_weights(targets: pd.DataFrame, market: Market, *, name: str) -> CheckedWeights:
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
    CheckedWeights
        Rounding below 1e-9 outside [0, 1] is clipped; nothing else is changed.

    Raises
    ------
    WeightsError
        Naming the strategy, the date, the asset, the rule and the value.
    """
    require_table(targets, name=name)
    given = _aligned(targets, market, name)
    sums = _sums(given)
    decides = sums == sums  # NaN where one weight or all are
    if not _is_kept(given, sums, market.panel):
        raise_for_rows(given.T, market.panel, name)
    rows = np.ascontiguousarray(np.clip(given, 0.0, 1.0).T)
    return CheckedWeights(rows=rows, decides=decides, bars=market.bars, assets=market.panel.assets)


def require_table(targets: object, *, name: str) -> None:
    """Raise WeightsError for anything that is no table at all."""
    if not isinstance(targets, pd.DataFrame):
        raise WeightsError(
            f"{name}: target_weights must return a DataFrame (bars x assets), got {type(targets).__name__}"
        )


def raise_for_rows(weights: Floats, panel: Panel, name: str) -> None:
    """Raise WeightsError at the first row that breaks the contract.

    Parameters
    ----------
    weights : array of shape (n_bars, n_assets)
    panel : Panel
    name : str
        Who decided, for the message.

    Raises
    ------
    WeightsError
        Naming who decided, the date, the asset, the rule and the value.
    """
    missing = np.isnan(weights)
    undecided: Bools = np.logical_and.reduce(missing, axis=1)
    has_price: Bools = np.greater(panel.last_close, 0)
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
                f"{name} on {_day(panel, row)}: weight of {panel.assets[column]} {rule}, got {weights[row, column]}"
            )
    sums = _sums(weights.T)
    too_much = np.flatnonzero(sums > 1 + WEIGHT_TOLERANCE)
    if len(too_much):
        row = too_much[0]
        parts = ", ".join(
            f"{asset} {weight:.6g}" for asset, weight in zip(panel.assets, weights[row], strict=True)
        )
        raise WeightsError(
            f"{name} on {_day(panel, row)}: weights must sum to 1 or less, got {sums[row]:.12g} ({parts})"
        )


def _aligned(targets: pd.DataFrame, market: Market, name: str) -> Floats:
    """Return the table's figures on the market's bars and assets, turned round: shape (n_assets, n_bars)."""
    assets = list(market.assets)
    columns = list(targets.columns)
    if columns != assets and sorted(map(str, columns)) != sorted(assets):
        raise WeightsError(
            f"{name}: target weights need exactly the columns {', '.join(assets)}, "
            f"got {', '.join(map(str, columns)) or 'none'}"
        )
    if not targets.index.equals(market.bars):
        if not targets.index.is_unique:
            raise WeightsError(
                f"{name}: two rows of weights on {targets.index[targets.index.duplicated()][0]}"
            )
        strangers = targets.index.difference(market.bars)
        if len(strangers):
            raise WeightsError(f"{name}: weights on {strangers[0]}, which is not a bar of the market")
        targets = targets.reindex(index=market.bars)
    table = targets if columns == assets else targets.reindex(columns=assets)
    given = table.to_numpy()
    if given.dtype != np.float64:
        try:
            given = table.astype(float).to_numpy()
        except (TypeError, ValueError) as error:
            raise WeightsError(f"{name}: target weights must be numbers ({error})") from error
    return given.T


def _is_kept(given: Floats, sums: Floats, panel: Panel) -> bool:
    """Return whether every row keeps the contract, in few passes; weights of shape (n_assets, n_bars)."""
    missing = np.isnan(given)
    if np.count_nonzero(missing) != len(given) * np.count_nonzero(np.isnan(sums)):
        return False
    if missing.all():
        return True
    lowest, highest = np.fmin.reduce(given, axis=None), np.fmax.reduce(given, axis=None)
    if not (lowest >= -WEIGHT_TOLERANCE and highest <= 1 + WEIGHT_TOLERANCE):
        return False
    late = np.flatnonzero(panel.last_close[0] == 0)  # their first bar is another than the market's
    held = (given[late] != 0) & ~missing[late] & (panel.last_close.T[late] == 0)
    return not held.any() and bool(np.fmax.reduce(sums) <= 1 + WEIGHT_TOLERANCE)


def _sums(given: Floats) -> Floats:
    """Return what each row sums to, asset by asset as the kernel adds them up; shape (n_assets, n_bars) in."""
    with np.errstate(invalid="ignore"):
        return sum(given, np.zeros(given.shape[1]))


def _day(panel: Panel, row: int) -> str:
    """Return the bar's date, with the time of day on intraday bars."""
    bar = pd.Timestamp(panel.times[row])
    return str(bar.date()) if is_daily(pd.DatetimeIndex(panel.times)) else str(bar)
