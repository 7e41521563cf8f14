"""Sound files damaged in every way seen or feared: the same figures, or one error that says what is wrong.

Each way is applied to the ministry's, FRED's and Cboe's file where it can be, served over HTTP, and read
by the feed. `SAME` claims that the damage is harmless and the figures are exactly those of the sound file.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import stamina

from data_feeds import cboe, fred, mof
from data_feeds.cboe import CboeFeed
from data_feeds.fred import FredFeed
from data_feeds.mof import MofFeed
from raisecash.data.live import LiveFeed
from raisecash.data.request import Request
from raisecash.errors import DataError
from tests.support.vendors.stub_server import Answer, serving
from tests.support.vendors.text_stubs import cboe_text, fred_text, mof_text

SAME = "the same figures"
Mangle = Callable[[str], str | bytes]


@dataclass(frozen=True)
class Vendor:
    """A vendor's sound file, the feed that reads it, and the day it is read on."""

    module: Any
    feed: LiveFeed
    text: str
    today: pd.Timestamp

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture(autouse=True)
def asked_twice_at_most() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="module")
def vendors(any_data: Path) -> dict[str, Vendor]:
    """Return the last 300 lines of each sound file, in the vendor's own spelling."""

    def tail(name: str) -> pd.DataFrame:
        return pd.read_csv(any_data / "market" / name, index_col="Date", parse_dates=True).tail(300)

    curve, yields, bars = tail("JGB_curve.csv"), tail("DGS10.csv")["Close"], tail("VIX.csv")
    next_day = bars.index[-1] + pd.Timedelta(days=1)
    return {
        "mof": Vendor(mof, MofFeed(tenor="10Y"), mof_text(curve), curve.index[-1]),
        "fred": Vendor(fred, FredFeed(series="DGS10"), fred_text(yields, "DGS10"), yields.index[-1]),
        "cboe": Vendor(cboe, CboeFeed(series="VIX"), cboe_text(bars), next_day),
    }


def read(vendor: Vendor, body: str | bytes, patch: pytest.MonkeyPatch) -> pd.Series:
    """Return what the feed reads when this is the vendor's file."""

    def answer(path: str, query: dict[str, str], host: str) -> Answer:
        return Answer(body=body, headers={"Content-Type": "text/csv"})

    with serving(answer) as base:
        patch.setattr(vendor.module, "BASE_URL", base)
        patch.setattr(vendor.module, "today_in", lambda zone: vendor.today)
        # a window that ends with the month before the last: of the ministry, the history file alone
        window = Request(end=vendor.today.replace(day=1) - pd.Timedelta(days=1), deadline=5.0)
        if vendor.module is not mof:
            window = Request(deadline=5.0)
        values: pd.Series = vendor.feed.signal("X", window).frame["value"]
    return values


def line(number: int, change: Callable[[str], str]) -> Mangle:
    """Change one line, counted from 0."""

    def mangle(text: str) -> str:
        lines = text.splitlines()
        lines[number] = change(lines[number])
        return "\n".join(lines) + "\n"

    return mangle


def lines(change: Callable[[list[str]], list[str]]) -> Mangle:
    return lambda text: "\n".join(change(text.splitlines())) + "\n"


def column(text: str) -> int:
    """Return where the figure that is read stands: 10Y, the series, or the close."""
    header = next(row for row in text.splitlines() if row.lower().startswith(("date", "observation"))).split(
        ","
    )
    return header.index("10Y") if "10Y" in header else len(header) - 1


def figure(change: Callable[[str], str]) -> Mangle:
    """Change the figure that is read, in line 100."""

    def mangle(text: str) -> str:
        rows = text.splitlines()
        fields = rows[100].split(",")
        fields[column(text)] = change(fields[column(text)])
        rows[100] = ",".join(fields)
        return "\n".join(rows) + "\n"

    return mangle


def date(change: Callable[[str], str], row: int = 100) -> Mangle:
    return line(row, lambda text: ",".join([change(text.split(",")[0]), *text.split(",")[1:]]))


def every_row(change: Callable[[str], str]) -> Mangle:
    return lambda text: "\n".join(change(row) for row in text.splitlines()) + "\n"


