"""Plug-ins: the modules in the folders `strategies/`, `data_feeds/` and `reports/`, ours and a project's own.

Each of the three is a namespace package (PEP 420): every folder of that name on the path belongs to it, so that a
project's strategies lie beside ours under one name. The framework finds plug-ins here and imports none by name.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import all_suffixes
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Literal, get_args

from raisecash.errors import ConfigError, RaisecashError
from raisecash.messages.blame import phrase_of

Namespace = Literal["data_feeds", "reports", "strategies"]
FOLDERS = ("strategies", "data_feeds")  # a folder that holds one of these is the root of a project,
PROJECT = "pyproject.toml"  # and so is one that holds this;
TESTS = "tests"  # never one of this name: its folders are called after what they test
TEST = "test_"  # how the name of a file begins that is a test and no plug-in
HERE = Path(__file__).resolve().parent.parent  # where our own three folders lie

_left_out: dict[Path, str] = {}  # roots that may not be put on the path, and why


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A plug-in that could not be imported.

    Attributes
    ----------
    name : str
        As it would be imported: `strategies.trend`.
    path : Path
        Its file, or its folder.
    problem : str
        Its path, what it raised and at which line, in one sentence.
    """

    name: str
    path: Path
    problem: str
    error: BaseException = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The plug-ins of a namespace: those that were imported, and those that could not be."""

    modules: tuple[ModuleType, ...]
    broken: tuple[Broken, ...]


def project_root(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upwards, that is the root of a project; None without one."""
    start = start.resolve()
    return next((each for each in (start, *start.parents) if _is_root(each)), None)


def use_project(start: Path) -> None:
    """Put the root of the project that a folder belongs to on the path, behind everything installed.

    A root is left out when it would hide our own plug-ins: when one of the three folders in it is a
    package (has an `__init__.py`), a module has the name of one of them, or it is another copy of
    the project. `left_out` says so to whoever looks for a plug-in in vain.
    """
    root = project_root(start)
    if root is None or root in _path():
        return
    reason = _why_not(root)
    if reason:
        _left_out[root] = reason
        return
    sys.path.append(str(root))
    importlib.invalidate_caches()


def use_path(path: tuple[str, ...]) -> None:
    """Take over another process's path: a worker then finds the plug-ins of the process that started it."""
    if sys.path != list(path):
        sys.path[:] = path
        importlib.invalidate_caches()


def left_out(root: Path | None = None) -> str:
    """Return which projects' plug-ins are not looked at, and why, or of one root only; empty without any."""
    return "; ".join(_left_out.values() if root is None else [_left_out.get(root.resolve(), "")])


def missing(said: str, broken: tuple[Broken, ...]) -> ConfigError:
    """Return the error for a plug-in looked for in vain: one that could not be looked at may be the one."""
    error = ConfigError("\n".join(each for each in (said, left_out(), told(broken)) if each))
    error.__cause__ = broken[0].error if broken else None
    return error


def modules(namespace: Namespace) -> tuple[ModuleType, ...]:
    """Return every plug-in of a namespace, imported, by name.

    Raises
    ------
    ConfigError
        When one cannot be imported: names its file and line. As `places` does.
    """
    found = find(namespace)
    if found.broken:
        first = found.broken[0]
        raise ConfigError(told(found.broken)) from first.error
    return found.modules


def find(namespace: Namespace, *, saying: str | None = None) -> Found:
    """Return the plug-ins of a namespace, imported, by name, and those that cannot be.

    Parameters
    ----------
    namespace : {"data_feeds", "reports", "strategies"}
    saying : str, optional
        A regular expression: only plug-ins with a line that it matches are imported, and those that
        are no text. What a run does not use is then neither waited for nor able to break it.

    Raises
    ------
    ConfigError
        As `places` does.
    """
    found: list[ModuleType] = []
    broken: list[Broken] = []
    for name, path in sorted(places(namespace).items()):
        if saying is not None and not _says(path, re.compile(saying, re.MULTILINE)):
            continue
        whole = f"{namespace}.{name}"
        try:
            found.append(importlib.import_module(whole))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a stranger's module may raise anything
            problem = f"{path}: {error if isinstance(error, RaisecashError) else _raised(error)}"
            broken.append(Broken(name=whole, path=path, problem=problem, error=error))
    return Found(modules=tuple(found), broken=tuple(broken))


