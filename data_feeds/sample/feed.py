"""Feed `sample`: two short real series shipped with the project, for a first look without a network."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.feed import Feed
from raisecash.data.history import History
from raisecash.data.request import Request
from raisecash.data.text.files import price_history, value_history
from raisecash.data.text.table import Table, read_csv

FOLDER = Path(__file__).parent
SOURCES = {
    "BTC": "offline sample, Bitcoin daily reference rate by Coin Metrics",
    "SP500": "offline sample, S&P 500 daily close",
}
NOTES = {
    "BTC": (
        "BTC prices are Coin Metrics daily reference closes (CC BY-NC 4.0) shipped with the project: no open, "
        "high, low or volume, and the sample ends on 2025-04-14."
    ),
    "SP500": (
        "S&P 500 is a price index: it pays no dividends and cannot be bought as such; daily closes only, and the "
        "sample ends on 2022-12-28."
    ),
}


class SampleFeed(Feed):
    """A shipped daily close; read data_feeds/sample/README.md for where it comes from."""

    kind: ClassVar[str] = "sample"

    series: Literal["BTC", "SP500"] = Field(description="which of the shipped series")

    @property
    def default_calendar(self) -> str:
        return ALWAYS if self.series == "BTC" else "XNYS"

    def prices(self, name: str, request: Request) -> History:
        where = f"{name}: sample {self.series}"
        source = SOURCES[self.series]
        history = price_history(
            self._read(where), name=name, where=where, source=source, feed=self, price=None
        )
        return _with_note(history, self.series)

    def signal(self, name: str, request: Request) -> History:
        where = f"{name}: sample {self.series}"
        source = SOURCES[self.series]
        history = value_history(self._read(where), name=name, where=where, source=source, lag=self.known_lag)
        return _with_note(history, self.series)

    def _read(self, where: str) -> Table:
        return read_csv(FOLDER / f"{self.series}.csv.gz", where=where)


def _with_note(history: History, series: str) -> History:
    return History(
        name=history.name,
        frame=history.frame,
        source=history.source,
        note=NOTES[series],
        lag=history.lag,
        findings=history.findings,
    )
