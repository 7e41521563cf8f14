"""Big but not durable: sell into strength, a step at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import ROUNDING, last_decided, model_curve, scale


class TakeProfit(Overlay):
    """Sell a part of the base each time its own curve has risen by `gain`.

    The curve is that of the base's weights from close to close (`raisecash.strategy.rules.model_curve`), whatever
    has been sold already. A position begins when the base's invested share rises above `entry`, and
    the curve's value then is the reference. At k x `gain` above the reference, for k up to `steps`, the
    share k x `take` of the base is cash.

    It arms again, and the base is held in full with a new reference, when the curve has fallen
    by `pullback` from its highest since the newest sale, or when a new position begins. While the base's
    invested share is at or below `entry` its weights are left alone.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025: the rally is big but not durable, so sell into it. The rule is the textbook's profit target.
    """

    gain: float = Field(
        0.2, gt=0, le=10, description="rise above the reference that makes a step, a fraction"
    )
    take: float = Field(0.25, gt=0, le=1, description="share of the base sold at each step")
    steps: int = Field(2, ge=1, le=20, description="steps at most before it arms again")
    pullback: float | None = Field(
        0.1, gt=0, lt=1, description="fall from the high that arms it again; none: only a new position does"
    )
    entry: float = Field(
        0.5, ge=0, lt=1, description="invested share of the base above which it has a position"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - k x take."""
        weights = self.base.target_weights(market)
        invested = last_decided(weights).sum(axis=1) > self.entry + ROUNDING
        steps = self._steps(model_curve(weights, market).tolist(), invested.tolist())
        return scale(weights, np.maximum(1 - self.take * steps, 0.0))

    def _steps(self, curve: list[float], invested: list[bool]) -> np.ndarray:
        """Return how many steps have been sold after each bar, shape (n_bars,)."""
        taken = np.zeros(len(curve))
        step, reference, high = 0, 0.0, 0.0
        held = False
        for t, value in enumerate(curve):
            if not invested[t]:
                held, step = False, 0
                continue
            if not held:
                held, reference = True, value
            if value > high:
                high = value
            if step and self.pullback is not None and value <= high * (1 - self.pullback) * (1 + ROUNDING):
                step, reference = 0, value
            while step < self.steps and value >= reference * (1 + (step + 1) * self.gain) * (1 - ROUNDING):
                step, high = step + 1, value
            taken[t] = step
        return taken