def loaded(entries: Iterable[EntryPoint]) -> tuple[list[object], list[Broken]]:
    """Return what installed packages offer through entry points, imported, and the offers that cannot be."""
    offers: list[object] = []
    broken: list[Broken] = []
    for entry in entries:
        try:
            offers.append(entry.load())
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a stranger's module may raise anything
            problem = f"entry point {entry.value}: {_raised(error)}"
            broken.append(Broken(name=entry.value, path=Path(entry.module), problem=problem, error=error))
    return offers, broken


def told(broken: tuple[Broken, ...]) -> str:
    """Return the plug-ins that could not be imported, a line each, with the way out."""
    lines = [f"{each.problem}; mend it, or take it out of the folder" for each in broken]
    return "\n".join(lines) + "; see the whole traceback with `raisecash --traceback ...`" if lines else ""


def places(namespace: Namespace) -> dict[str, Path]:
    """Return where each plug-in of a namespace lies, by its name; nothing is imported.

    Raises
    ------
    ConfigError
        When two folders hold a plug-in of the same name, of which Python would see the first alone, or
        when a package or a module on the path hides ours.
    """
    found: dict[str, Path] = {}
    for folder in _portions(namespace):
        for path in sorted(folder.iterdir()):
            name = _module_name(path)
            if name is None:
                continue
            other = found.setdefault(name, path)
            if other != path:
                copies = {each.parents[1] for each in (other, path)}
                if all(_is_a_copy(each) for each in copies):
                    first, second = sorted(copies)
                    raise ConfigError(
                        f"the project is on the path twice: {first} and {second}; install one of them alone"
                    )
                raise ConfigError(
                    f"two plug-ins are called {namespace}.{name}: {other} and {path}; rename one"
                )
    return found


def stamp(namespace: Namespace) -> tuple[tuple[str, int], ...]:
    """Return each file of a namespace with when it changed: what is remembered of them is good while this is the same.

    Raises
    ------
    ConfigError
        As `places` does, where ours are hidden.
    """
    found: list[tuple[str, int]] = []
    for folder in _portions(namespace):
        with os.scandir(folder) as entries:
            for each in entries:
                if each.name.startswith((".", "_")):
                    continue
                inside = sorted(Path(each.path).rglob("*.py")) if each.is_dir() else ()
                found.append((each.path, each.stat().st_mtime_ns))
                found += [(str(path), path.stat().st_mtime_ns) for path in inside]
    return tuple(sorted(found))


def place_of(module: ModuleType | str) -> Path:
    """Return the file of a module; of one without a file, its name."""
    found = sys.modules.get(module) if isinstance(module, str) else module
    return Path(getattr(found, "__file__", None) or str(module))


def origin(path: Path) -> str:
    """Return where a plug-in comes from: `raisecash` for ours, else its file, short where it lies below the current folder."""
    path = path.resolve()
    if any(path.is_relative_to(HERE / namespace) for namespace in get_args(Namespace)):
        ours = _installed()
        if not ours or path in ours:
            return "raisecash"
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def belongs_to(made: type, module: ModuleType) -> bool:
    """Return whether a class is a plug-in's own: defined in its file, or in one of its folder's."""
    return made.__module__ == module.__name__ or made.__module__.startswith(f"{module.__name__}.")


def _path() -> set[Path]:
    """Return the folders that modules are looked for in."""
    return {Path(each or os.getcwd()).resolve() for each in sys.path}


