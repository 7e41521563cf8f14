"""Feed `fred`: any series of the Federal Reserve Bank of St. Louis, without a key."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd
from pydantic import Field

from raisecash.data.live import LiveFeed
from raisecash.data.request import Request
from raisecash.data.text.download import dates, download, flat_bars, plain_numbers, read_rows, today_in
from raisecash.data.text.table import as_table
from raisecash.errors import DataError, NetworkError

BASE_URL = "https://fred.stlouisfed.org"
DATE_COLUMNS = ("observation_date", "DATE")  # since and before 2025
BLANKS = frozenset({"", "."})
VENDOR = "FRED"


class FredFeed(LiveFeed):
    """A series of FRED: DGS10, DTB3, SOFR, VIXCLS, DEXJPUS, UMCSENT.

    Notes
    -----
    Point in time: the default lag is one business day, right for the H.15 rates, which the Federal
    Reserve posts each business day at about 16:15 New York time for the business day before (H.15
    release notes, federalreserve.gov/releases/h15). It is not right for every series: a monthly
    survey or price index is dated by the first day of its month and published weeks later, so give
    its `lag` in the config (about 22 + 15 business days for the CPI). FRED serves the newest
    vintage: a series that is revised (GDP, payrolls) shows figures nobody had at the time, which
    no lag can mend; market rates are not revised.
    Format: two columns, `observation_date` (`DATE` before 2025) and the series, days without a
    figure as "." or empty (fred.stlouisfed.org/graph/fredgraph.csv).
    """

    kind: ClassVar[str] = "fred"
    clients: ClassVar[tuple[str, ...]] = ("requests", "stamina")
    default_lag: ClassVar[int] = 1

    series: str = Field(pattern=r"^[A-Za-z0-9_]+$", description="FRED's name of the series, such as DGS10")

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "series": self.series.upper()}

    @property
    def title(self) -> str:
        return f"FRED {self.series.upper()}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        params = {"id": self.series.upper()}
        if request.start is not None:
            params["cosd"] = str(request.start.date())
        if request.end is not None:
            params["coed"] = str(request.end.date())
        text = download(
            f"{BASE_URL}/graph/fredgraph.csv",
            params=params,
            where=where,
            vendor=VENDOR,
            absent=f"FRED has no series {self.series!r}; look its name up at fred.stlouisfed.org",
            absent_statuses=(400, 404),
            deadline=request.deadline,
        )
        values = parse_fred(text, self.series.upper(), where=where)
        if values.empty:
            raise DataError(f"{where}: FRED has no figure in the window asked for; start earlier")
        return flat_bars(list(values.index), values.tolist())


def parse_fred(text: str, series: str, *, where: str) -> pd.Series:
    """Return the figures of a fredgraph CSV by date, days without one left out."""
    rows = read_rows(text, where=where, vendor=VENDOR)
    header = rows[0].fields if rows else ()
    if len(header) < 2 or header[0] not in DATE_COLUMNS or header.count(series) != 1:
        raise NetworkError(
            f"{where}: FRED's file must begin with {DATE_COLUMNS[0]},{series}, got {','.join(header)[:80]!r}; "
            "it answered with something else, or its format changed"
        )
    table = as_table(header, rows[1:], where=where, vendor=VENDOR)
    days = dates(table, header[0], "%Y-%m-%d", where=where, today=today_in("America/New_York"))
    values = plain_numbers(table, series, blanks=BLANKS, where=where)
    return pd.Series(values, index=days).dropna()
