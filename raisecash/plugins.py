"""Plug-ins: the modules in the folders `strategies/`, `data_feeds/` and `reports/`, ours and a project's own.

Each of the three is a namespace package (PEP 420): every folder of that name on the path belongs to it, so that a
project's strategies lie beside ours under one name. The framework finds plug-ins here and imports none by name.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import all_suffixes
from pathlib import Path
from types import ModuleType
from typing import Literal

from raisecash.errors import ConfigError, RaisecashError
from raisecash.messages.blame import phrase_of

Namespace = Literal["data_feeds", "reports", "strategies"]
MARKS = ("strategies", "data_feeds", "pyproject.toml")  # what the root of a project holds
HERE = Path(__file__).resolve().parent.parent  # where the project's own three folders lie


def project_root(start: Path) -> Path | None:
    """Return the nearest folder, from `start` upwards, that is the root of a project; None without one."""
    start = start.resolve()
    return next(
        (each for each in (start, *start.parents) if any((each / mark).exists() for mark in MARKS)), None
    )


def use_project(start: Path) -> None:
    """Put the root of the project that a folder belongs to on the path, behind everything installed."""
    root = project_root(start)
    if root is not None and str(root) not in sys.path:
        sys.path.append(str(root))
        importlib.invalidate_caches()


def modules(namespace: Namespace) -> list[ModuleType]:
    """Return every plug-in of a namespace, imported, by name.

    Raises
    ------
    ConfigError
        When a plug-in does not import, naming its file and line; when two folders hold a plug-in of the same name, of which Python would see the first alone, or
        when an `__init__.py` makes a folder a package that hides the others.
    """
    return [_imported(namespace, name, path) for name, path in sorted(places(namespace).items())]


def places(namespace: Namespace) -> dict[str, Path]:
    """Return where each plug-in of a namespace lies, by its name; nothing is imported.

    Raises
    ------
    ConfigError
        As `modules` does.
    """
    found: dict[str, Path] = {}
    for folder in _portions(namespace):
        for path in sorted(folder.iterdir()):
            name = _module_name(path)
            if name is None:
                continue
            other = found.setdefault(name, path)
            if other != path:
                raise ConfigError(
                    f"two plug-ins are called {namespace}.{name}: {other} and {path}; rename one"
                )
    return found


def _imported(namespace: Namespace, name: str, path: Path) -> ModuleType:
    """Return a plug-in, imported; whatever keeps it from being imported is its author's error, in one line."""
    try:
        return importlib.import_module(f"{namespace}.{name}")
    except RaisecashError as error:
        raise type(error)(f"{path}: {error}") from error
    except Exception as error:
        raise ConfigError(
            f"{path}: raised {phrase_of(error)} when it was imported; mend it, or take it out of {namespace}/, whose "
            "plug-ins are all imported to be found; see the whole traceback with `raisecash --traceback ...`"
        ) from error


def _portions(namespace: Namespace) -> list[Path]:
    """Return the folders of a namespace, ours among them, in the order of the path, each once."""
    package = importlib.import_module(namespace)
    folders = list(dict.fromkeys(Path(each).resolve() for each in package.__path__))
    if HERE / namespace not in folders:
        hides = getattr(package, "__file__", None)
        raise ConfigError(
            f"{hides or namespace} hides the project's own {namespace}, {HERE / namespace}: a folder of plug-ins is "
            "no package of its own; delete its __init__.py"
        )
    return [each for each in folders if each.is_dir()]


def _module_name(path: Path) -> str | None:
    """Return the name under which a file or folder is imported as a plug-in; None for anything else."""
    if path.name.startswith((".", "_")):
        return None
    if path.is_dir():
        return path.name if (path / "__init__.py").is_file() and path.name.isidentifier() else None
    name = path.name.partition(".")[0]
    return name if path.name.removeprefix(name) in all_suffixes() and name.isidentifier() else None
