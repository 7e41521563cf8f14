"""Whose code raised an error: the author's file and line, not the library's in which their mistake came to light.

An author's own code is a file on this disk (or a notebook's cell) that is no library's and not the framework's. The
plug-ins that come with the framework are own code too: an error in one of them is theirs.
"""

from __future__ import annotations

import linecache
import os
import site
import sysconfig
from collections.abc import Collection
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType

NAMESPACES = ("data_feeds", "reports", "strategies")  # the folders of plug-ins, wherever they are installed
ENTRY_POINTS = ("raisecash.feeds", "raisecash.strategies")  # under which other packages offer theirs
_FRAMEWORK = Path(__file__).resolve().parent.parent


def place_of(error: BaseException) -> str:
    """Return the file and line an error comes from: the author's own where there is one.

    Of a file that is no Python, the line that cannot be read; of anything else, the innermost line of
    own code on the way to where it was raised. What compiled code, `exec` or a library raised is
    put down to the line of own code that asked for it.
    """
    if isinstance(error, SyntaxError) and error.filename and os.path.isfile(error.filename):
        return f"{_file(error.filename)}, line {error.lineno}"
    frames: list[tuple[FrameType, int]] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    offered = _offering()
    own = [each for each in frames if is_own(each[0], packages=offered)]
    readable = [each for each in frames if _has_source(each[0].f_code.co_filename)]
    if not frames:
        return "unknown place"
    frame, line = (own or readable or frames)[-1]
    return f"{_file(frame.f_code.co_filename)}, line {line}"


def _file(path: str) -> str:
    """Return a file by its name, a folder's `__init__.py` with the folder that gives it one."""
    file = Path(path)
    return f"{file.parent.name}/{file.name}" if file.name == "__init__.py" else file.name


def phrase_of(error: BaseException) -> str:
    """Return an error that nobody raised on purpose in one phrase: `KeyError: 'BTC' (mine.py, line 8)`."""
    said = str(error.msg if isinstance(error, SyntaxError) else error)
    return f"{type(error).__name__}{said and f': {said}'} ({place_of(error)})"


def is_own(frame: FrameType, *, packages: Collection[str] = ()) -> bool:
    """Return whether a frame runs an author's own code, and not a library's or the framework's.

    Parameters
    ----------
    frame : frame
    packages : collection of str
        Top-level packages that are own code even where they are installed like a library.
    """
    name = str(frame.f_globals.get("__name__", ""))
    if packages and name.partition(".")[0] in packages:
        return True
    return is_own_file(frame.f_code.co_filename)


@cache
def is_own_file(file: str) -> bool:
    """Return whether a file, as code names it, holds an author's own code."""
    if not _has_source(file):
        return False
    if file.startswith(_plug_ins()):
        return True
    return not file.startswith(_libraries()) and not {"site-packages", "dist-packages"} & {*Path(file).parts}


def _has_source(file: str) -> bool:
    """Return whether code names a file there is, or a cell of a notebook; compiled and made-up code do not."""
    if os.path.isabs(file) and os.path.isfile(file):
        return True
    # a notebook puts its cells' lines here; (size, time, lines, name), or less where nothing was read yet
    return len(linecache.cache.get(file, ())) == 4 and not file.endswith((".pyx", ".pxd"))


@cache
def _plug_ins() -> tuple[str, ...]:
    """Return the beginnings of the paths of the plug-ins that come with the framework."""
    return tuple(f"{_FRAMEWORK.parent / name}{os.sep}" for name in NAMESPACES)


@cache
def _libraries() -> tuple[str, ...]:
    """Return the beginnings of the paths of Python's and installed packages' files, and the framework's."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {*site.getsitepackages(), site.getusersitepackages(), str(_FRAMEWORK)}
    return tuple(sorted({f"{form}{os.sep}" for path in paths for form in (path, os.path.realpath(path))}))


@cache
def _offering() -> frozenset[str]:
    """Return the top-level packages that offer plug-ins through an entry point."""
    return frozenset(
        each.module.partition(".")[0] for group in ENTRY_POINTS for each in entry_points(group=group)
    )
