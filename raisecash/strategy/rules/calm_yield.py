"""`CalmYield`: a bond yield that fell and came to rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import Field

from raisecash.data.market import Market
from raisecash.strategy.parameters import Part
from raisecash.strategy.rules.readings import ROUNDING, read_signals, realised, trailing, trailing_rank


class CalmYield(Part):
    """How far a bond yield must have fallen from its recent high, and how calm it must have become.

    Both conditions are measured in the yield's own history, in percentage points and never as a
    ratio, so that they mean the same at 0%, below it and at 1.5%:

    - fallen: the highest of the last `high_window` readings, less today's, is above zero and at
      least `fall` times the root of the summed squared changes between those readings, which is how
      far a yield without direction moves over them, typically;
    - calm: of the last `history` readings, at most the share `calm` had a lower realised volatility
      than today's; volatility is that of the last `volatility_window` changes.

    A reading is a weekday's value (`raisecash.strategy.rules.readings`): weekend repeats are no changes of zero.
    While there are too few readings to tell (`high_window`, or `volatility_window` and
    `min_history` together), the yield is not calm.
    """

    signal: str = Field("JGB10Y", min_length=1, description="the bond yield, a signal of the market, percent")
    high_window: int = Field(
        60, ge=2, le=1300, description="readings among which the recent high is looked for"
    )
    fall: float = Field(
        0.5, ge=0, le=10, description="fall from the high, in realised volatilities of the high's window"
    )
    volatility_window: int = Field(20, ge=2, le=260, description="changes that make today's volatility")
    history: int = Field(250, ge=2, le=2600, description="readings whose volatility today's is compared with")
    min_history: int = Field(60, ge=2, le=2600, description="readings with a volatility there must be")
    calm: float = Field(
        0.5, ge=0, le=1, description="largest share of history that may have been calmer than today"
    )

    def is_on(self, market: Market, *, owner: str = "CalmYield") -> pd.Series:
        """Return whether the yield is down from its high and calm, a bool a bar.

        Parameters
        ----------
        market : Market
        owner : str
            Who asks, to begin an error message with: the strategy and its parameter.

        Raises
        ------
        ParameterError
            When the market does not have the signal.
        """
        readings = read_signals(market, self.signal, owner=owner)
        level = readings.quoted[:, 0]
        changes = np.diff(level, prepend=np.nan)
        fallen = trailing(level, self.high_window).max(axis=1) - level
        typical = realised(changes, self.high_window - 1)
        volatility = realised(changes, self.volatility_window)
        rank = trailing_rank(volatility, window=self.history, at_least=min(self.min_history, self.history))
        down = (fallen > ROUNDING) & (fallen >= self.fall * typical * (1 - ROUNDING))
        on = readings.on_bars(down & (rank <= self.calm), before=False)
        return pd.Series(on.astype(bool), index=market.bars, name=f"{self.signal} stable")
