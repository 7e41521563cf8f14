"""Skeletons that work at once, written from templates: a strategy, an overlay, a feed, a config, a whole project."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from raisecash import plugins
from raisecash.errors import InputError
from raisecash.files import write_text

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([_-][A-Za-z0-9]+)*")
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
LONGEST = 32  # longer names would make lines of the templates longer than the project's 110 columns
FIRST_STRATEGY = "AboveAverage"  # what a new project begins with
FIRST_FEED = "dated_text"

Values = dict[str, str | bool]
Files = dict[Path, str]


@dataclass(frozen=True)
class Spelled:
    """A name as a class, as a module and in words."""

    class_name: str
    module: str
    title: str


def new_strategy(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a strategy and its test, and return their paths.

    Parameters
    ----------
    name : str
        As a class or a file: `TrendOutsideJuly`, `trend_outside_july` and `trend-outside-july` are one.
    out : Path, optional
        Folder to write `strategies/` and `tests/strategies/` in; default the root of the project that the
        current folder belongs to.

    Raises
    ------
    InputError
        When the name cannot name a class and a module or is taken, or a file is there already.
    """
    return _new_strategy(name, _root(out), template="strategy")


def new_overlay(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write an overlay, a strategy laid over another, and its test; as `new_strategy` does."""
    return _new_strategy(name, _root(out), template="overlay")


def new_feed(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a feed and its test, and return their paths.

    Parameters
    ----------
    name : str
        As the word after `feed =` or as a class: `broker_text`, `broker-text` and `BrokerText` are one.
    out : Path, optional
        Folder to write `data_feeds/` and `tests/data_feeds/` in; default the root of the project that the
        current folder belongs to.

    Raises
    ------
    InputError
        As `new_strategy` does.
    """
    from raisecash.data.registry import feed_kinds

    root = _root(out)
    module = _spelled(name).module
    _look_around(root)
    if module in feed_kinds():
        raise InputError(f"NAME {name!r}: there is a feed {module} already; choose another")
    _refuse_taken(name, "data_feeds", module)
    return _write(_feed(name, root))


def new_config(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a config that runs over the offline sample, and return its path.

    Parameters
    ----------
    name : str
        The file's name without `.toml`, and the study's.
    out : Path, optional
        Folder to write `configs/` in; default the root of the project that the current folder belongs to.

    Raises
    ------
    InputError
        When the name cannot name a file, or the file is there already.
    """
    return _write(_config(_checked(name), _root(out), strategy="", feed=""))


def new_project(name: str, *, out: Path | None = None) -> tuple[Path, ...]:
    """Write a project with a strategy, a feed and a config of its own, and tests that pass; return the paths.

    Parameters
    ----------
    name : str
        The folder's name, and the first config's.
    out : Path, optional
        Folder to write it in; default the current one.

    Raises
    ------
    InputError
        When the name cannot name a folder, or the folder is there already.
    """
    from importlib.metadata import version

    root = _folder(out or Path()) / _checked(name)
    if root.exists():
        raise InputError(f"{root} is there already and is not overwritten; choose another name")
    values: Values = {"name": name, "version": version("raisecash")}
    files = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        ".gitignore": "gitignore",
        ".github/workflows/check.yml": "check.yml",
        "data/fed_funds.txt": "fed_funds.txt",
        "tests/test_strategies.py": "test_strategies.py",
        "tests/test_configs.py": "test_configs.py",
    }
    return _write(
        {root / path: _rendered(f"project/{template}.jinja", values) for path, template in files.items()}
        | _strategy(FIRST_STRATEGY, root, template="strategy", has_contract_test=True)
        | _feed(FIRST_FEED, root)
        | _config(name, root, strategy=FIRST_STRATEGY, feed=FIRST_FEED)
    )


def _new_strategy(name: str, root: Path, *, template: str) -> tuple[Path, ...]:
    """Write a strategy of one template, unless there is one of its name."""
    from raisecash.strategy.discovery import survey

    spelled = _spelled(name)
    _look_around(root)
    if spelled.class_name in survey().strategies:
        raise InputError(f"NAME {name!r}: there is a strategy {spelled.class_name} already; choose another")
    _refuse_taken(name, "strategies", spelled.module)
    return _write(_strategy(name, root, template=template))


def _look_around(root: Path) -> None:
    """Let the plug-ins of the project that is written in be found, or raise when they would not be."""
    plugins.use_project(root)
    if reason := plugins.left_out(root):
        raise InputError(reason)


def _strategy(name: str, root: Path, *, template: str, has_contract_test: bool = False) -> Files:
    """Return the files of a new strategy."""
    spelled = _spelled(name)
    tests = root / "tests"
    values: Values = {
        "class_name": spelled.class_name,
        "module": spelled.module,
        "title": spelled.title,
        "has_contract_test": has_contract_test or _has_contract_test(tests),
    }
    return {
        root / "strategies" / f"{spelled.module}.py": _rendered(f"{template}.py.jinja", values),
        tests / "strategies" / f"test_{spelled.module}.py": _rendered(f"test_{template}.py.jinja", values),
        **_conftest(tests),
    }


def _feed(name: str, root: Path) -> Files:
    """Return the files of a new feed."""
    spelled = _spelled(name)
    values: Values = {
        "kind": spelled.module,
        "class_name": f"{spelled.class_name.removesuffix('Feed')}Feed",
    }
    tests = root / "tests"
    return {
        root / "data_feeds" / f"{spelled.module}.py": _rendered("feed.py.jinja", values),
        tests / "data_feeds" / f"test_{spelled.module}.py": _rendered("test_feed.py.jinja", values),
        **_conftest(tests),
    }


def _config(name: str, root: Path, *, strategy: str, feed: str) -> Files:
    """Return the file of a new config, over a strategy and a feed of the project's own where they are named."""
    values: Values = {"name": name.replace("_", "-"), "strategy": strategy, "feed": feed}
    return {root / "configs" / f"{name}.toml": _rendered("config.toml.jinja", values)}


def _conftest(tests: Path) -> Files:
    """Return what lets tests find the project they belong to, where they have nothing that may do so."""
    path = tests / "conftest.py"
    return {} if path.exists() else {path: _rendered("conftest.py.jinja", {})}


def _has_contract_test(tests: Path) -> bool:
    """Return whether tests hold every strategy to the contract already: a strategy's own then need not."""
    places = (tests / "test_strategies.py", tests / "contract_checks" / "test_contract.py")
    return any(each.is_file() for each in places)


def _checked(name: str) -> str:
    """Return a name that can stand in a file's name, a class's and a config."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"NAME must be letters and digits, with single - or _ between them, and begin with a letter, got {name!r}"
        )
    if len(name) > LONGEST:
        raise InputError(f"NAME must have at most {LONGEST} characters, got {len(name)}")
    return name


def _spelled(name: str) -> Spelled:
    """Return a name as a class and as a module, or raise when Python keeps it for itself."""
    words = WORD.findall(_checked(name))
    module = "_".join(word.lower() for word in words)
    class_name = name if re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) else "".join(map(_capital, words))
    if keyword.iskeyword(module) or keyword.iskeyword(class_name):
        raise InputError(f"NAME {name!r}: Python keeps {module!r} for itself; choose another")
    if module.startswith(plugins.TEST):
        raise InputError(
            f"NAME {name!r}: a file whose name begins with {plugins.TEST} is a test; choose another"
        )
    title = " ".join([_capital(words[0]), *(word.lower() for word in words[1:])])
    return Spelled(class_name=class_name, module=module, title=title)


def _capital(word: str) -> str:
    """Return a word with its first letter in upper case."""
    return word[0].upper() + word[1:]


def _folder(out: Path) -> Path:
    """Return a folder to write in, or raise when it is none."""
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: must be a folder, and is a file; choose another")
    return out


def _root(out: Path | None) -> Path:
    """Return the folder to write in: the one named, or the root of the project around the current one."""
    if out is not None:
        return _folder(out)
    root = plugins.project_root(Path())
    if root is None:
        raise InputError(
            "the current folder belongs to no project; change to a project's folder, make one with `raisecash new "
            "project NAME`, or say where to write with --out DIR"
        )
    return Path() if root == Path.cwd() else root


def _refuse_taken(name: str, namespace: plugins.Namespace, module: str) -> None:
    """Raise when there is a plug-in of this name: Python would see the first of the two alone."""
    taken = plugins.places(namespace).get(module)
    if taken is not None:
        raise InputError(f"NAME {name!r}: there is a {taken} already; choose another")


def _rendered(template: str, values: Values) -> str:
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


def _write(files: Files) -> tuple[Path, ...]:
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
