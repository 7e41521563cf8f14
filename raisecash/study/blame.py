"""Whose code raised an error: said in one line, with the author's own file and line."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from raisecash.errors import ConfigError, RaisecashError


@contextmanager
def blamed(where: str, use: str) -> Iterator[None]:
    """Say in any error from here whose strategy it was; an author's own bug becomes one line with its place."""
    try:
        yield
    except RaisecashError as error:
        raise prefixed(error, where) from error
    except Exception as error:
        place = _place(error)
        raise ConfigError(
            f"{where}: {use} raised {type(error).__name__}: {getattr(error, 'msg', error)} ({place}); "
            "see the whole traceback with `raisecash --traceback ...`"
        ) from error


def _place(error: Exception) -> str:
    """Return the file and line an error comes from, the author's own rather than a library's."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '?').name}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    libraries = (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), "<")
    own = [frame for frame in frames if not frame.filename.startswith(libraries)]
    frame = own[-1] if own else frames[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def prefixed(error: RaisecashError, where: str) -> RaisecashError:
    """Return the same error, its message beginning with where it came from."""
    text = str(error)
    return error if text.startswith(where) else type(error)(f"{where}: {text}")
