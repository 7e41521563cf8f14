"""An hourly bitcoin file through the csv feed: its figures, and what damage does to it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.request import Request
from raisecash.errors import DataError

NAME = "BTCUSD_coinbase_1h.csv.gz"
SAME = "the same figures"
Mangle = Callable[[list[str]], str | bytes]


@pytest.fixture(scope="module")
def text(any_data: Path) -> str:
    return gzip.decompress((any_data / "market" / NAME).read_bytes()).decode()


def rows_of(text: str) -> list[tuple[str, list[float]]]:
    """Return times and figures, read without the feed's code."""
    return [(row[0], [float(each) for each in row[1:]]) for row in list(csv.reader(text.splitlines()))[1:]]


def test_every_hour_of_the_real_file_is_reproduced(text: str, real_data: Path) -> None:
    frame = CsvFeed(path=real_data / "market" / NAME).prices("BTC", Request()).frame
    wanted = rows_of(text)
    assert len(frame) == 20_111
    assert frame.index.strftime("%Y-%m-%d %H:%M:%S").tolist() == [when for when, _ in wanted]
    assert frame[["open", "high", "low", "close", "volume"]].to_numpy().tolist() == [row for _, row in wanted]
    assert frame.loc["2019-10-17 09:00", "close"] == 8035.88


def at(row: int, place: int, value: str) -> Mangle:
    def mangle(lines: list[str]) -> str:
        fields = lines[row].split(",")
        fields[place] = value
        return "\n".join([*lines[:row], ",".join(fields), *lines[row + 1 :]]) + "\n"

    return mangle


def joined(change: Callable[[list[str]], list[str]]) -> Mangle:
    return lambda lines: "\n".join(change(lines)) + "\n"


# Line 101 of the file is row 100 here; its fields are time, open, high, low, close, volume.
MANGLED: dict[str, tuple[Mangle, str]] = {
    "sound": (joined(lambda rows: rows), SAME),
    "a byte-order mark": (lambda rows: b"\xef\xbb\xbf" + "\n".join(rows).encode(), SAME),
    "lines that end as on Windows": (lambda rows: "\r\n".join(rows), SAME),
    "quoted fields": (
        joined(lambda rows: [",".join(f'"{f}"' for f in row.split(",")) for row in rows]),
        SAME,
    ),
    "blank lines": (lambda rows: "\n\n".join(rows), SAME),
    "an extra column": (
        joined(lambda rows: [f"{row},{'x' if i else 'Note'}" for i, row in enumerate(rows)]),
        SAME,
    ),
    "columns swapped, names and all": (
        joined(lambda rows: [",".join([(f := row.split(","))[0], *f[:0:-1]]) for row in rows]),
        SAME,
    ),
    "times with their zone": (
        joined(lambda rows: [rows[0], *(row.replace(",", "+00:00,", 1) for row in rows[1:])]),
        SAME,
    ),
    "a price left out": (at(100, 4, ""), r"close is missing .*missing = \"carry\" or \"drop\""),
    "the word NaN": (at(100, 4, "NaN"), "close is missing"),
    "a decimal comma": (at(100, 4, "8035,88"), "line 101 has 7 fields, the header has 6"),
    "a thousands separator": (at(100, 4, '"8,035.88"'), "line 101: Close must be a number, got '8,035.88'"),
    "a percent sign": (at(100, 4, "1.5%"), "line 101: Close must be a number"),
    "a negative price": (at(100, 3, "-1"), "line 101 .*low must be a positive number, got -1"),
    "a price of zero": (at(100, 1, "0"), "line 101 .*open must be a positive number, got 0"),
    "infinity": (at(100, 2, "inf"), "high must be a positive number, got inf"),
    "high below low": (at(100, 2, "1"), "high must not be below low"),
    "negative volume": (at(100, 5, "-3"), "volume must not be negative"),
    "an hour twice": (joined(lambda rows: [*rows[:101], *rows[100:]]), "must occur once"),
    "two hours swapped": (
        joined(lambda rows: [*rows[:100], rows[101], rows[100], *rows[102:]]),
        "dates must ascend",
    ),
    "newest first": (joined(lambda rows: [rows[0], *rows[:0:-1]]), "dates must ascend"),
    "a zone on one line": (at(100, 0, "2019-10-09 03:00:00+02:00"), "time zone on every line or on none"),
    "a word for a time": (at(100, 0, "noon"), "Datetime must be a date"),
    "hours of twelve": (at(100, 0, "2019-10-09 03-PM"), "Datetime must be a date"),
    "no header": (joined(lambda rows: rows[1:]), "no date column|no close column"),
    "two files one after the other": (joined(lambda rows: rows + rows), "must be a date|must be a number"),
    "semicolons": (joined(lambda rows: [row.replace(",", ";") for row in rows]), "no date column|no close"),
    "a web page": (lambda rows: "<html>blocked</html>", "no rows below the header"),
    "nothing": (lambda rows: "", "the file is empty"),
    "a picture": (lambda rows: b"\x89PNG\r\n\x1a\n\x00\x00\xff", "not a text file"),
    "a compressed file cut off": (
        lambda rows: gzip.compress("\n".join(rows).encode())[:-100],
        "cannot be read",
    ),
}


@pytest.mark.parametrize("damage", MANGLED)
def test_a_damaged_file_is_read_right_or_refused_clearly(damage: str, text: str, tmp_path: Path) -> None:
    mangle, said = MANGLED[damage]
    lines = text.splitlines()
    lines = [lines[0], *lines[-300:]]
    body = mangle(lines)
    path = tmp_path / "btc.csv"
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    feed = CsvFeed(path=path)
    if said == SAME:
        frame = feed.prices("BTC", Request()).frame[["open", "high", "low", "close", "volume"]]
        wanted = rows_of("\n".join(lines))
        assert frame.to_numpy().tolist() == [row for _, row in wanted]
        assert list(frame.index) == [pd.Timestamp(when) for when, _ in wanted]
        return
    with pytest.raises(DataError, match=said) as caught:
        feed.prices("BTC", Request())
    assert "\n" not in str(caught.value)
