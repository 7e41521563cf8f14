"""Strategies made of strategies: `BaseStrategy`, a parameter that is one, and `Overlay`, a rule laid over one."""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from raisecash.data.market import Market
from raisecash.errors import RaisecashError
from raisecash.messages.spelling import suggest
from raisecash.strategy.base import NESTED, Strategy
from raisecash.strategy.discovery import FILE_MODULE, find_strategy

KEYS = ("use", "params")
DEFAULT_BASE = "FixedMix"  # equal weights, kept
_folder: ContextVar[Path | None] = ContextVar("folder of relative strategy files", default=None)


@contextmanager
def files_from(base_dir: Path) -> Iterator[None]:
    """Let relative files named in a nested `use` start from this folder, as those of the config itself do."""
    token = _folder.set(base_dir)
    try:
        yield
    finally:
        _folder.reset(token)


def build_strategy(use: str, params: Mapping[str, Any], *, base_dir: Path, where: str) -> Strategy:
    """Return the strategy that a config's `use` and `params` describe, whatever is nested in them.

    Parameters
    ----------
    use : str
        A discovered name, `package.module:Class`, or `path/to/file.py:Class`.
    params : mapping
        Its parameters. One that is a strategy is a table `{ use = "...", params = { ... } }`.
    base_dir : Path
        What relative file paths start from, in `use` and in every nested one.
    where : str
        Who asks, to begin an error message with.

    Raises
    ------
    ConfigError, ParameterError
        When there is no such strategy, or a parameter is unknown or breaks its rule.
    """
    found = find_strategy(use, base_dir=base_dir, where=where)
    with files_from(base_dir):
        return found.from_parameters(params)


def use_of(strategy: type[Strategy]) -> str:
    """Return the `use` that names a class: a name of this folder, a file by its name alone, or `module:Class`.

    The folders of one machine mean nothing on another, so of a file only its name is written; read
    back, it is looked for in the config's folder.
    """
    module = strategy.__module__
    if module.startswith("strategies."):
        return strategy.__name__
    if module.startswith(FILE_MODULE):
        return f"{Path(sys.modules[module].__file__ or '').name}:{strategy.__name__}"
    return f"{module}:{strategy.__name__}"


def _built(value: Any) -> Strategy:
    """Return a strategy as it is, and that of a table `{ use = ..., params = ... }`."""
    if isinstance(value, Strategy):
        return value
    if not isinstance(value, Mapping):
        raise ValueError('must be a strategy, or a table such as { use = "FixedMix", params = { ... } }')
    for key in value:
        if key not in KEYS:
            raise PydanticCustomError(
                NESTED, "{text}", {"text": f"no key {key!r}; {suggest(str(key), KEYS)}"}
            )
    use, params = value.get("use"), value.get("params", {})
    if not isinstance(use, str) or not use or not isinstance(params, Mapping):
        raise ValueError('must have use = "..." and may have params = { ... }')
    try:
        found = find_strategy(use, base_dir=_folder.get() or Path(), where="use")
        return found.from_parameters(params)
    except RaisecashError as error:
        raise PydanticCustomError(NESTED, "{text}", {"text": str(error)}) from error


def _table(strategy: Strategy) -> dict[str, Any]:
    """Return a strategy as the table that rebuilds it."""
    return {"use": use_of(type(strategy)), "params": strategy.model_dump(mode="json")}


BaseStrategy = Annotated[
    Strategy,
    BeforeValidator(_built),
    PlainSerializer(_table, return_type=dict[str, Any]),
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
            schema["properties"][name]["default"] = _table(default)


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
