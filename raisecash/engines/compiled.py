"""`compiled`: numba's compiler, which says when it is at work and keeps what it made where it can be kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import event

Function = TypeVar("Function", bound=Callable[..., Any])

OURS = "raisecash."
OPTIONS = {"nogil": True, "error_model": "numpy"}
ONCE = "raisecash: compiling the ledger, once for this installation: about 10 s"
EACH_TIME = "raisecash: compiling the ledger, in each process: about 10 s"


def compiled(function: Function) -> Function:
    """Return a function that is compiled when it is first called, and read from disk by later processes.

    It is kept in the `__pycache__` beside its file, or else where numba keeps a user's; where neither
    can be written to, it is compiled in each process.
    """
    compiler: Any = numba.njit
    try:
        made: Function = compiler(cache=True, **OPTIONS)(function)
    except RuntimeError:  # numba found no folder that it can write to
        made = compiler(**OPTIONS)(function)
    return made


class _Notice(event.Listener):
    """A line on stderr before the first function is compiled; read from disk, none is."""

    is_given = False

    def on_start(self, event: Any) -> None:
        """Say that it takes a while, once a process."""
        dispatcher = event.data["dispatcher"]
        if self.is_given or not dispatcher.py_func.__module__.startswith(OURS):
            return
        self.is_given = True
        sys.stderr.write(f"{notice(dispatcher)}\n")
        sys.stderr.flush()

    def on_end(self, event: Any) -> None:
        """Say nothing."""


def notice(dispatcher: Any) -> str:
    """Return what is said while a function is compiled: how often that is, and where it is kept."""
    folder = dispatcher.stats.cache_path
    if folder is None:
        return f"{EACH_TIME}; no folder to keep it in can be written to: set NUMBA_CACHE_DIR to one that can"
    beside = Path(dispatcher.py_func.__code__.co_filename).parent / "__pycache__"
    return ONCE if Path(folder) == beside else f"{ONCE}; kept in {folder}"


event.register("numba:compile", _Notice())  # type: ignore[no-untyped-call]  # as numba left it
