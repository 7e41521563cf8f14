"""Watching what a strategy reads besides the market: files, folders, the network, other processes, the clock.

Files, sockets and processes announce themselves to Python's audit hooks, whichever library opens
them; the clock does not, so calls of its functions are seen by a profiling hook. Both note what
happened together with the author's line it happened for (`blame`), and leave alone what Python and
libraries read on their own account: imports, time zones, the source line of a warning. Nothing is
noted that the author's code did not ask for, and nothing is forbidden but the network.
"""

from __future__ import annotations

import ast
import datetime
import inspect
import os
import sys
import textwrap
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from raisecash.contract_checks.blame import author_of, is_library
from raisecash.strategy.base import Strategy
from raisecash.strategy.parameters import Parameters, Part

if TYPE_CHECKING:
    from types import FrameType

NETWORK = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.sendto",
)
PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.startfile")
FOLDERS = ("os.listdir", "os.scandir", "glob.glob")
DATABASES = ("sqlite3.connect",)
# What Python and libraries ask the machine itself: its cores, its null device, its time zones.
MACHINE = ("/proc/", "/sys/", "/dev/", *(f"{path}{os.sep}" for path in zoneinfo.TZPATH))
COMPILED_READERS = ("read_parquet", "read_feather", "read_orc", "read_hdf", "read_table")
CLOCKS = {time.time, time.time_ns, *((time.clock_gettime,) if hasattr(time, "clock_gettime") else ())}
NOWS = ("now", "utcnow", "today")
RIGHT_NOW = ("now", "today")  # what pandas and numpy understand as a date
READ_AS_DATE = ("Timestamp", "datetime64", "to_datetime", "DatetimeIndex")
CLOCK_BY_DEFAULT = {
    "localtime": 1,
    "gmtime": 1,
    "ctime": 1,
    "asctime": 1,
    "strftime": 2,
}  # arguments that avoid it


class Watch:
    """What the strategy of one author reads while it is watched.

    Parameters
    ----------
    own : str
        Top-level package of the strategy's module.
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self.seen: list[str] = []

    def note(self, what: str, frame: FrameType | None) -> bool:
        """Note what happened if the author's code asked for it; return whether it did."""
        place = author_of(frame, own=self.own)
        if place is None:
            return False
        if f"{what} ({place})" not in self.seen:
            self.seen.append(f"{what} ({place})")
        return True

    def audit(self, event: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
        """Note a file, a folder, a database, a process or a connection; refuse the connection."""
        if event == "open":
            path, mode = arguments[0], arguments[1] or "r"
            if isinstance(path, (str, bytes, os.PathLike)) and not os.fsdecode(path).startswith(MACHINE):
                name = os.path.basename(os.fsdecode(path))
                verb = "writes" if set(str(mode)) & set("wax+") else "reads"
                self.note(f"{verb} the file {name}", frame)
        elif event in FOLDERS:
            self.note("lists a folder", frame)
        elif event in DATABASES:
            self.note("opens a database", frame)
        elif event in PROCESSES:
            self.note("starts another process", frame)
        elif event in NETWORK and self.note("reaches for the network", frame):
            raise OSError("a strategy decides without the network")

    def profile(self, frame: FrameType, event: str, called: Any) -> None:
        """Note a call that asks what time it is, or that has a file read by compiled code."""
        if event == "c_call":
            owner = getattr(called, "__self__", None)
            is_now = isinstance(owner, type) and issubclass(owner, datetime.date) and called.__name__ in NOWS
            # Only the author's own call: libraries time themselves and date their log lines.
            if (is_now or called in CLOCKS) and not is_library(frame, own=self.own):
                self.note("reads the clock", frame)
        elif event == "call":
            name, package = frame.f_code.co_name, str(frame.f_globals.get("__name__", "")).partition(".")[0]
            if name in COMPILED_READERS and package in ("pandas", "pyarrow"):
                self.note("reads a file", frame.f_back)
            elif name == "to_datetime" and package == "pandas":
                asked = frame.f_locals.get("arg")
                if isinstance(asked, str) and asked in RIGHT_NOW:
                    self.note("reads the clock", frame.f_back)


_watching: list[Watch] = []  # an audit hook cannot be taken off again, so it asks whether to look
_is_hooked = False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Pass an event on to the watch, if there is one and it is not the cause itself."""
    if not _watching or event.startswith(("object.", "sys.", "import", "compile", "exec", "marshal.")):
        return
    watch = _watching.pop()
    try:
        watch.audit(event, arguments, sys._getframe(1))
    finally:
        _watching.append(watch)


@contextmanager
def watched(own: str) -> Iterator[Watch]:
    """Watch what the code inside reads.

    Parameters
    ----------
    own : str
        Top-level package of the strategy's module.
    """
    global _is_hooked  # one hook a process, for as long as it lives
    if not _is_hooked:
        sys.addaudithook(_audit)
        _is_hooked = True
    watch, before = Watch(own), sys.getprofile()
    with _pandas_clock(watch):
        _watching.append(watch)
        sys.setprofile(watch.profile)
        try:
            yield watch
        finally:
            sys.setprofile(before)
            _watching.pop()


@contextmanager
def _pandas_clock(watch: Watch) -> Iterator[None]:
    """Notice `Timestamp.now`, `today` and `utcnow`, which are compiled and call no function of Python's."""
    original = {name: pd.Timestamp.__dict__[name] for name in NOWS}

    def noticed(name: str) -> classmethod[Any, Any, Any]:
        def asked(cls: type, *arguments: Any, **named: Any) -> Any:
            frame = sys._getframe(1)
            if not is_library(frame, own=watch.own):
                watch.note("reads the clock", frame)
            return original[name].__get__(None, cls)(*arguments, **named)

        return classmethod(asked)

    for name in NOWS:
        setattr(pd.Timestamp, name, noticed(name))
    try:
        yield
    finally:
        for name, method in original.items():
            setattr(pd.Timestamp, name, method)


def clock_in_source(owner: type[Parameters]) -> list[str]:
    """Return where the own source of a strategy's or a part's class reads the clock in ways no hook can see, `pd.Timestamp("now")` for one."""
    found = []
    for each in owner.__mro__:
        if each in (Strategy, Part, Parameters) or not issubclass(each, Parameters):
            continue
        try:
            lines, first = inspect.getsourcelines(each)
            tree = ast.parse(textwrap.dedent("".join(lines)))
        except (OSError, TypeError, SyntaxError):  # made in a session, or by a program: nothing to read
            continue
        file = os.path.basename(inspect.getsourcefile(each) or "")
        found += [
            f"reads the clock ({file}, line {first + node.lineno - 1})"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and _asks_for_now(node)
        ]
    return found


def _asks_for_now(call: ast.Call) -> bool:
    """Return whether a call means this moment: a date of "now", or `time.strftime` without a time."""
    called = call.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    first = call.args[0] if call.args else None
    if name in READ_AS_DATE and isinstance(first, ast.Constant) and first.value in RIGHT_NOW:
        return True
    of_time = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "time"
    return of_time and name in CLOCK_BY_DEFAULT and len(call.args) < CLOCK_BY_DEFAULT[name]
