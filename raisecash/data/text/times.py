"""What a file's times mean: session dates stay dates, moments become UTC; both without a zone."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from raisecash.data.text.table import Table
from raisecash.errors import DataError

OFFSET = r"\s*(?:Z|UTC|[+-]\d{2}:?\d{2})$"
EPOCHS: dict[int, Literal["s", "ms"]] = {10: "s", 13: "ms"}


def parse_times(table: Table, column: str, *, where: str) -> pd.DatetimeIndex:
    """Return a column's times, tz-naive.

    Text is read as ISO 8601 (2020-01-31, 2020-01-31 14:00:00+01:00), as 20200131, or as seconds or
    milliseconds since 1970. Times with a zone that all stand at their own midnight are the session
    dates of daily bars and keep their date; every other time with a zone becomes UTC.

    Raises
    ------
    DataError
        When a value is no date, or only some of the values name a zone.
    """
    values = table.columns[column]
    if isinstance(values, pd.Series) and pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _from_stamps(pd.DatetimeIndex(values), table, column, where)
    text = pd.Series(["" if _is_nothing(value) else str(value).strip() for value in values], dtype=object)
    lengths = text.str.len()
    width = int(lengths.iloc[0])
    if width in (8, *EPOCHS) and text.str.fullmatch(rf"\d{{{width}}}").all():
        if width == 8:
            days = pd.DatetimeIndex(pd.to_datetime(text, format="%Y%m%d", errors="coerce"))
        else:
            days = pd.to_datetime(text.to_numpy(dtype="int64"), unit=EPOCHS[width])
        return _checked(days, text, table, column, where)
    timed = text.str.contains(":", regex=False)
    local = text.where(~timed, text.str.replace(OFFSET, "", regex=True))
    clock = pd.DatetimeIndex(pd.to_datetime(local.where(lengths >= 8), format="ISO8601", errors="coerce"))
    _checked(clock, text, table, column, where)
    aware = (local != text).to_numpy()
    if not aware.any() or (aware.all() and (clock == clock.normalize()).all()):
        return clock.as_unit("us")
    if not aware.all():
        row = int((~aware).argmax())
        raise DataError(
            f"{where}: {table.at(row)}: {column} must name its time zone on every line or on none, got {text[row]!r}"
        )
    utc = pd.DatetimeIndex(
        pd.to_datetime(text.str.replace(r"\s*UTC$", "Z", regex=True), format="ISO8601", utc=True)
    )
    return utc.tz_localize(None).as_unit("us")


def _from_stamps(stamps: pd.DatetimeIndex, table: Table, column: str, where: str) -> pd.DatetimeIndex:
    """Return typed times without their zone."""
    if stamps.tz is not None:
        local = stamps.tz_localize(None)
        stamps = local if (local == local.normalize()).all() else stamps.tz_convert("UTC").tz_localize(None)
    return _checked(stamps, stamps, table, column, where)


def _checked(parsed: pd.DatetimeIndex, text: Any, table: Table, column: str, where: str) -> pd.DatetimeIndex:
    """Raise at the first value that is no date."""
    bad = parsed.isna()
    if bad.any():
        row = int(bad.argmax())
        raise DataError(
            f"{where}: {table.at(row)}: {column} must be a date such as 2020-01-31 or 2020-01-31 14:00:00, "
            f"got {str(text[row])!r}"
        )
    return parsed.as_unit("us")


def _is_nothing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT
