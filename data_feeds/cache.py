"""What a vendor last answered, kept on this computer for the day it cannot be asked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from data_feeds.errors import DataError

FOLDER_VARIABLE = "RAISECASH_CACHE_DIR"
_METADATA = b"raisecash"


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """One cached answer.

    Attributes
    ----------
    frame : DataFrame
        Bars as fetched, indexed by tz-naive time.
    start, end : Timestamp or None
        What was asked for; None for all there was.
    fetched : Timestamp
        When, in UTC, tz-naive.
    """

    frame: pd.DataFrame
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    fetched: pd.Timestamp

    def covers(self, start: pd.Timestamp | None, end: pd.Timestamp | None) -> bool:
        """Return whether a request was already part of what this entry was fetched for."""
        from_before = self.start is None or (start is not None and self.start <= start)
        to_after = self.end is None or (end is not None and end <= self.end)
        return from_before and to_after


def cache_folder() -> Path:
    """Return where answers are kept: RAISECASH_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("raisecash", appauthor=False))


def load(key: Mapping[str, str]) -> Entry | None:
    """Return what is cached under a key, or None: an unreadable file counts as none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = _path(key)
    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
        said = json.loads(table.schema.metadata[_METADATA])
        if said["key"] != dict(key):
            return None
        return Entry(
            frame=table.to_pandas(),
            start=_time(said["start"]),
            end=_time(said["end"]),
            fetched=pd.Timestamp(said["fetched"]),
        )
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return None


def store(key: Mapping[str, str], entry: Entry) -> None:
    """Keep an answer under its key; the file appears whole or not at all.

    Raises
    ------
    DataError
        When the cache folder cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from filelock import FileLock

    path = _path(key)
    said = {
        "key": dict(key),
        "start": None if entry.start is None else entry.start.isoformat(),
        "end": None if entry.end is None else entry.end.isoformat(),
        "fetched": entry.fetched.isoformat(),
    }
    table = pa.Table.from_pandas(entry.frame)
    table = table.replace_schema_metadata(
        {**(table.schema.metadata or {}), _METADATA: json.dumps(said).encode()}
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=10):
            handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".part")
            os.close(handle)
            try:
                pq.write_table(table, scratch)
                Path(scratch).replace(path)
            finally:
                Path(scratch).unlink(missing_ok=True)
    except (OSError, TimeoutError) as error:
        raise DataError(
            f"cache {path.parent}: cannot be written ({error}); set {FOLDER_VARIABLE} to a folder that can"
        ) from error


def _path(key: Mapping[str, str]) -> Path:
    """Return a readable, collision-free file name for a key."""
    text = json.dumps(dict(key), sort_keys=True)
    words = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(key.values())).strip("-")[:60]
    return cache_folder() / "series" / f"{words}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.parquet"


def _time(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)
