"""Big but not durable: lock in what the rally gave."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import ROUNDING, last_decided, model_curve, scale


class TrailingStop(Overlay):
    """Sell the base when its own curve has fallen by `stop` from its highest.

    The curve is that of the base's weights from close to close (`raisecash.strategy.rules.model_curve`), and goes
    on while the account is out. A position begins when the base's invested share rises above
    `entry`, and the highest is counted from then. At a close at or below (1 - `stop`) times the highest, the
    share `reserve` of the base becomes cash at the next open: a stop on closes, which does not fill at its level.

    It arms again, and the base is held in full with the highest counted anew, when a new position begins,
    and by `rearm`: "rebound", when the curve is `rebound` above its lowest since the stop; "wait",
    `wait` bars after the stop; "entry", not before a new position.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025: the rally is big but not durable, so lock it in. On what stops do: Kaminski and Lo (2014),
    'When Do Stop-Loss Rules Stop Losses?', Journal of Financial Markets 18.
    """

    stop: float = Field(0.15, gt=0, lt=1, description="fall from the highest that sells, a fraction")
    reserve: float = Field(1.0, ge=0, le=1, description="share of the base sold by the stop")
    rearm: Literal["rebound", "wait", "entry"] = Field(
        "rebound", description="what lets it hold the base again"
    )
    rebound: float = Field(0.1, gt=0, le=10, description="rise from the lowest since the stop, a fraction")
    wait: int = Field(20, ge=1, le=1000, description="bars after the stop")
    entry: float = Field(
        0.5, ge=0, lt=1, description="invested share of the base above which it has a position"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights, 1 - reserve of them while stopped."""
        weights = self.base.target_weights(market)
        invested = last_decided(weights).sum(axis=1) > self.entry + ROUNDING
        stopped = self._stopped(model_curve(weights, market).tolist(), invested.tolist())
        return scale(weights, 1 - self.reserve * stopped)

    def _stopped(self, curve: list[float], invested: list[bool]) -> np.ndarray:
        """Return 1 where the stop has sold and not armed again, else 0: shape (n_bars,)."""
        out = np.zeros(len(curve))
        held, stopped = False, False
        high, low, stopped_at = 0.0, 0.0, 0
        for t, value in enumerate(curve):
            if not invested[t]:
                held = stopped = False
                continue
            if not held:
                held, high = True, value
            if stopped:
                low = min(low, value)
                if (self.rearm == "rebound" and value >= low * (1 + self.rebound) * (1 - ROUNDING)) or (
                    self.rearm == "wait" and t - stopped_at >= self.wait
                ):
                    stopped, high = False, value
            if not stopped:
                if value > high:
                    high = value
                if value <= high * (1 - self.stop) * (1 + ROUNDING):
                    stopped, low, stopped_at = True, value, t
            out[t] = stopped
        return out
