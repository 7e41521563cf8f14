"""Whose code did it: the strategy's author's, a library's on its own account, or Python's while importing."""

from __future__ import annotations

from pathlib import Path
from types import FrameType

from raisecash.messages.blame import is_own

PASSED_OVER = ("data_feeds", "reports")  # ours like the framework: who called them is to blame
# Libraries that read files of their own in order to work, whoever calls them: time zones, translations, source
# lines for a warning, compiled code.
INNOCENT = {
    "ctypes",
    "dateutil",
    "encodings",
    "gettext",
    "inspect",
    "linecache",
    "locale",
    "logging",
    "numba",
    "pkgutil",
    "platform",
    "pytz",
    "sysconfig",
    "threadpoolctl",
    "tokenize",
    "traceback",
    "tzdata",
    "warnings",
    "zoneinfo",
}
IMPORTING = "<frozen importlib"


def is_library(frame: FrameType, *, own: str = "") -> bool:
    """Return whether a frame is a library's: Python's, an installed package's or this project's own machinery.

    Parameters
    ----------
    frame : frame
    own : str
        Top-level package of the strategy, which is never a library even where it is installed like one.
    """
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if own and package == own:
        return False
    return package in PASSED_OVER or not is_own(frame)


def author_of(frame: FrameType | None, *, own: str) -> str | None:
    """Return the author's file and line that something happened for, None when it was nobody's of theirs.

    Goes outward from where it happened. The first of these decides: a frame of the author's, who is
    to blame; the import system, or a library that reads files of its own, which may.
    """
    while frame is not None:
        package = str(frame.f_globals.get("__name__", ""))
        if frame.f_code.co_filename.startswith(IMPORTING):
            return None
        if package.partition(".")[0] in INNOCENT or package.startswith("importlib.metadata"):
            return None
        if not is_library(frame, own=own):
            return f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
        frame = frame.f_back
    return None
