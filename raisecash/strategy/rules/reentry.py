"""`ReentryRule`: when risk may be held again after the cash was raised."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from raisecash.strategy.parameters import Part
from raisecash.strategy.rules.curves import is_recovered, is_trending
from raisecash.strategy.rules.readings import realised, trailing_rank

Condition = Literal["events", "drawdown", "volatility", "trend"]


class ReentryRule(Part):
    """The wait, and the conditions on the events ahead and on a curve of risk.

    - "events": no watched event calls for cash (`EventWatch`);
    - "drawdown": the curve is at most `depth` below its highest of the last `high_window` bars;
    - "volatility": of the last `history` bars at most the share `calm` had a lower volatility than
      today's, which is that of the last `volatility_window` returns; while there are fewer than
      `volatility_window` volatilities to compare, no;
    - "trend": the curve is above its mean of the last `trend_window` bars; with too few bars, no.
    """

    when: tuple[Condition, ...] = Field(
        ("events",), min_length=1, description="conditions for holding risk again"
    )
    need: Literal["all", "any"] = Field("all", description="whether all of them must hold, or any one")
    wait: int = Field(20, ge=1, le=1000, description="bars in cash before the conditions are looked at")
    depth: float = Field(0.05, ge=0, lt=1, description="drawdown still left when it counts as recovered")
    high_window: int = Field(
        250, ge=2, le=2600, description="bars among which the curve's high is looked for"
    )
    volatility_window: int = Field(20, ge=2, le=260, description="returns that make today's volatility")
    history: int = Field(250, ge=2, le=2600, description="bars whose volatility today's is compared with")
    calm: float = Field(0.5, ge=0, le=1, description="largest share of history that may have been calmer")
    trend_window: int = Field(100, ge=2, le=1300, description="bars of the moving average")

    @property
    def judges_curve(self) -> bool:
        """Whether some condition looks at the curve of risk."""
        return any(condition != "events" for condition in self.when)

    def may_return(self, called_for: np.ndarray, curve: np.ndarray) -> np.ndarray:
        """Return whether the conditions hold at each bar, bool of shape (n_bars,).

        Parameters
        ----------
        called_for : array of shape (n_bars,)
            Share of the reserve that the events call for (`Raised.share`).
        curve : array of shape (n_bars,)
            Value of what would be held again, above 0.
        """
        found = [self._holds(condition, called_for, curve) for condition in dict.fromkeys(self.when)]
        together = np.logical_and if self.need == "all" else np.logical_or
        return np.asarray(together.reduce(found))

    def _holds(self, condition: Condition, called_for: np.ndarray, curve: np.ndarray) -> np.ndarray:
        """Return whether one condition holds at each bar."""
        if condition == "events":
            return np.asarray(called_for == 0)
        if condition == "drawdown":
            return is_recovered(curve, depth=self.depth, window=self.high_window)
        if condition == "trend":
            return is_trending(curve, window=self.trend_window)
        returns = np.diff(curve, prepend=np.nan) / np.concatenate(([np.nan], curve[:-1]))
        volatility = realised(returns, self.volatility_window)
        rank = trailing_rank(
            volatility, window=self.history, at_least=min(self.volatility_window, self.history)
        )
        return np.asarray(rank <= self.calm)
