"""Finding strategies: by name in the namespace `strategies` or an entry point, by module, or by file."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import inspect
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from raisecash.errors import ConfigError
from raisecash.plugins import modules
from raisecash.strategy.base import Strategy
from raisecash.strategy.plain import is_plain, plain_strategy

ENTRY_POINTS = "raisecash.strategies"  # the group under which another package offers strategies
FILE_MODULE = "strategy_file_"  # how the module of a strategy's file is called


def discover() -> dict[str, type[Strategy]]:
    """Return every strategy of the namespace `strategies` and of installed entry points, by class name, sorted.

    A module that does not import raises with its own traceback.

    Raises
    ------
    ConfigError
        When two different classes share a name.
    """
    found: dict[str, type[Strategy]] = {}
    offered = [entry.load() for entry in entry_points(group=ENTRY_POINTS)]
    for strategy in [
        *(each for module in modules("strategies") for each in defined_in(module)),
        *(each for offer in offered for each in (defined_in(offer) if inspect.ismodule(offer) else [offer])),
    ]:
        other = found.setdefault(strategy.__name__, strategy)
        if other is not strategy:
            raise ConfigError(
                f"two strategies are called {strategy.__name__}: {other.__module__} and {strategy.__module__}; rename one"
            )
    return dict(sorted(found.items()))


def defined_in(module: ModuleType) -> list[type[Strategy]]:
    """Return the public strategy classes that a module itself defines, in order of definition."""
    return [
        each
        for name, each in vars(module).items()
        if inspect.isclass(each)
        and issubclass(each, Strategy)
        and each is not Strategy
        and not inspect.isabstract(each)  # what others are built on, such as Overlay
        and each.__module__ == module.__name__
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
        known = discover()
        if use in known:
            return known[use]
        near = difflib.get_close_matches(use, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"{where}: no strategy {use!r}; {hint}")
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
