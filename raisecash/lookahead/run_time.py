"""Look-ahead, as every run looks for it: decide again without the future, and with a false one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from raisecash.errors import LookAheadError
from raisecash.lookahead.futures import TOLERANCE, cut_off, cut_rows, false_future, first_difference
from raisecash.strategy.base import Strategy

if TYPE_CHECKING:
    from raisecash.data.market import Market

__all__ = ["CUTS", "TOLERANCE", "LookAheadCheck", "check_lookahead"]

CUTS = 12
FALSE = (
    "made extreme",
    "closed",
    "reversed",
)  # in turn; `raisecash check` tries every future, and more of each


@dataclass(frozen=True, kw_only=True)
class LookAheadCheck:
    """What was tried: how many bars the future was cut off at, and how often it was falsified.

    `of_orders` is true for a plain backtrader strategy, whose orders and fills were compared and not
    its weights.
    """

    strategy: str
    cuts: int
    by_construction: bool
    of_orders: bool = False


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
    cuts = cut_rows(targets, len(market.bars), count=CUTS)
    for number, row in enumerate(cuts):
        false = FALSE[number % len(FALSE)]
        for future, other in (("cut off", cut_off(market, row)), (false, false_future(market, row, false))):
            try:
                again = strategy.target_weights(other)
            except Exception as error:
                error.add_note(f"{name}: while deciding with the future after {market.bars[row]} {future}")
                raise
            difference = first_difference(targets.iloc[: row + 1], again)
            if difference is not None:
                raise LookAheadError(
                    f"{name} looks ahead: its weight of {difference} with everything after {market.bars[row]} "
                    f"{future}; use rows up to t only, or define decide(past)"
                )
    return LookAheadCheck(strategy=name, cuts=len(cuts), by_construction=False)
