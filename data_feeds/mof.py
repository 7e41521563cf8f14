"""Feed `mof`: Japanese government bond yields, from the Ministry of Finance's daily curve."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from pydantic import Field

from raisecash.data.live import LiveFeed
from raisecash.data.request import Request
from raisecash.data.text.download import dates, download, flat_bars, plain_numbers, read_rows, today_in
from raisecash.data.text.table import TextRow, as_table
from raisecash.errors import DataError, NetworkError

BASE_URL = "https://www.mof.go.jp"
FOLDER = "/english/policy/jgbs/reference/interest_rate"
HISTORY, CURRENT = f"{FOLDER}/historical/jgbcme_all.csv", f"{FOLDER}/jgbcme.csv"
VENDOR = "the Ministry of Finance"
ZONE = "Asia/Tokyo"
NONE = frozenset({"-", ""})
LARGEST_YIELD = 20.0  # per cent; the record is 10.9 (1Y, 1974)
LONGEST_CLOSURE = 15  # calendar days; Golden Week 2019 closed the market for 10
Tenor = Literal[
    "1Y", "2Y", "3Y", "4Y", "5Y", "6Y", "7Y", "8Y", "9Y", "10Y", "15Y", "20Y", "25Y", "30Y", "40Y"
]  # fmt: skip


class MofFeed(LiveFeed):
    """Constant-maturity yields of Japanese government bonds, per cent, semi-annual compounding.

    Notes
    -----
    Point in time: the curve of day d is estimated from that day's 15:00 Tokyo quotes and posted on
    the ministry's site the next business day, so the default lag is one business day
    (mof.go.jp/english/policy/jgbs/reference/interest_rate). Dates are Tokyo sessions; until 1989
    they include Saturdays.
    Format: a title line, a header `Date,1Y,...,40Y`, dates as 2020/1/31, "-" where a tenor was not
    issued yet. The history ends with the last month; the running month is a file of its own, which
    ends with a note on browser caches. Two figures for one day must agree.
    """

    kind: ClassVar[str] = "mof"
    clients: ClassVar[tuple[str, ...]] = ("requests", "stamina")
    default_lag: ClassVar[int] = 1

    tenor: Tenor = Field(description="the maturity: 1Y to 10Y, 15Y, 20Y, 25Y, 30Y or 40Y")

    @property
    def default_calendar(self) -> str:
        return "XTKS"

    @property
    def identity(self) -> str:
        return f"JGB{self.tenor}"

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "tenor": self.tenor}

    @property
    def title(self) -> str:
        return f"Ministry of Finance Japan, JGB {self.tenor}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        month = today_in(ZONE).replace(day=1)
        parts = []
        if request.start is None or request.start < month:
            parts.append(self._read(HISTORY, where, request))
            if parts[0].empty:
                raise DataError(f"{where}: {VENDOR}'s history has not a single {self.tenor} yield")
        if request.end is None or request.end >= month:
            parts.append(self._read(CURRENT, where, request))
        values = joined(parts, where=where).loc[request.start : request.end]
        if values.empty:
            raise DataError(
                f"{where}: {VENDOR} has no {self.tenor} yield in the window asked for; start earlier"
            )
        return flat_bars(list(values.index), values.tolist())

    def _read(self, path: str, where: str, request: Request) -> pd.Series:
        text = download(
            f"{BASE_URL}{path}",
            where=where,
            vendor=VENDOR,
            absent=f"{VENDOR} has moved its file {path}; the feed needs its new address",
            deadline=request.deadline,
        )
        return parse_mof(text, self.tenor, where=where)


def parse_mof(text: str, tenor: str, *, where: str) -> pd.Series:
    """Return one tenor of a curve file by date, days without a figure left out; it may be empty."""
    rows = read_rows(text, where=where, vendor=VENDOR)
    header, body = _header(rows, tenor, where)
    figures = [row for row in body if row.fields[0][:1].isdecimal()]
    notes = [row for row in body if not row.fields[0][:1].isdecimal()]  # what follows the figures
    if notes and figures and notes[0].line < figures[-1].line:
        raise DataError(
            f"{where}: line {notes[0].line} of {VENDOR}'s file: {notes[0].fields[0][:40]!r} stands between figures"
        )
    table = as_table(header.fields, figures, where=where, vendor=VENDOR)
    days = dates(table, "Date", "%Y/%m/%d", where=where, today=today_in(ZONE))
    values = plain_numbers(table, tenor, blanks=NONE, where=where)
    beyond = np.abs(values) > LARGEST_YIELD
    if beyond.any():
        row = int(beyond.argmax())
        raise DataError(
            f"{where}: {table.at(row)}: a yield must be within {LARGEST_YIELD:g} per cent of zero, got {values[row]:g}"
        )
    return pd.Series(values, index=days).dropna()


def joined(parts: list[pd.Series], *, where: str) -> pd.Series:
    """Return history and running month as one series.

    Raises
    ------
    DataError
        When they disagree on a day, or are further apart than any closure of the market.
    """
    if len(parts) == 1 or parts[1].empty:
        return parts[0]
    history, current = parts
    both = history.index.intersection(current.index)
    differ = both[history[both].to_numpy() != current[both].to_numpy()]
    if len(differ):
        day = differ[0]
        raise DataError(
            f"{where}: {VENDOR}'s two files disagree on {day.date()}: {history[day]:g} and {current[day]:g}; try later"
        )
    apart = (current.index[0] - history.index[-1]).days
    if apart > LONGEST_CLOSURE:
        raise DataError(
            f"{where}: {VENDOR}'s history ends on {history.index[-1].date()} and its running month begins on "
            f"{current.index[0].date()}: the history is cut short; try later"
        )
    whole: pd.Series = pd.concat([history, current[current.index.difference(history.index)]])
    return whole.sort_index()


def _header(rows: list[TextRow], tenor: str, where: str) -> tuple[TextRow, list[TextRow]]:
    """Return the header line and what stands below it; the title above it is one line at most."""
    for i, row in enumerate(rows[:2]):
        if row.fields[0] == "Date":
            known = [field for field in row.fields[1:] if field in get_args(Tenor)]
            if known != [each for each in get_args(Tenor) if each in known]:
                raise NetworkError(
                    f"{where}: the tenors of {VENDOR}'s file must ascend and occur once, got "
                    f"{','.join(row.fields)[:80]!r}; its format changed"
                )
            if tenor not in known:
                raise DataError(
                    f"{where}: {VENDOR}'s file has no {tenor}; it has {', '.join(known) or 'none'}"
                )
            return row, rows[i + 1 :]
    start = ",".join(rows[0].fields)[:80] if rows else ""
    raise NetworkError(
        f"{where}: {VENDOR}'s file must begin with a title and the header Date,1Y,...,40Y, got {start!r}; it answered "
        "with something else, or its format changed"
    )