@cache
def _installed() -> frozenset[Path]:
    """Return the files that were installed with us; in one folder with them may lie another distribution's.

    Empty in a checkout, where whatever lies in the folders is ours.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        files = distribution("raisecash").files or []
    except PackageNotFoundError:
        return frozenset()
    if not any(each.parts[0] == "raisecash" for each in files):
        return frozenset()
    return frozenset(Path(each.locate()).resolve() for each in files)


def _is_root(folder: Path) -> bool:
    """Return whether a folder is the root of a project."""
    if (folder / PROJECT).is_file():
        return True
    return folder.name != TESTS and any((folder / each).is_dir() for each in FOLDERS)


def _is_a_copy(root: Path) -> bool:
    """Return whether a folder holds the framework."""
    return (root / "raisecash" / "plugins.py").is_file()


def _why_not(root: Path) -> str:
    """Return why a root may not be put on the path, empty when it may."""
    if _is_a_copy(root) and root != HERE:
        return (
            f"the plug-ins of {root} are not looked at: it is another copy of the project than the one that runs, "
            f"{HERE}; install that one (pip install -e {root}), or run the config with its own raisecash"
        )
    for namespace in get_args(Namespace):
        for hides in (root / namespace / "__init__.py", root / f"{namespace}.py"):
            if hides.is_file():
                way_out = "delete" if hides.name == "__init__.py" else "rename"
                return f"the plug-ins of {root} are not looked at: {hides} would hide our own {namespace}; {way_out} that file"
    return ""


def _portions(namespace: Namespace) -> list[Path]:
    """Return the folders of a namespace, ours among them, in the order of the path, each once."""
    spec = find_spec(namespace)
    if spec is None or (
        spec.origin is None and HERE / namespace not in _folders(spec.submodule_search_locations)
    ):
        sys.path.append(str(HERE))  # installed in a way that publishes raisecash alone
        importlib.invalidate_caches()
        spec = find_spec(namespace)
    if spec is None:
        raise ConfigError(f"the folder {HERE / namespace} is missing; install the project again")
    if spec.origin is not None:
        raise ConfigError(_hidden(namespace, Path(spec.origin)))
    return [each for each in _folders(spec.submodule_search_locations) if each.is_dir()]


def _folders(locations: Iterable[str] | None) -> list[Path]:
    """Return the folders of a namespace's spec, each once."""
    return list(dict.fromkeys(Path(each).resolve() for each in locations or ()))


def _hidden(namespace: Namespace, by: Path) -> str:
    """Return that a package or a module on the path hides our own plug-ins, and the way out."""
    from importlib.metadata import packages_distributions

    installed = packages_distributions().get(namespace, []) if "site-packages" in by.parts else []
    others = sorted({each for each in installed if each != "raisecash"})
    if others:
        way_out = f"it was installed with {', '.join(others)}, which cannot be used in one environment with raisecash"
    elif by.name == "__init__.py":
        way_out = "a folder of plug-ins is no package of its own: delete that file"
    else:
        way_out = "rename that file, or take its folder off the path"
    return f"{by} hides our own {namespace}, {HERE / namespace}; {way_out}"


def _module_name(path: Path) -> str | None:
    """Return the name under which a file or folder is imported as a plug-in; None for anything else."""
    if path.name.startswith((".", "_", TEST)) or path.name == "conftest.py":
        return None
    if path.is_dir():
        return path.name if (path / "__init__.py").is_file() and path.name.isidentifier() else None
    name = path.name.partition(".")[0]
    return name if path.name.removeprefix(name) in all_suffixes() and name.isidentifier() else None


def _says(path: Path, pattern: re.Pattern[str]) -> bool:
    """Return whether a plug-in's text matches; what cannot be read as text may say anything."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    try:
        return any(pattern.search(each.read_text(encoding="utf-8")) for each in files)
    except (OSError, ValueError):
        return True


def _raised(error: BaseException) -> str:
    """Return that a plug-in raised an error nobody meant to, and where."""
    return f"raised {phrase_of(error)} when it was imported"