def swapped(first: int, second: int) -> Callable[[str], str]:
    def swap(row: str) -> str:
        fields = row.split(",")
        if max(first, second) < len(fields):
            fields[first], fields[second] = fields[second], fields[first]
        return ",".join(fields)

    return swap


def header_at(text: str) -> int:
    return next(
        i for i, row in enumerate(text.splitlines()) if row.lower().startswith(("date", "observation"))
    )


def without_header(text: str) -> str:
    return "\n".join(text.splitlines()[header_at(text) + 1 :]) + "\n"


def header_only(text: str) -> str:
    return "\n".join(text.splitlines()[: header_at(text) + 1]) + "\n"


NOT_A_NUMBER = r"line 101 of .*must be a plain number such as 1\.234, got "
NOT_A_DATE = r"line 101 of .*the date must be written .*, got "
ORDER = r"dates must ascend and occur once"
WIDTH = r"line 101 of .* has \d+ fields, the header has \d+"
HEADER = r"must begin with"

# The damage; what is read, or said; the vendors it applies to when not all three.
MANGLED: dict[str, tuple[Mangle, str, str]] = {
    "sound": (lambda text: text, SAME, ""),
    "a byte-order mark": (lambda text: b"\xef\xbb\xbf" + text.encode(), SAME, ""),
    "lines that end as on Windows": (lambda text: "\r\n".join(text.splitlines()) + "\r\n", SAME, ""),
    "lines that end as on Unix": (lambda text: "\n".join(text.splitlines()) + "\n", SAME, ""),
    "lines that end as on an old Mac": (lambda text: "\r".join(text.splitlines()) + "\r", "cut off", ""),
    "blank lines between": (lambda text: "\n\n".join(text.splitlines()) + "\n", SAME, ""),
    "blank lines at the end": (lambda text: text + "\n\n\n", SAME, ""),
    "lines of commas at the end": (lambda text: text + ",,,,\n,,,,\n", SAME, ""),
    "quoted fields": (every_row(lambda row: ",".join(f'"{f}"' for f in row.split(","))), SAME, ""),
    "blanks around fields": (every_row(lambda row: ",".join(f" {f} " for f in row.split(","))), SAME, ""),
    "an extra column": (
        lambda text: (
            "\n".join(
                row if i < header_at(text) else f"{row},{'EXTRA' if i == header_at(text) else '9.9'}"
                for i, row in enumerate(text.splitlines())
            )
            + "\n"
        ),
        SAME,
        "",
    ),
    "a plus sign": (figure(lambda f: f"+{f}"), SAME, ""),
    "zeros at the end": (figure(lambda f: f"{f}000" if "." in f else f"{f}.000"), SAME, ""),
    "no title": (lambda text: "\n".join(text.splitlines()[1:]) + "\n", SAME, "mof"),
    "dates with leading zeros": (
        every_row(lambda row: re.sub(r"^(\d{4})/(\d)/", r"\1/0\2/", row)),
        SAME,
        "mof",
    ),
    "other columns swapped, names and all": (every_row(swapped(1, 3)), SAME, "cboe"),
    "a last line cut within a figure": (lambda text: text.rstrip()[:-2], "cut off in its last line", ""),
    "a last line cut after its date": (lambda text: text.rstrip().rpartition(",")[0], "cut off", ""),
    "a line cut in the middle of the file": (line(100, lambda row: row[: row.index(",")]), WIDTH, ""),
    "a field too many": (line(100, lambda row: row + ",1.5"), WIDTH, ""),
    "a decimal comma": (figure(lambda f: f.replace(".", ",")), WIDTH, ""),
    "a quoted decimal comma": (figure(lambda f: '"1,234"'), NOT_A_NUMBER + "'1,234'", ""),
    "a thousands separator": (figure(lambda f: '"1,234.5"'), NOT_A_NUMBER + r"'1,234\.5'", ""),
    "the word NaN": (figure(lambda f: "NaN"), NOT_A_NUMBER + "'NaN'", ""),
    "the word nan in small letters": (figure(lambda f: "nan"), NOT_A_NUMBER + "'nan'", ""),
    "the word N/A": (figure(lambda f: "N/A"), NOT_A_NUMBER + "'N/A'", ""),
    "the word null": (figure(lambda f: "null"), NOT_A_NUMBER + "'null'", ""),
    "infinity": (figure(lambda f: "inf"), NOT_A_NUMBER + "'inf'", ""),
    "an exponent": (figure(lambda f: "1.5e0"), NOT_A_NUMBER, ""),
    "a percent sign": (figure(lambda f: f"{f}%"), NOT_A_NUMBER + r"'.*%'", ""),
    "a currency sign": (figure(lambda f: f"${f}"), NOT_A_NUMBER, ""),
    "two decimal points": (figure(lambda f: f"{f}.1" if "." in f else f"{f}.1.1"), NOT_A_NUMBER, ""),
    "an underscore": (figure(lambda f: "1_5"), NOT_A_NUMBER, ""),
    "digits of another script": (figure(lambda f: "१.५"), NOT_A_NUMBER, ""),
    "a typographic minus": (figure(lambda f: f"−{f}"), NOT_A_NUMBER, ""),
    "a note in a figure": (figure(lambda f: f"{f} (r)"), NOT_A_NUMBER, ""),
    "another vendor's blank": (figure(lambda f: "#N/A"), NOT_A_NUMBER, ""),
    "no figure at all": (figure(lambda f: ""), NOT_A_NUMBER, "cboe"),
    "a dot": (figure(lambda f: "."), NOT_A_NUMBER, "mof cboe"),
    "a dash": (figure(lambda f: "-"), NOT_A_NUMBER, "fred cboe"),
    "a lost decimal point": (figure(lambda f: f.replace(".", "")), r"within 20 per cent of zero", "mof"),
    "a negative price": (figure(lambda f: f"-{f}"), "must be above zero, got -", "cboe"),
    "a price of zero": (figure(lambda f: "0"), "must be above zero, got 0", "cboe"),
    "high and low swapped below their names": (
        lambda text: text.replace("HIGH,LOW", "LOW,HIGH"),
        "HIGH must not be below LOW",
        "cboe",
    ),
    "a date twice": (lines(lambda rows: [*rows[:101], rows[100], *rows[101:]]), "repeats .*" + ORDER, ""),
    "two lines swapped": (lines(lambda rows: [*rows[:100], rows[101], rows[100], *rows[102:]]), ORDER, ""),
    "newest first": (lines(lambda rows: [*rows[:2], *rows[:1:-1]]), ORDER, ""),
    "one date far back": (date(lambda d: re.sub("20[0-9]{2}", "1999", d)), ORDER, ""),
    "a date in the future": (date(lambda d: re.sub("20[0-9]{2}", "2099", d)), "lies in the future", ""),
    "the thirty-first of April": (
        date(lambda d: "2026/4/31" if d[4] == "/" else "04/31/2026"),
        NOT_A_DATE,
        "mof cboe",
    ),
    "a date of another country": (date(lambda d: "31.12.2025"), NOT_A_DATE + r"'31\.12\.2025'", "fred cboe"),
    "a year of two digits": (date(lambda d: d.replace("20", "", 1)), NOT_A_DATE, ""),
    "a date with a time": (date(lambda d: f"{d} 00:00"), NOT_A_DATE, ""),
    "a serial number for a date": (date(lambda d: "45992"), NOT_A_DATE + "'45992'", ""),
    "no date": (date(lambda d: ""), "stands between figures|the date must be written", ""),
    "a word for a date": (date(lambda d: "Holiday"), "stands between figures|the date must be written", ""),
    "an era for a year": (date(lambda d: "R8.4.30"), "'R8.4.30' stands between figures", "mof"),
    "no header": (without_header, HEADER, ""),
    "nothing but a header": (header_only, "no figure|no rows|not a single", ""),
    "two files one after the other": (lambda text: text + text, "stands between figures|date must be", ""),
    "two headers": (
        lambda text: header_only(text) + text,
        "stands between figures|date must be|must begin",
        "",
    ),
    "another series' header": (
        lambda text: text.replace("10Y", "12Y").replace("DGS10", "DGS2").replace("CLOSE", "LAST"),
        "has no 10Y|must begin with",
        "",
    ),
    "the tenors of the header swapped": (
        lambda text: text.replace("1Y,2Y", "2Y,1Y"),
        "tenors of .* must ascend",
        "mof",
    ),
    "a column name twice": (
        lambda text: text.replace("9Y,10Y", "10Y,10Y").replace("HIGH,LOW", "CLOSE,LOW"),
        "must ascend and occur once|must begin with",
        "mof cboe",
    ),
    "names and columns swapped": (every_row(swapped(0, 1)), HEADER, ""),
    "semicolons": (lambda text: text.replace(",", ";"), HEADER, ""),
    "tabs": (lambda text: text.replace(",", "\t"), HEADER, ""),
    "a quote that never closes": (line(100, lambda row: f'"{row}'), "not comma-separated text", ""),
    "a web page": (lambda text: "<!DOCTYPE html><html>Access denied</html>\n", "a page instead", ""),
    "a web page after blank lines": (lambda text: "\n\n  <html>Access denied</html>\n", "a page instead", ""),
    "JSON": (lambda text: '{"error": "rate limited"}\n', "a page instead of figures", ""),
    "a compressed file": (lambda text: gzip.compress(text.encode()), "bytes that are no text", ""),
    "a picture": (lambda text: b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfd\n", "bytes that are no text", ""),
    "two bytes a letter": (lambda text: text.encode("utf-16"), "bytes that are no text|must begin", ""),
    "zero bytes": (lambda text: text.replace("1", "\0", 1), "bytes that are no text", ""),
    "nothing": (lambda text: "", "answered with nothing", ""),
    "nothing but blanks": (lambda text: " \r\n \r\n", "answered with nothing", ""),
    "a sentence": (lambda text: "The series is not available.\n", HEADER, ""),
}


CASES = [
    pytest.param(kind, damage, id=f"{kind}: {damage}")
    for damage, (_, _, only) in MANGLED.items()
    for kind in only.split() or ("mof", "fred", "cboe")
]


@pytest.mark.parametrize(("kind", "damage"), CASES)
def test_a_damaged_file_is_read_right_or_refused_clearly(
    kind: str, damage: str, vendors: dict[str, Vendor], monkeypatch: pytest.MonkeyPatch
) -> None:
    mangle, said, _ = MANGLED[damage]
    vendor = vendors[kind]
    body = mangle(vendor.text)
    if said == SAME:
        wanted = by_hand(vendor)
        found = read(vendor, body, monkeypatch)
        assert found.index.strftime("%Y-%m-%d").tolist() == [day for day, _ in wanted]
        assert found.tolist() == [value for _, value in wanted]
        return
    with pytest.raises(DataError, match=said) as caught:
        read(vendor, body, monkeypatch)
    message = str(caught.value)
    assert message.startswith(f"X: {vendor.feed.describe()}: ")
    assert "\n" not in message
    assert len(message) < 400


def by_hand(vendor: Vendor) -> list[tuple[str, float]]:
    """Return the sound file's dates and figures, by splitting its lines."""
    place = column(vendor.text)
    found = []
    last = str((vendor.today.replace(day=1) - pd.Timedelta(days=1)).date())
    for row in vendor.lines[header_at(vendor.text) + 1 :]:
        fields = row.split(",")
        parts = re.split(r"\D", fields[0])
        year, month, day = parts if len(parts[0]) == 4 else (parts[2], parts[0], parts[1])
        when = f"{year}-{int(month):02}-{int(day):02}"
        if vendor.module is not mof or when <= last:
            found.append((when, float(fields[place])))
    return found


@pytest.mark.parametrize("kind", ["mof", "fred", "cboe"])
@pytest.mark.parametrize("cut", range(1, 40))
def test_a_file_cut_anywhere_never_gives_a_wrong_figure(
    cut: int, kind: str, vendors: dict[str, Vendor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every figure that survives is one of the sound file's, or there is an error."""
    vendor = vendors[kind]
    body = vendor.text[: -cut * 7]
    wanted = dict(by_hand(vendor))
    try:
        found = read(vendor, body, monkeypatch)
    except DataError:
        return
    days = found.index.strftime("%Y-%m-%d")
    assert all(wanted[day] == value for day, value in zip(days, found, strict=True))
