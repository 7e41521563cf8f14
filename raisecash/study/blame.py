"""Whose code raised an error: said in one line, with the author's own file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from raisecash.errors import ConfigError, RaisecashError
from raisecash.messages.blame import phrase_of


@contextmanager
def blamed(where: str, use: str) -> Iterator[None]:
    """Say in any error from here whose strategy it was; an author's own bug becomes one line with its place."""
    try:
        yield
    except RaisecashError as error:
        raise prefixed(error, where) from error
    except Exception as error:
        raise ConfigError(
            f"{where}: {use} raised {phrase_of(error)}; "
            "see the whole traceback with `raisecash --traceback ...`"
        ) from error


def prefixed(error: RaisecashError, where: str) -> RaisecashError:
    """Return the same error, its message beginning with where it came from."""
    text = str(error)
    return error if text.startswith(where) else type(error)(f"{where}: {text}")
