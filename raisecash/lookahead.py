"""Look-ahead: decide again without the future, and with a false one, and see whether the past changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data_feeds.errors import LookAheadError
from strategies.base import Strategy

if TYPE_CHECKING:
    from data_feeds.market import Market

CUTS = 12
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class LookAheadCheck:
    """What was tried: how many bars the future was cut off at, and how often it was falsified."""

    strategy: str
    cuts: int
    by_construction: bool


def check_lookahead(
    strategy: Strategy, market: Market, targets: pd.DataFrame, *, name: str
) -> LookAheadCheck:
    """Decide again at several bars with the future cut off, and with the future falsified.

    A strategy that only defines `decide` is served the past alone and passes by construction.

    Parameters
    ----------
    targets : DataFrame of shape (n_bars, n_assets)
        What the strategy decided on the whole market.

    Raises
    ------
    LookAheadError
        Naming the strategy, the first bar and asset whose weight changed, and the bar after which
        the future was changed.
    """
    if type(strategy).target_weights is Strategy.target_weights:
        return LookAheadCheck(strategy=name, cuts=0, by_construction=True)
    targets = targets.reindex(columns=list(market.assets))
    cuts = _cuts(targets, len(market.bars))
    for number, row in enumerate(cuts):
        past = market.until(market.bars[row])
        false = _falsified(market, row, kind=number % 3)
        for future, other in (("cut off", past), ("falsified", false)):
            try:
                again = strategy.target_weights(other)
            except Exception as error:
                error.add_note(f"{name}: while deciding with the future after {market.bars[row]} {future}")
                raise
            _compare(targets, again.reindex(columns=list(market.assets)), market, row, future, name)
    return LookAheadCheck(strategy=name, cuts=len(cuts), by_construction=False)


def _cuts(targets: pd.DataFrame, n_bars: int) -> list[int]:
    """Return the bars to cut at: spread evenly, and those just before the largest changes of weight."""
    if n_bars < 2:
        return []
    even = np.linspace(0, n_bars - 2, CUTS // 2).astype(int)
    changes = targets.fillna(0.0).diff().abs().sum(axis=1).to_numpy()
    largest = np.argsort(-changes, kind="stable")[: CUTS // 2] - 1
    return sorted({int(row) for row in (*even, *largest) if 0 <= row < n_bars - 1})


def _falsified(market: Market, row: int, *, kind: int) -> Market:
    """Return the market with another future after `row`: extreme, closed, or in reverse."""
    n = len(market.bars)
    after = slice(row + 1, n)

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values = frame.to_numpy(dtype=float, copy=True)
        if kind == 0:
            values[after] *= np.where(np.arange(n - row - 1) % 2, 50.0, 0.02)[:, None]
        elif kind == 1:
            values[after] = np.nan
        else:
            values[after] = values[after][::-1]
        return pd.DataFrame(values, index=frame.index, columns=frame.columns)

    names = ("open", "high", "low", "close", "volume", "signals")
    known = market.events["announced_on"] <= market.bars[row]
    return market._replaced(
        **{name: change(getattr(market, name)) for name in names},
        events=market.events[known].reset_index(drop=True),
    )


def _compare(
    targets: pd.DataFrame, again: pd.DataFrame, market: Market, row: int, future: str, name: str
) -> None:
    """Raise at the first earlier weight that is not what it was."""
    before, after = (
        targets.iloc[: row + 1].to_numpy(float),
        again.reindex(targets.index[: row + 1]).to_numpy(float),
    )
    differs = ~((np.abs(before - after) <= TOLERANCE) | (np.isnan(before) & np.isnan(after)))
    if differs.any():
        bar, asset = np.argwhere(differs)[0]
        raise LookAheadError(
            f"{name} looks ahead: its weight of {market.assets[asset]} on {market.bars[bar]} is {before[bar, asset]:.6g}, "
            f"and {after[bar, asset]:.6g} with everything after {market.bars[row]} {future}; "
            "use rows up to t only, or define decide(past)"
        )
