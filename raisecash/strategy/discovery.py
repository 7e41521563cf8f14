"""Finding strategies: by name in the namespace `strategies` or an entry point, by module, or by file."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from raisecash import plugins
from raisecash.errors import ConfigError
from raisecash.messages.spelling import suggest
from raisecash.plugins import Broken
from raisecash.strategy.base import Strategy
from raisecash.strategy.plain import is_plain, plain_strategy

ENTRY_POINTS = "raisecash.strategies"  # the group under which another package offers strategies
FILE_MODULE = "strategy_file_"  # how the module of a strategy's file is called


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Every strategy by its class name, sorted, and the plug-ins that could not be imported."""

    strategies: dict[str, type[Strategy]]
    broken: tuple[Broken, ...]


def discover() -> dict[str, type[Strategy]]:
    """Return every strategy of the namespace `strategies` and of installed entry points, by class name, sorted.

    Raises
    ------
    ConfigError
        When two different classes share a name, or a plug-in cannot be imported: names file and line.
    """
    found = survey()
    if found.broken:
        raise ConfigError(plugins.told(found.broken)) from found.broken[0].error
    return dict(found.strategies)


def survey() -> Survey:
    """Return what `discover` does, and beside it the plug-ins that could not be imported.

    Raises
    ------
    ConfigError
        When two different classes share a name.
    """
    known = _known_now()
    if known.survey is None:
        found = plugins.find("strategies")
        offered, unloaded = _offered(known.entries)
        strategies, broken = _by_name([*_defined_in_all(found.modules), *offered]), (*found.broken, *unloaded)
        if broken:  # what is missing may be there next time, and no file here shows it
            return Survey(strategies=strategies, broken=broken)
        known.survey = Survey(strategies=strategies, broken=())
    return known.survey


@dataclass(kw_only=True)
class _Known:
    """What was found already: good while neither the folders nor what packages offer has changed."""

    stamp: object
    entries: tuple[EntryPoint, ...]
    by_name: dict[str, type[Strategy]] = field(default_factory=dict)
    survey: Survey | None = None


_known: list[_Known] = []  # the newest alone


def _known_now() -> _Known:
    """Return what is known of the folders as they are; a file that was added, changed or taken away begins anew."""
    stamp, entries = plugins.stamp("strategies"), _entries(tuple(sys.path))
    if not _known or (_known[0].stamp, _known[0].entries) != (stamp, entries):
        if _known:
            importlib.invalidate_caches()  # Python remembers what was in a folder too
        _known[:] = [_Known(stamp=stamp, entries=entries)]
    return _known[0]


@lru_cache(maxsize=1)
def _entries(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Return what installed packages offer, looked up once for a path: it takes longer than all the rest."""
    return tuple(entry_points(group=ENTRY_POINTS))


def _defined_in_all(modules: Iterable[ModuleType]) -> list[type[Strategy]]:
    """Return the strategies of several modules."""
    return [each for module in modules for each in defined_in(module)]


def _offered(entries: Iterable[EntryPoint]) -> tuple[list[type[Strategy]], list[Broken]]:
    """Return the strategies that other packages offer, and the offers that cannot be imported."""
    found: list[Any] = []
    offers, broken = plugins.loaded(entries)
    for offer in offers:
        found += defined_in(offer) if inspect.ismodule(offer) else [offer]
    return found, broken


def _by_name(strategies: Iterable[type[Strategy]]) -> dict[str, type[Strategy]]:
    """Return strategies by class name, sorted; a name that two of them have is an error."""
    found: dict[str, type[Strategy]] = {}
    for strategy in strategies:
        other = found.setdefault(strategy.__name__, strategy)
        if other is not strategy:
            first, second = (plugins.place_of(each.__module__) for each in (other, strategy))
            raise ConfigError(
                f"two strategies are called {strategy.__name__}: {first} and {second}; rename one"
            )
    return dict(sorted(found.items()))


def defined_in(module: ModuleType) -> list[type[Strategy]]:
    """Return the public strategy classes of a module, or of its folder, in order of definition."""
    return [
        each
        for name, each in vars(module).items()
        if inspect.isclass(each)
        and issubclass(each, Strategy)
        and each is not Strategy
        and not inspect.isabstract(each)  # what others are built on, such as Overlay
        and plugins.belongs_to(each, module)
        and not name.startswith("_")
    ]


def find_strategy(use: str, *, base_dir: Path, where: str) -> type[Strategy]:
    """Return the class that `use` names.

    Parameters
    ----------
    use : str
        A discovered name, `package.module:Class`, or `path/to/file.py:Class`. The last two may
        name a plain `backtrader.Strategy` subclass.
    base_dir : Path
        What a relative file path starts from: the config's folder, or the current one.
    where : str
        Who asks, to begin the error message with ("configs/a.toml: [[strategy]] rally").

    Raises
    ------
    ConfigError
        When there is no such strategy; names the nearest one.
    """
    place, colon, class_name = use.rpartition(":")
    if not colon:
        return _discovered(use, where)
    module = _from_file(base_dir / place, where) if place.endswith(".py") else _from_name(place, where)
    strategy = getattr(module, class_name, None)
    if is_plain(strategy):
        return plain_strategy(strategy)
    if not (inspect.isclass(strategy) and issubclass(strategy, Strategy)):
        plain = [
            each for each in vars(module).values() if is_plain(each) and each.__module__ == module.__name__
        ]
        names = ", ".join(each.__name__ for each in [*defined_in(module), *plain]) or "none"
        raise ConfigError(f"{where}: {place} has no strategy class {class_name!r}; its strategies: {names}")
    return strategy


def _discovered(name: str, where: str) -> type[Strategy]:
    """Return a strategy by its name; no plug-in is imported whose text defines no class of that name."""
    known = _known_now()
    if name in known.by_name:
        return known.by_name[name]
    likely = plugins.find("strategies", saying=rf"^\s*class\s+{re.escape(name)}\b")
    offered, unloaded = _offered(each for each in known.entries if each.attr in (None, "", name))
    found = _by_name([*_defined_in_all(likely.modules), *offered])
    if likely.broken:
        raise ConfigError(f"{where}: {plugins.told(likely.broken)}") from likely.broken[0].error
    if name in found:
        known.by_name[name] = found[name]
        return found[name]
    seen = survey()  # a class may be made without a line that says so
    if name in seen.strategies:
        return seen.strategies[name]
    said = f"{where}: no strategy {name!r}; {suggest(name, seen.strategies)}"
    raise plugins.missing(said, (*seen.broken, *unloaded))


def _from_name(name: str, where: str) -> ModuleType:
    """Return an importable module; a missing one is the config's fault, a broken one its own."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigError(f"{where}: no module {name!r} to take a strategy from; check `use`") from error
        raise


def _from_file(path: Path, where: str) -> ModuleType:
    """Return the module of a file, loaded once: a strategy keeps one identity and can be pickled."""
    if not path.is_file():
        raise ConfigError(f"{where}: no file {path} to take a strategy from; check `use`")
    path = path.resolve()
    name = f"{FILE_MODULE}{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{where}: {path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
