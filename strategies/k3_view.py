"""The whole note as one strategy, each of its parts with a switch to see what carries the result."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.composition import Overlay
from raisecash.strategy.rules.conditions import ReentryConditions
from raisecash.strategy.rules.event_window import Raised
from raisecash.strategy.rules.holdings import scale
from raisecash.strategy.rules.model_curve import model_curve
from strategies.yield_stabilization import YieldStabilization


class K3View(ReentryConditions, Overlay):
    """Stabilization of a bond yield opens the rally, dated events close it, re-entry reopens it.

    The base is what is held; while the rally is closed the share `reserve` of it is cash.

    - Opens: at the first bar at which the yield `signal` is stable (`YieldStabilization`) and no
      watched event calls for cash. It stays open when the yield moves again.
    - Closes: cash is raised ahead of the events watched, as in `EventGlide`. When an event's glide
      is complete the rally is closed, and what was raised stays raised, whatever becomes of the
      event. A glide that ends early, because its date moved, closes nothing.
    - Reopens, once no event calls for cash: `wait` bars after the close when the conditions of `when`
      hold (`ReentryConditions`, on the curve of the base), or when the yield is stable anew, having
      not been so at some bar from the close on.

    Without `stabilization` the rally is open from the first bar, and opens again as soon as no event
    calls for cash unless `reentry` says when. Without `events` nothing closes it. Without `reentry`
    only a new stabilization reopens it.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?', 28 May 2025.
    """

    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base that is cash while the rally is closed"
    )
    stabilization: bool = Field(True, description="whether a stable yield must open the rally")
    events: bool = Field(True, description="whether dated events close the rally")
    reentry: bool = Field(True, description="whether the conditions of when reopen the rally")
    signal: str = Field("JGB10Y", min_length=1, description="the bond yield, a signal of the market, percent")
    fall: float = Field(
        0.5, ge=0, le=10, description="fall of the yield from its high, in realised volatilities"
    )
    yield_window: int = Field(
        60, ge=2, le=1300, description="readings among which the yield's high is looked for"
    )
    yield_volatility_window: int = Field(
        20, ge=2, le=260, description="changes that make the yield's volatility of today"
    )
    yield_history: int = Field(
        250, ge=2, le=2600, description="readings whose volatility the yield's of today is compared with"
    )
    yield_min_history: int = Field(
        60, ge=2, le=2600, description="readings with a volatility of the yield there must be"
    )
    yield_calm: float = Field(
        0.5, ge=0, le=1, description="largest share of the yield's history that may have been calmer"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - reserve x the share of it called for."""
        weights = self.base.target_weights(market)
        n = len(market.bars)
        raised = self.raised(market) if self.events else Raised(np.zeros(n), np.zeros(n, dtype=bool))
        may_return = np.zeros(n, dtype=bool)
        if self.reentry:
            curve = model_curve(weights, market) if self.judges_curve else np.ones(n)
            may_return = self.may_return(raised.share, curve)
        cash = self._cash(self._stable(market), raised, may_return)
        return scale(weights, 1 - self.reserve * cash)

    def _stable(self, market: Market) -> np.ndarray:
        """Return whether the yield lets the rally open, bool of shape (n_bars,)."""
        if not self.stabilization:
            return np.ones(len(market.bars), dtype=bool)
        rule = YieldStabilization(
            base=self.base,
            signal=self.signal,
            fall=self.fall,
            high_window=self.yield_window,
            volatility_window=self.yield_volatility_window,
            history=self.yield_history,
            min_history=self.yield_min_history,
            calm=self.yield_calm,
        )
        return rule.is_on(market).to_numpy(dtype=bool)

    def _cash(self, stable: np.ndarray, raised: Raised, may_return: np.ndarray) -> np.ndarray:
        """Return the share of the reserve that is cash after each bar's decision, shape (n_bars,)."""
        cash = raised.share.copy()
        closes = np.flatnonzero(raised.is_full).tolist()
        uncalled = cash == 0
        anew = np.flatnonzero(stable & uncalled) if self.stabilization else np.flatnonzero(uncalled)
        unstable, returns = np.flatnonzero(~stable), np.flatnonzero(may_return & uncalled)
        opened = self._first_opening(cash, stable)
        while opened < len(cash):
            later = bisect_right(closes, opened)
            if later == len(closes):
                break
            closed = closes[later]
            opened = self._reopening(closed, anew, unstable, returns, never=len(cash))
            cash[closed:opened] = np.maximum.accumulate(
                cash[closed:opened]
            )  # what was raised is kept until then
        return cash

    def _first_opening(self, cash: np.ndarray, stable: np.ndarray) -> int:
        """Return the bar at which the rally first opens; all of the reserve is cash before, set in place."""
        opens = np.flatnonzero(stable & (cash == 0))
        first = int(opens[0]) if len(opens) else len(cash)
        cash[:first] = 1.0
        return first

    def _reopening(
        self, closed: int, anew: np.ndarray, unstable: np.ndarray, returns: np.ndarray, *, never: int
    ) -> int:
        """Return the bar at which a rally closed at `closed` reopens; the others are row numbers, ascending.

        `anew` are the bars at which the yield would let it open and no event calls for cash, `unstable`
        those at which the yield is not stable, `returns` those at which the conditions of `when` hold.
        """
        at = never
        if self.stabilization:
            at = min(at, _first_after(anew, _first_after(unstable, closed - 1, never), never))
        elif not self.reentry:
            at = min(at, _first_after(anew, closed, never))
        return min(at, _first_after(returns, closed + self.wait - 1, never))


def _first_after(rows: np.ndarray, row: int, never: int) -> int:
    """Return the first of some ascending rows that comes after a row, or `never`."""
    place = int(np.searchsorted(rows, row, side="right"))
    return int(rows[place]) if place < len(rows) else never
