"""`Costs`: what trading costs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Costs(BaseModel):
    """What a trade costs, as fractions of traded value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commission: Annotated[float, Field(ge=0, lt=1)] = 0.0
    slippage: Annotated[float, Field(ge=0, lt=1)] = 0.0
