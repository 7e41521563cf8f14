"""Skeletons that work at once: a strategy with its test, and a config, written from templates."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from raisecash.errors import InputError
from raisecash.files import write_text

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([_-][A-Za-z0-9]+)*")
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
LONGEST = 32  # longer names would make lines of the templates longer than the project's 110 columns


def new_strategy(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a strategy and its test, and return their paths.

    Parameters
    ----------
    name : str
        As a class or a file: `TrendOutsideJuly`, `trend_outside_july` and `trend-outside-july` are one.
    out : Path, optional
        Folder to write `strategies/` and `tests/strategy/` in; default the project in the current one.

    Raises
    ------
    InputError
        When the name cannot name a class and a module or is taken, or a file is there already.
    """
    words = WORD.findall(_checked(name))
    module = "_".join(word.lower() for word in words)
    class_name = name if re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) else "".join(map(_capital, words))
    if keyword.iskeyword(module) or keyword.iskeyword(class_name):
        raise InputError(f"NAME {name!r}: Python keeps {module!r} for itself; choose another")
    root = _root(out)
    in_project = _is_project(root)
    if in_project:
        _refuse_taken(name, class_name, module, root)
    values: dict[str, str | bool] = {
        "class_name": class_name,
        "module": module,
        "title": " ".join([_capital(words[0]), *(word.lower() for word in words[1:])]),
        "in_project": in_project,
    }
    return _write(
        {
            root / "strategies" / f"{module}.py": _rendered("strategy.py.jinja", values),
            root / "tests" / "strategy" / f"test_{module}.py": _rendered("test_strategy.py.jinja", values),
        }
    )


def new_config(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a config that runs over the offline sample, and return its path.

    Parameters
    ----------
    name : str
        The file's name without `.toml`, and the study's.
    out : Path, optional
        Folder to write `configs/` in; default the project in the current one.

    Raises
    ------
    InputError
        When the name cannot name a file, or the file is there already.
    """
    text = _rendered("config.toml.jinja", {"name": _checked(name).replace("_", "-")})
    return _write({_root(out) / "configs" / f"{name}.toml": text})


def _checked(name: str) -> str:
    """Return a name that can stand in a file's name, a class's and a config."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"NAME must be letters and digits, with single - or _ between them, and begin with a letter, got {name!r}"
        )
    if len(name) > LONGEST:
        raise InputError(f"NAME must have at most {LONGEST} characters, got {len(name)}")
    return name


def _capital(word: str) -> str:
    """Return a word with its first letter in upper case."""
    return word[0].upper() + word[1:]


def _root(out: Path | None) -> Path:
    """Return the folder to write in."""
    if out is not None:
        if out.exists() and not out.is_dir():
            raise InputError(f"--out {out}: must be a folder, and is a file; choose another")
        return out
    if not _is_project(Path()):
        raise InputError(
            "the current folder is not the project: there is no strategies/ in it; change to the project's "
            "folder, or say where to write with --out DIR"
        )
    return Path()


def _is_project(root: Path) -> bool:
    """Return whether a folder is a project."""
    return (root / "strategies").is_dir()


def _refuse_taken(name: str, class_name: str, module: str, root: Path) -> None:
    """Raise when the project has a strategy or a test file of this name; pytest needs file names to be unique."""
    from raisecash.strategy.discovery import discover

    if class_name in discover():
        raise InputError(f"NAME {name!r}: there is a strategy {class_name} already; choose another")
    here = root / "tests" / "strategy" / f"test_{module}.py"
    for test in sorted((root / "tests").rglob(f"test_{module}.py")):
        if test != here:
            raise InputError(
                f"NAME {name!r}: there is a {test} already, and tests need names of their own; choose another"
            )


def _rendered(template: str, values: dict[str, str | bool]) -> str:
    """Return a template filled in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("raisecash", "cli/templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,
    )
    return environment.get_template(template).render(values)


def _write(files: dict[Path, str]) -> tuple[Path, ...]:
    """Write every file, or none where one of them is there already."""
    for path in files:
        if path.exists():
            raise InputError(f"{path} is there already and is not overwritten; choose another name")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
        except OSError as error:
            raise InputError(
                f"{path}: cannot be written ({error.strerror}); choose another folder"
            ) from error
    return tuple(files)
