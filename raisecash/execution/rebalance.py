"""`Rebalance`: when a decided row of target weights becomes orders."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from raisecash.data.panel import Every


class Rebalance(BaseModel):
    """When a decided row of target weights is submitted as orders.

    A row is submitted when it is the first, when it differs from the last submitted one
    (`on_change`), on the first bar of a new period (`every`), or when an actual weight at the close
    is further than `drift` from its target (0 is off).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_change: bool = True
    every: Every = "none"
    drift: Annotated[float, Field(ge=0, le=1)] = 0.0
