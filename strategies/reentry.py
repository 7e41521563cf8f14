"""Reposition and wait for the inflection: from cash back to risk when conditions are met."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.errors import ParameterError
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import ROUNDING, EventWatch, Raised, ReentryRule, last_decided, model_curve
from raisecash.strategy.rules.curves import SAME


class Reentry(Overlay):
    """Go back to risk while the base is still in cash, once the conditions of `reopens` hold.

    The base is in risk while its invested share is above `entry`; then its weights are left alone.
    When it goes to cash it is followed there for at least `reopens.wait` bars; from the first bar after at which the
    conditions hold, the row is held that the base decided when it was most invested since it last
    came in, until the base is in risk by itself again. With `leave_again`, risk is also left
    when the conditions no longer hold, and the wait begins anew. A base that has not been in risk yet is
    followed. Conditions on a curve are judged on that of the risk that would be held, which goes on
    while the account is in cash (`raisecash.strategy.rules.model_curve`).

    With `sleeve`, an asset of the market such as a fund of Treasury bills, what would be cash while
    out of risk is held in it, from its first price on.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025: raise cash, reposition, wait for the next inflection point.
    """

    reopens: ReentryRule = Field(
        ReentryRule(), description="the wait and the conditions for holding risk again"
    )
    watch: EventWatch | None = Field(
        EventWatch(), description="the dated events that the condition events looks at"
    )
    leave_again: bool = Field(
        False, description="whether risk is left again when the conditions no longer hold"
    )
    sleeve: str | None = Field(
        None, description="asset held instead of cash while out of risk; cash when not given"
    )
    entry: float = Field(0.5, ge=0, lt=1, description="invested share of the base above which it is in risk")

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights, and those of its risk where the conditions brought it back."""
        if self.sleeve is not None and self.sleeve not in market.assets:
            raise ParameterError(
                f"{type(self).__name__}.sleeve names {self.sleeve!r}, which is not in the market; "
                f"it has {', '.join(market.assets)}"
            )
        weights = self.base.target_weights(market)
        rows = last_decided(weights)
        invested = self._invested(market, rows)
        in_risk = invested > self.entry + ROUNDING
        newest_risk = _most_invested(invested, in_risk)
        risk = np.where((newest_risk >= 0)[:, None], rows[np.maximum(newest_risk, 0)], 0.0)
        curve = model_curve(pd.DataFrame(risk, index=weights.index, columns=weights.columns), market)
        raised = Raised.nothing(market) if self.watch is None else self.watch.raised(market)
        ready = self.reopens.may_return(raised.share, curve)
        back = self._is_back(in_risk, newest_risk >= 0, ready)
        made = np.where(back[:, None], risk, rows)
        if self.sleeve is not None:
            self._fill_sleeve(made, ~in_risk & ~back, market)
        silent = np.isnan(weights.to_numpy(dtype=float)).all(axis=1)
        silent[1:] &= (np.abs(np.diff(made, axis=0)) <= SAME).all(axis=1)
        silent[0] &= not made[0].any()
        made[silent] = np.nan  # a base that keeps holding is left holding
        return pd.DataFrame(made, index=weights.index, columns=weights.columns)

    def _invested(self, market: Market, rows: np.ndarray) -> np.ndarray:
        """Return the share of each row that is risk; what stands in for cash is none."""
        is_risk = np.array([asset != self.sleeve for asset in market.assets])
        return np.asarray(rows[:, is_risk].sum(axis=1))

    def _is_back(self, in_risk: np.ndarray, known: np.ndarray, ready: np.ndarray) -> np.ndarray:
        """Return whether risk is held again while the base is in cash, shape (n_bars,)."""
        back = np.zeros(len(in_risk), dtype=bool)
        for start, end in _stretches(~in_risk & known):
            t = start + self.reopens.wait
            while t < end and ready[t:end].any():
                first = t + int(ready[t:end].argmax())
                stays = ready[first:end] if self.leave_again else np.ones(end - first, dtype=bool)
                last = end if stays.all() else first + int(stays.argmin())
                back[first:last] = True
                t = last + self.reopens.wait
        return back

    def _fill_sleeve(self, made: np.ndarray, out: np.ndarray, market: Market) -> None:
        """Put what is not invested into the sleeve, in place, where the account is out of risk."""
        column = market.assets.index(str(self.sleeve))
        usable = out & market.last_close.notna().to_numpy()[:, column]
        made[usable, column] += np.maximum(1 - made[usable].sum(axis=1), 0.0)


def _most_invested(invested: np.ndarray, in_risk: np.ndarray) -> np.ndarray:
    """Return the bar at which the base was most invested since it last came in, -1 before: shape (n_bars,).

    Of equally invested bars the newest, so that weights that change are the newest ones.
    """
    best = np.full(len(invested), -1)
    for start, end in _stretches(in_risk):
        share = invested[start:end]
        is_best = share >= np.maximum.accumulate(share) - ROUNDING
        best[start:end] = np.where(is_best, np.arange(start, end), -1)
    return np.maximum.accumulate(best)


def _stretches(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return where each run of True begins and ends, the end excluded."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
