"""A file of figures as named columns that still know the line each value stood on."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from raisecash.errors import DataError

BLANKS = frozenset({"", "-", ".", "na", "n/a", "#n/a", "nan", "null", "none"})


@dataclass(frozen=True)
class TextRow:
    """One line of a file: its number, counted from 1, and its fields."""

    line: int
    fields: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Columns by their header's names, and where each row stood in the file.

    Attributes
    ----------
    columns : dict of name to values
        Text for a CSV file, typed values for a parquet file; equally long.
    lines : sequence of int
        The file's line of each row, counted from 1 with the header as line 1 (CSV), or the row
        counted from 1 (parquet).
    unit : str
        `line` or `row`.
    of : str
        Whose file it is, where it is not the reader's: ` of Cboe's file`.
    """

    columns: dict[str, Any]
    lines: Sequence[int]
    unit: str
    of: str = ""

    def __len__(self) -> int:
        return len(self.lines)

    def at(self, row: int) -> str:
        """Return where a row stands: `line 5`, `line 5 of Cboe's file`."""
        return f"{self.unit} {self.lines[row]}{self.of}"


def normalise(column: str) -> str:
    """Return a column name without case, spaces and punctuation: `Adj Close` is `adjclose`."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def read_csv(path: Path, *, where: str) -> Table:
    """Return a comma-separated text file, gzipped or not.

    Raises
    ------
    DataError
        When the file is missing, a folder, empty, no text, or its rows are not as wide as its header.
    """
    rows = split_rows(_text(path, where), where=where)
    if not rows:
        raise DataError(f"{where}: the file is empty; it needs a header line and rows")
    header = [name.strip() for name in rows[0].fields]
    _check_header(header, where)
    if len(rows) == 1:
        raise DataError(f"{where}: no rows below the header ({_list(header)})")
    return as_table(header, rows[1:], where=where)


def split_rows(text: str, *, where: str, vendor: str = "") -> list[TextRow]:
    """Return the lines of comma-separated text that say something.

    Parameters
    ----------
    text, where : str
    vendor : str
        Whose text it is, where it is not the reader's own file: then it is read strictly, and its fields
        without surrounding blanks.

    Raises
    ------
    DataError
        When it is not comma-separated.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=bool(vendor))
    rows: list[TextRow] = []
    try:
        for fields in reader:
            kept = [field.strip() for field in fields] if vendor else fields
            if any(kept):
                rows.append(TextRow(reader.line_num, tuple(kept)))
    except csv.Error as error:
        raise DataError(
            f"{where}: line {reader.line_num}{_of(vendor)} is not comma-separated text ({error})"
        ) from error
    return rows


def as_table(header: Sequence[str], rows: Sequence[TextRow], *, where: str, vendor: str = "") -> Table:
    """Return rows as columns by the header's names.

    Raises
    ------
    DataError
        When a row is not as wide as the header.
    """
    for row in rows:
        if len(row.fields) != len(header):
            raise DataError(
                f"{where}: line {row.line}{_of(vendor)} has {len(row.fields)} fields, the header has {len(header)} "
                f"({_list(header)}){'' if vendor else '; fix that line'}"
            )
    columns = zip(*(row.fields for row in rows), strict=True) if rows else ((),) * len(header)
    return Table(
        columns=dict(zip(header, columns, strict=True)),
        lines=[row.line for row in rows],
        unit="line",
        of=_of(vendor),
    )


def read_parquet(path: Path, *, where: str) -> Table:
    """Return a parquet file, its index (if it has one) as the first column."""
    _check_file(path, where)
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(f"{where}: not a readable parquet file ({first_line(error)})") from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    header = [str(name) for name in frame.columns]
    _check_header(header, where)
    if frame.empty:
        raise DataError(f"{where}: the file has no rows")
    columns = {name: frame.iloc[:, i] for i, name in enumerate(header)}
    return Table(columns=columns, lines=range(1, len(frame) + 1), unit="row")


def numbers(table: Table, column: str, *, where: str) -> np.ndarray:
    """Return a column as floats, NaN where it is blank.

    Raises
    ------
    DataError
        When a value is neither a number nor one of the usual blanks.
    """
    values = table.columns[column]
    if isinstance(values, pd.Series) and values.dtype.kind in "iuf":
        return values.to_numpy(dtype=float, na_value=np.nan)
    try:  # Python's own reading of a number: exact to the last bit
        return np.array(values, dtype=object).astype(float)
    except (TypeError, ValueError):
        return np.array([_number(table, column, row, value, where) for row, value in enumerate(values)])


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's text, or its class when it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _number(table: Table, column: str, row: int, value: object, where: str) -> float:
    """Return one value as a float, NaN for a blank one."""
    text = "" if value is None or value is pd.NA else str(value).strip()
    if text.lower() in BLANKS:
        return float("nan")
    if isinstance(value, bool):
        text = ""
    try:
        return float(text)
    except ValueError:
        raise DataError(
            f"{where}: {table.at(row)}: {column} must be a number, got {value!r}; "
            "write 1234.5, without separators or signs of a currency"
        ) from None


def _check_header(header: list[str], where: str) -> None:
    """Raise when two columns have one name: which of them is meant cannot be known."""
    seen: dict[str, str] = {}
    for name in header:
        key = normalise(name)
        if key and key in seen:
            raise DataError(f"{where}: two columns are called {seen[key]!r} and {name!r}; keep one of them")
        seen[key] = name


def _check_file(path: Path, where: str) -> None:
    if path.is_dir():
        raise DataError(f"{where}: is a folder; name a file in it, or pass the folder with --data")
    if not path.exists():
        raise DataError(f"{where}: no such file")


def _text(path: Path, where: str) -> str:
    """Return the text of a file, gunzipped when its first bytes say so, whatever its name."""
    _check_file(path, where)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        elif path.suffix == ".gz" and content:
            raise DataError(f"{where}: is called .gz and is not gzipped; rename it or compress it")
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{where}: cannot be read ({first_line(error)})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not a text file in UTF-8 (byte {error.start})") from error
    if "\0" in text:
        raise DataError(f"{where}: not a text file (it holds zero bytes)")
    if not text.strip():
        raise DataError(f"{where}: the file is empty; it needs a header line and rows")
    return text


def _of(vendor: str) -> str:
    """Return whose file a line is of, where it is not the reader's own."""
    return vendor and f" of {vendor}'s file"


def _list(header: Sequence[str]) -> str:
    return ", ".join(header) if len(header) <= 12 else ", ".join([*header[:12], "..."])
