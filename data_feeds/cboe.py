"""Feed `cboe`: an index of the Cboe, such as the VIX, from its public history file."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from raisecash.data.live import LiveFeed
from raisecash.data.request import Request
from raisecash.data.text.download import dates, download, plain_numbers, read_rows, today_in
from raisecash.data.text.table import as_table
from raisecash.errors import DataError, NetworkError

BASE_URL = "https://cdn.cboe.com"
PRICES = ("OPEN", "HIGH", "LOW", "CLOSE")
VENDOR = "Cboe"
ZONE = "America/New_York"
LONGEST_SILENCE = 10  # calendar days; the longest closure since 1990 was 6 (September 2001)


class CboeFeed(LiveFeed):
    """Daily values of a Cboe index: VIX, VIX9D, VIX3M, VVIX, SKEW.

    Notes
    -----
    Point in time: the value of a day stands at 16:15 New York time of that day, so the default lag
    is 0: a decision at the close of day d may use it, one at a close in Tokyo or London may not
    and needs `lag = 1`. The row of the running day is left out until New York's midnight.
    Format: `DATE,OPEN,HIGH,LOW,CLOSE`, or `DATE` and the index alone (VVIX, SKEW), dates as
    01/31/2020 (cboe.com/tradable_products/vix/vix_historical_data). An index without a file is
    answered with HTTP 403, as a blocked computer is.
    """

    kind: ClassVar[str] = "cboe"
    clients: ClassVar[tuple[str, ...]] = ("requests", "stamina")

    series: str = Field(pattern=r"^[A-Za-z0-9]+$", description="Cboe's name of the index, such as VIX")

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "series": self.series.upper()}

    @property
    def title(self) -> str:
        return f"Cboe {self.series.upper()}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        text = download(
            f"{BASE_URL}/api/global/us_indices/daily_prices/{self.series.upper()}_History.csv",
            where=where,
            vendor=VENDOR,
            absent=f"Cboe has no history file of {self.series!r}, or blocks this computer; check the index's name",
            absent_statuses=(403, 404),
            deadline=request.deadline,
        )
        bars = parse_cboe(text, self.series.upper(), where=where)
        today = today_in(ZONE)
        last = bars.index[-1]
        awaited = today if request.end is None else min(today, request.end)
        if (awaited - last).days > LONGEST_SILENCE:
            raise DataError(
                f"{where}: Cboe's file stops on {last.date()}: the index is discontinued, or the file is cut short; "
                f"end the window on {last.date()} at the latest"
            )
        bars = bars[bars.index < today].loc[request.start : request.end]
        if bars.empty:
            raise DataError(f"{where}: Cboe has no finished day in the window asked for; start earlier")
        return bars


def parse_cboe(text: str, series: str, *, where: str) -> pd.DataFrame:
    """Return the bars of a Cboe history file; open = high = low = close where it has one value a day."""
    rows = read_rows(text, where=where, vendor=VENDOR)
    header = rows[0].fields if rows else ()
    single = header == ("DATE", series)
    wanted = (series,) * 4 if single else PRICES
    if not header or header[0] != "DATE" or any(header.count(column) != 1 for column in wanted):
        raise NetworkError(
            f"{where}: Cboe's file must begin with DATE,{','.join(PRICES)}, got {','.join(header)[:80]!r}; "
            "it answered with something else, or its format changed"
        )
    if len(rows) == 1:
        raise DataError(f"{where}: Cboe's file has no rows")
    table = as_table(header, rows[1:], where=where, vendor=VENDOR)
    days = dates(table, "DATE", "%m/%d/%Y", where=where, today=today_in(ZONE))
    columns = [plain_numbers(table, column, blanks=frozenset(), where=where) for column in wanted]
    figures = np.column_stack(columns)
    lowest = figures.min(axis=1)
    if (lowest <= 0).any():
        row = int((lowest <= 0).argmax())
        raise DataError(f"{where}: {table.at(row)}: an index must be above zero, got {lowest[row]:g}")
    crossed = figures[:, 1] < figures[:, 2]
    if crossed.any():
        row = int(crossed.argmax())
        raise DataError(
            f"{where}: {table.at(row)}: HIGH must not be below LOW, got {figures[row, 1]:g} and {figures[row, 2]:g}"
        )
    return pd.DataFrame(figures, index=days, columns=["open", "high", "low", "close"]).assign(volume=np.nan)
