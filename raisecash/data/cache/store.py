"""What vendors answered, one parquet file a series: whole or not there, one writer at a time.

series/NAME.parquet                 the entry runs use; replaced in one step, never changed in place
series/NAME.parquet.lock            held by the one process that writes the entry
series/.NAME.parquet.*.part         half-written by a process that died; the next writer removes it
series/versions/NAME/0001-*.parquet the vendor's other figures, or what a refresh replaced
series/unreadable/NAME-*.parquet    moved aside because it could not be read
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from raisecash.data.cache.entry import CacheEntry, Restated
from raisecash.errors import DataError
from raisecash.files import CACHE_VARIABLE, cache_folder, half_written, written_whole

LOCK_SECONDS = 30.0
_METADATA = b"raisecash"


class UnreadableError(DataError):
    """A cached file that is damaged, cut short or another series'; never used."""


def series_folder() -> Path:
    """Return the folder of the entries."""
    return cache_folder() / "series"


def entry_path(key: Mapping[str, str]) -> Path:
    """Return a readable, collision-free file name for a key."""
    text = json.dumps(dict(key), sort_keys=True)
    words = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(key.values())).strip("-")[:60]
    return series_folder() / f"{words}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.parquet"


def versions_folder(path: Path) -> Path:
    """Return the folder of an entry's other versions."""
    return path.parent / "versions" / path.stem


def kept(key: Mapping[str, str]) -> CacheEntry | None:
    """Return what is cached under a key, or None.

    Raises
    ------
    UnreadableError
        When there is a file and it cannot be read, is cut short, was altered or is another series'.
    """
    path = entry_path(key)
    return read_entry(path, key) if path.is_file() else None


def read_entry(path: Path, key: Mapping[str, str] | None = None) -> CacheEntry:
    """Return one file of the cache: an entry or a version of it.

    Raises
    ------
    UnreadableError
        As for `kept`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:  # a million bars: no second copy of them
            table = file.read()
        said = json.loads(table.schema.metadata[_METADATA])
        restated = said["restated"]
        entry = CacheEntry(
            frame=table.to_pandas(split_blocks=True, self_destruct=True),
            start=_time(said["start"]),
            end=_time(said["end"]),
            fetched=pd.Timestamp(said["fetched"]),
            vendor=said["vendor"],
            restated=restated and Restated(**{**restated, "columns": tuple(restated["columns"])}),
        )
        is_whole = len(entry.frame) == said["rows"] > 0 and entry.sha256 == said["sha256"]
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"cache {path}: cannot be read ({type(error).__name__})") from error
    if not is_whole or (key is not None and said["key"] != dict(key)):
        raise UnreadableError(f"cache {path}: does not hold what it says it does")
    return entry


def read_label(path: Path) -> dict[str, Any]:
    """Return what an entry says about itself, from the file's last bytes alone.

    Raises
    ------
    UnreadableError
        When the file is no entry.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        label: dict[str, Any] = json.loads(pq.read_metadata(path).metadata[_METADATA])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"cache {path}: cannot be read ({type(error).__name__})") from error
    return label


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the right to write an entry; what a writer that died left half-done is removed.

    Raises
    ------
    DataError
        When the cache cannot be written, or another process does not let go of the entry.
    """
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            for scratch in half_written(path):
                scratch.unlink(missing_ok=True)
            yield
    except (OSError, TimeoutError) as error:
        raise DataError(
            f"cache {path.parent}: cannot be written ({error}); set {CACHE_VARIABLE} to a folder that can"
        ) from error


def store(key: Mapping[str, str], entry: CacheEntry) -> None:
    """Make an entry the one of its key, in one step; call it inside `writing`."""
    _write(entry_path(key), key, entry)


def store_version(key: Mapping[str, str], entry: CacheEntry, *, word: str) -> str:
    """Keep other figures of a series beside its entry and return their file, from the series' folder on.

    Versions are numbered and dated by when they were fetched: `0001-2024-02-01-vendor.parquet`.
    """
    path = entry_path(key)
    folder = versions_folder(path)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max(
        (int(file.name[:4]) for file in folder.glob("[0-9][0-9][0-9][0-9]-*.parquet")), default=0
    )
    file = folder / f"{number:04d}-{entry.fetched.date()}-{word}.parquet"
    _write(file, key, replace(entry, restated=None))
    return file.relative_to(path.parent).as_posix()


def set_aside(key: Mapping[str, str]) -> Path | None:
    """Move an unreadable entry out of the way and return where to; None when it is readable or gone.

    Raises
    ------
    DataError
        When it cannot be moved.
    """
    path = entry_path(key)
    with writing(path):
        try:
            kept(key)  # another process may have replaced it meanwhile
        except UnreadableError:
            moment = pd.Timestamp.now("UTC").strftime("%Y-%m-%dT%H%M%S.%f")
            aside = path.parent / "unreadable" / f"{path.stem}-{moment}.parquet"
            aside.parent.mkdir(exist_ok=True)
            return path.replace(aside)
    return None


def _write(path: Path, key: Mapping[str, str], entry: CacheEntry) -> None:
    """Write a file that is there whole or not at all, whatever happens to this process or machine."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    said = {
        "key": dict(key),
        "vendor": entry.vendor,
        "start": None if entry.start is None else entry.start.isoformat(),
        "end": None if entry.end is None else entry.end.isoformat(),
        "fetched": entry.fetched.isoformat(),
        "rows": len(entry.frame),
        "first": entry.frame.index[0].isoformat(),
        "last": entry.last.isoformat(),
        "sha256": entry.sha256,
        "restated": entry.restated and asdict(entry.restated),
    }
    table = pa.Table.from_pandas(entry.frame)
    table = table.replace_schema_metadata(
        {**(table.schema.metadata or {}), _METADATA: json.dumps(said).encode()}
    )
    # beside the entry, whichever file it becomes: there the next writer of the entry finds it
    with written_whole(path, beside=entry_path(key), outlasts=True) as file:
        pq.write_table(table, file, compression="lz4", use_dictionary=False)


def _time(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)
