"""A plain backtrader strategy, as a strategy of a config: its params become ours, its orders stay its own."""

from __future__ import annotations

import inspect
import math
from abc import abstractmethod
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeGuard

import pandas as pd
from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema, create_model

from raisecash.data.market import Market
from raisecash.errors import ConfigError, ParameterError
from raisecash.strategy.base import Strategy

JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


class PlainStrategy(Strategy):
    """A class written for backtrader, with its params as parameters. Made by `plain_strategy`.

    It places its own orders, so it has no weights: `raisecash.simulation.plain.simulate_plain` runs it.
    """

    @classmethod
    @abstractmethod
    def written(cls) -> type:
        """Return the `bt.Strategy` subclass as its author wrote it."""

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Raise ParameterError: a plain strategy decides orders, bar by bar, and never a table of weights."""
        raise ParameterError(
            f"{type(self).__name__} is a plain backtrader strategy: it places orders and decides no weights, "
            "so nothing can be laid over it; give it an entry of its own in the config"
        )

    def parameters(self) -> dict[str, Any]:
        """Return every parameter with its value, as backtrader takes them."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    def __reduce__(self) -> tuple[Callable[..., PlainStrategy], tuple[type, dict[str, Any]]]:
        """Pickle as the author's class and the parameters: the class made from it has no name to import."""
        return _rebuilt, (self.written(), self.parameters())


def is_plain(found: object) -> TypeGuard[type]:
    """Return whether something is a class derived from `backtrader.Strategy`, without importing backtrader."""
    return inspect.isclass(found) and any(
        base.__name__ == "Strategy" and base.__module__.partition(".")[0] == "backtrader"
        for base in found.__mro__
    )


@cache
def plain_strategy(written: type) -> type[PlainStrategy]:
    """Return the strategy of a plain backtrader class: the same name, documentation and parameters.

    Parameters
    ----------
    written : type
        A subclass of `backtrader.Strategy`. Its `params` say which parameters there are and their
        defaults; backtrader gives them neither types nor bounds, so none are checked.

    Raises
    ------
    ConfigError
        When a parameter's name is taken by what every strategy has.
    """

    class Plain(PlainStrategy):
        @classmethod
        def written(cls) -> type:
            return written

    defaults: dict[str, Any] = dict(written.params._getpairs())  # type: ignore[attr-defined]  # checked by is_plain
    for name in defaults:
        if name.startswith(("_", "model_")) or hasattr(Plain, name):
            raise ConfigError(
                f"{written.__name__}: a parameter cannot be called {name!r} here, every strategy has "
                "something of that name; rename it in `params`"
            )
    fields: dict[str, Any] = {name: _field(default) for name, default in defaults.items()}
    return create_model(
        written.__name__, __base__=Plain, __module__=written.__module__, __doc__=written.__doc__, **fields
    )


def _rebuilt(written: type, parameters: dict[str, Any]) -> PlainStrategy:
    """Return a strategy from what it was pickled as."""
    return plain_strategy(written)(**parameters)


def _field(default: Any) -> tuple[Any, Any]:
    """Return the pydantic field of one of backtrader's params: any value, shown by its default's type."""
    schema: dict[str, Any] = {"default": _as_json(default)}
    if type(default) in JSON_TYPES:
        schema["type"] = JSON_TYPES[type(default)]
    shown = Annotated[
        Any, PlainSerializer(_as_json, return_type=Any, when_used="json"), WithJsonSchema(schema)
    ]
    return shown, Field(default_factory=lambda: default)


def _as_json(value: Any) -> Any:
    """Return a value as JSON can hold it: what JSON has no word for (an indicator's class) by its name."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _as_json(each) for key, each in value.items()}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return getattr(value, "__name__", None) or str(value)
