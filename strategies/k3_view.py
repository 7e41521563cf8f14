"""The whole note as one strategy, each of its parts can be switched off to see what carries the result."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import CalmYield, EventWatch, Raised, ReentryRule, model_curve, scale


class K3View(Overlay):
    """Stabilization of a bond yield opens the rally, dated events close it, re-entry reopens it.

    The base is what is held; while the rally is closed the share `reserve` of it is cash.

    - Opens: at the first bar at which the yield of `opens` is stable (`CalmYield`) and no watched event
      calls for cash. It stays open when the yield moves again.
    - Closes: cash is raised ahead of the events of `watch`, as in `EventGlide`. When an event's glide
      is complete the rally is closed, and what was raised stays raised, whatever becomes of the
      event. A glide that ends early, because its date moved, closes nothing.
    - Reopens, once no event calls for cash: `reopens.wait` bars after the close when the conditions of
      `reopens` hold (`ReentryRule`, on the curve of the base), or when the yield is stable anew,
      having not been so at some bar from the close on.

    Without `opens` the rally is open from the first bar, and opens again as soon as no event calls for
    cash unless `reopens` says when. Without `watch` nothing closes it. Without `reopens` only a new
    stabilization reopens it.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?', 28 May 2025.
    """

    renamed: ClassVar[Mapping[str, str]] = {
        "stabilization": "opens",
        "events": "watch",
        "reentry": "reopens",
        "yield_window": "opens.high_window",
        "yield_volatility_window": "opens.volatility_window",
        "yield_history": "opens.history",
        "yield_min_history": "opens.min_history",
        "yield_calm": "opens.calm",
    }

    opens: CalmYield | None = Field(
        CalmYield(), description="the yield that must be stable for the rally to open"
    )
    watch: EventWatch | None = Field(EventWatch(), description="the dated events that close the rally")
    reopens: ReentryRule | None = Field(ReentryRule(), description="the conditions that reopen the rally")
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base that is cash while the rally is closed"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - reserve x the share of it called for."""
        weights = self.base.target_weights(market)
        n = len(market.bars)
        raised = Raised.nothing(market) if self.watch is None else self.watch.raised(market)
        may_return = np.zeros(n, dtype=bool)
        if self.reopens is not None:
            curve = model_curve(weights, market) if self.reopens.judges_curve else np.ones(n)
            may_return = self.reopens.may_return(raised.share, curve)
        cash = self._cash(self._stable(market), raised, may_return)
        return scale(weights, 1 - self.reserve * cash)

    def _stable(self, market: Market) -> np.ndarray:
        """Return whether the yield lets the rally open, bool of shape (n_bars,)."""
        if self.opens is None:
            return np.ones(len(market.bars), dtype=bool)
        return self.opens.is_on(market, owner=f"{type(self).__name__}.opens").to_numpy(dtype=bool)

    def _cash(self, stable: np.ndarray, raised: Raised, may_return: np.ndarray) -> np.ndarray:
        """Return the share of the reserve that is cash after each bar's decision, shape (n_bars,)."""
        cash = raised.share.copy()
        closes = np.flatnonzero(raised.is_full).tolist()
        uncalled = cash == 0
        anew = np.flatnonzero(stable & uncalled) if self.opens is not None else np.flatnonzero(uncalled)
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
        those at which the yield is not stable, `returns` those at which the conditions of `reopens` hold.
        """
        at = never
        if self.opens is not None:
            at = _first_after(anew, _first_after(unstable, closed - 1, never), never)
        elif self.reopens is None:
            at = _first_after(anew, closed, never)
        if self.reopens is None:
            return at
        return min(at, _first_after(returns, closed + self.reopens.wait - 1, never))


def _first_after(rows: np.ndarray, row: int, never: int) -> int:
    """Return the first of some ascending rows that comes after a row, or `never`."""
    place = int(np.searchsorted(rows, row, side="right"))
    return int(rows[place]) if place < len(rows) else never
