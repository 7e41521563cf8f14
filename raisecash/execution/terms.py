"""`Costs` and `Rebalance`: what trading costs, and when a target becomes an order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Every = Literal["none", "week", "month", "quarter", "year"]
WEIGHT_TOLERANCE = 1e-9  # rounding allowed on a weight's bounds and on the sum of a row
CHANGE_TOLERANCE = 1e-12  # a row that differs by less is the row submitted before


class Costs(BaseModel):
    """What a trade costs, as fractions of traded value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commission: Annotated[float, Field(ge=0, lt=1)] = 0.0
    slippage: Annotated[float, Field(ge=0, lt=1)] = 0.0


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
