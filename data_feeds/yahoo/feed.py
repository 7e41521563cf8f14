"""Feed `yfinance`: daily bars of anything Yahoo Finance lists, adjusted for dividends unless told otherwise."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import pandas as pd
from pydantic import Field

from data_feeds.yahoo.chart import YahooChart
from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.live import LiveFeed
from raisecash.data.request import Price, Request
from raisecash.data.text.network import PROBE_SECONDS, asking, unreachable
from raisecash.errors import NetworkError

PROBE_URL = "https://query2.finance.yahoo.com/"
# What the end of a symbol says of its exchange; ^IRX and ^TNX follow the bond market's holidays, not these.
SUFFIXES = {
    "T": "XTKS",
    "L": "XLON",
    "DE": "XETR",
    "PA": "XPAR",
    "AS": "XAMS",
    "SW": "XSWX",
    "TO": "XTSE",
    "HK": "XHKG",
    "AX": "XASX",
}
INDICES = {"^N225": "XTKS", **dict.fromkeys(("^GSPC", "^SP500TR", "^DJI", "^IXIC", "^NDX", "^RUT"), "XNYS")}
QUOTES = ("-USD", "-EUR", "-GBP", "-JPY", "-USDT", "-BTC")


@cache
def new_session() -> Any:
    """Return the session all of yfinance's requests go through, as yfinance itself would make it.

    Tests put another in this place, one that talks to this machine only.
    """
    from curl_cffi import requests

    return requests.Session(impersonate="chrome")


class YahooFeed(LiveFeed):
    """Daily bars of a Yahoo Finance symbol: SPY, ^IRX, BTC-USD.

    What is fetched and kept: open to volume (adjusted for splits, as Yahoo's always are), adj_close
    (for dividends too), dividends (money a share of today, on the ex-date; a fund's capital gains
    included, as Yahoo adds them) and splits. `price = "adjusted"` delivers total-return prices;
    `price = "raw"` the others, with a column `dividends` to be credited as cash.

    Notes
    -----
    Point in time: a session's bar is complete at the exchange's close; the running day's is left
    out. Adjusted prices are scaled by every dividend up to the day of fetching: their returns are
    those of the time, their levels are not, so a rule on a price level wants `price = "raw"`.
    The chart interface is undocumented; what is relied on is in yfinance's own source.
    """

    kind: ClassVar[str] = "yfinance"
    clients: ClassVar[tuple[str, ...]] = ("yfinance", "curl_cffi.requests")

    symbol: str = Field(min_length=1, description="Yahoo's name of the series")
    price: Price = Field(
        "adjusted", description="adjusted for dividends and splits, or for splits alone (raw)"
    )

    @property
    def default_calendar(self) -> str | None:
        return exchange_of(self.symbol)

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "symbol": self.symbol, "interval": "1d"}

    @property
    def title(self) -> str:
        return f"Yahoo Finance {self.symbol}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        reason = unreachable(PROBE_URL, seconds=min(PROBE_SECONDS, request.deadline))
        if reason:
            raise NetworkError(f"{where}: {reason}; check the network, or pass a folder of files with --data")
        chart = YahooChart(symbol=self.symbol, where=where, session=new_session())
        try:
            frame = asking(
                lambda left: chart.ask(request, left), seconds=request.deadline, what="Yahoo Finance"
            )
        except TimeoutError as error:
            raise NetworkError(
                f"{where}: {error}; try again, or pass a folder of files with --data"
            ) from error
        return chart.complete(frame, request, needs_adjusted=self.price == "adjusted")


def exchange_of(symbol: str) -> str | None:
    """Return the calendar a Yahoo symbol's spelling tells; None where it tells none."""
    word = symbol.upper()
    if word.startswith("^"):
        return INDICES.get(word)
    if word.endswith(QUOTES):
        return ALWAYS
    stem, dot, suffix = word.rpartition(".")
    if dot and stem:
        return SUFFIXES.get(suffix)
    return None if "=" in word else "XNYS"  # EURUSD=X and GC=F are no exchange's sessions
