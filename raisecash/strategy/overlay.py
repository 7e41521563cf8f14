"""`Overlay`, a rule laid over the weights of another strategy, and `BaseStrategy`, a parameter that is a strategy."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from raisecash.data.market import Market
from raisecash.strategy.base import Strategy
from raisecash.strategy.discovery import find_strategy
from raisecash.strategy.nested import strategy_from, table_of

DEFAULT_BASE = "FixedMix"  # equal weights, kept

BaseStrategy = Annotated[
    Strategy,
    BeforeValidator(strategy_from),
    PlainSerializer(table_of, return_type=dict[str, Any]),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"use": {"type": "string"}, "params": {"type": "object"}},
            "required": ["use"],
            "additionalProperties": False,
        }
    ),
]


def _defaults_as_tables(schema: dict[str, Any], strategy: type[BaseModel]) -> None:
    """Show a default that is a strategy as a config would write it."""
    for name, field in strategy.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, Strategy):
            schema["properties"][name]["default"] = table_of(default)


@cache
def _equal_weights() -> Strategy:
    """Return what an overlay lies on when nothing is named: found like any other, the framework imports none."""
    return find_strategy(DEFAULT_BASE, base_dir=Path(), where="base")()


class Overlay(Strategy):
    """A rule laid over the weights of another strategy, its `base`.

    Subclass it and write `target_weights`, beginning with `self.base.target_weights(market)`. In
    Python the base is any strategy, in a config a table that names one; overlays nest.
    """

    model_config = ConfigDict(json_schema_extra=_defaults_as_tables)

    base: BaseStrategy = Field(
        default_factory=_equal_weights, description="strategy whose weights are changed"
    )

    @abstractmethod
    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights, changed by the rule: shape (n_bars, n_assets)."""
