"""A config's strategies and benchmarks, made: each entry with the strategy that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raisecash.config.model import Config, Entry
from raisecash.errors import ConfigError, ParameterError
from raisecash.strategy.base import Strategy
from raisecash.strategy.nested import build_strategy
from raisecash.strategy.parameters import check_name
from raisecash.study.blame import blamed
from raisecash.study.study import Role


@dataclass(frozen=True, kw_only=True)
class NamedStrategy:
    """An entry of a config with the strategy it names, and where in which file it stands."""

    entry: Entry
    role: Role
    strategy: Strategy
    where: str


def strategies_of(config: Config) -> tuple[NamedStrategy, ...]:
    """Return the config's strategies and then its benchmarks, each made with its parameters.

    Raises
    ------
    ConfigError, ParameterError
        Naming the file and the entry.
    """
    roles: tuple[tuple[Role, Sequence[Entry]], ...] = (
        ("strategy", config.strategies),
        ("benchmark", config.benchmarks),
    )
    found = []
    for role, entries in roles:
        for entry in entries:
            where = f"{config.path}: [[{role}]] {entry.name}"
            with blamed(where, entry.use):
                strategy = build_strategy(entry.use, entry.params, base_dir=config.base_dir, where=where)
            for parameter in config.sweep.get(entry.name, {}):
                try:
                    check_name(strategy, parameter)
                except ParameterError as error:
                    raise ConfigError(f"{config.path}: [sweep.{entry.name}]: {error}") from error
            found.append(NamedStrategy(entry=entry, role=role, strategy=strategy, where=where))
    return tuple(found)
