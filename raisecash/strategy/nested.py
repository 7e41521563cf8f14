"""Strategies made of strategies: built from a config's tables, and written back as such."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from raisecash.errors import RaisecashError
from raisecash.messages.explain import TOLD
from raisecash.messages.spelling import suggest
from raisecash.strategy.base import Strategy
from raisecash.strategy.discovery import FILE_MODULE, find_strategy

KEYS = ("use", "params")
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


def strategy_from(value: Any) -> Strategy:
    """Return a strategy as it is, and that of a table `{ use = ..., params = ... }`."""
    if isinstance(value, Strategy):
        return value
    if not isinstance(value, Mapping):
        raise ValueError('must be a strategy, or a table such as { use = "FixedMix", params = { ... } }')
    for key in value:
        if key not in KEYS:
            raise PydanticCustomError(TOLD, "{text}", {"text": f"no key {key!r}; {suggest(str(key), KEYS)}"})
    use, params = value.get("use"), value.get("params", {})
    if not isinstance(use, str) or not use or not isinstance(params, Mapping):
        raise ValueError('must have use = "..." and may have params = { ... }')
    try:
        found = find_strategy(use, base_dir=_folder.get() or Path(), where="use")
        return found.from_parameters(params)
    except RaisecashError as error:
        raise PydanticCustomError(TOLD, "{text}", {"text": str(error)}) from error


def table_of(strategy: Strategy) -> dict[str, Any]:
    """Return a strategy as the table that rebuilds it."""
    return {"use": use_of(type(strategy)), "params": strategy.model_dump(mode="json")}
