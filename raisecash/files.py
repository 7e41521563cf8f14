"""Files that are there whole or not at all, and the folder of those that can be fetched again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CACHE_VARIABLE = "RAISECASH_CACHE_DIR"


def cache_folder() -> Path:
    """Return where what can be fetched or computed again is kept: RAISECASH_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("raisecash", appauthor=False))


@contextmanager
def written_whole(path: Path, *, beside: Path | None = None, outlasts: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write in; what is written becomes `path` in one step, and is gone after any failure.

    Whoever reads `path` meanwhile finds what was there before. What is no plain file (a pipe, a
    terminal) is written to directly; of a link, the file it points to is replaced.

    Parameters
    ----------
    path : Path
        In a folder that exists.
    beside : Path, optional
        The file beside which, and under whose name, the half-written one lies; default `path` itself.
        On the same disk. `half_written(beside)` finds what a process left that died.
    outlasts : bool
        Whether the file must be there after a power cut the moment this returns; costs two waits for
        the disk.

    Raises
    ------
    OSError
        When it cannot be written; what was there before is unchanged.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    named = beside or path
    scratch = named.with_name(f".{named.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with scratch.open("xb") as file:
            yield file
            if outlasts:
                file.flush()
                os.fsync(file.fileno())
        scratch.replace(path)
        if outlasts:
            _sync_folder(path.parent)
    finally:
        scratch.unlink(missing_ok=True)


def half_written(path: Path) -> Iterator[Path]:
    """Yield what `written_whole` has not finished of a file: still being written, or left by a process that died."""
    yield from path.parent.glob(f".{path.name}.*.part")


def write_text(path: Path, text: str) -> None:
    """Write text whole or not at all, as UTF-8 with plain newlines on every system."""
    with written_whole(path) as file:
        file.write(text.encode("utf-8"))


def _sync_folder(folder: Path) -> None:
    """Make a renaming outlive a power cut, where folders can be synced."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
