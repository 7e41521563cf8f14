"""The July minefield and every other one: cash ahead of dated events, risk again once they have passed."""

from __future__ import annotations

import pandas as pd

from raisecash import Field, Market
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import EventWatch, scale


class EventGlide(Overlay):
    """Hold the base, and glide into cash ahead of the dated events then known.

    Over the `glide_days` sessions that end `ready_days` sessions before an event the base is sold
    in equal steps, until `reserve` times the weight of the event's category is cash; on the
    `back_after`-th session after it the base is held in full again. A date is seen from its
    announcement; when it moves, the cash goes back to work or is raised earlier, at the next
    session, and the glide begins anew ahead of the new date. A date announced when the glide should have
    begun already is caught up with in one step.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?', 28 May 2025.
    """

    watch: EventWatch = Field(EventWatch(), description="the dated events cash is raised ahead of")
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base sold ahead of an event of weight 1"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - reserve x the share of it called for."""
        return scale(self.base.target_weights(market), 1 - self.reserve * self.watch.raised(market).share)
