"""Feed `yfinance`: daily bars of anything Yahoo Finance lists, adjusted for dividends unless told otherwise."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any, ClassVar
from urllib.parse import unquote

import pandas as pd
from pydantic import Field

from data_feeds.cache import cache_folder
from data_feeds.errors import DataError, NetworkError
from data_feeds.feed import Price, Request
from data_feeds.live import LiveFeed
from data_feeds.network import unreachable, within
from data_feeds.table import first_line

PROBE_URL = "https://query2.finance.yahoo.com/"
COLUMNS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Adj Close": "adj_close",
}


@cache
def new_session() -> Any:
    """Return the session all of yfinance's requests go through, as yfinance itself would make it.

    Tests put another in this place, one that talks to this machine only.
    """
    from curl_cffi import requests

    return requests.Session(impersonate="chrome")


class YahooFeed(LiveFeed):
    """Daily bars of a Yahoo Finance symbol: SPY, ^IRX, BTC-USD."""

    kind: ClassVar[str] = "yfinance"
    clients: ClassVar[tuple[str, ...]] = ("yfinance", "curl_cffi.requests")

    symbol: str = Field(min_length=1, description="Yahoo's name of the series")
    price: Price = Field(
        "adjusted", description="adjusted for dividends and splits, or for splits alone (raw)"
    )

    @property
    def cache_key(self) -> dict[str, str]:
        return {"feed": self.kind, "symbol": self.symbol, "interval": "1d"}

    @property
    def title(self) -> str:
        return f"Yahoo Finance {self.symbol}"

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        reason = unreachable(PROBE_URL)
        if reason:
            raise NetworkError(f"{where}: {reason}; check the network, or pass a folder of files with --data")
        try:
            answer = within(request.deadline, lambda: self._ask(request), what="Yahoo Finance")
        except Exception as error:
            raise _translated(where, error) from error
        return _complete(answer, where)

    def _ask(self, request: Request) -> pd.DataFrame:
        """Return yfinance's frame, indexed by midnight in the exchange's zone."""
        import yfinance

        # Its calls into pandas warn of pandas 4; nothing here depends on what will change.
        warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")
        yfinance.config.debug.hide_exceptions = False  # by default every failure is an empty frame
        yfinance.set_tz_cache_location(str(cache_folder() / "yfinance"))
        window: dict[str, Any] = {"period": "max"}
        if request.start is not None:
            window = {"start": str(request.start.date())}
            if request.end is not None:  # yfinance leaves the end day out
                window["end"] = str((request.end + pd.Timedelta(days=1)).date())
        session, statuses = _watched(new_session())
        try:
            frame: pd.DataFrame = yfinance.Ticker(self.symbol, session=session).history(
                interval="1d",
                auto_adjust=False,
                actions=True,
                keepna=True,
                timeout=request.deadline,
                **window,
            )
        except Exception as error:
            status = statuses.get(self.symbol, 200)
            if status >= 400:
                raise _RefusedError(status) from error
            raise
        return frame


class _RefusedError(Exception):
    """Yahoo answered a request for prices with an HTTP status that says no."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status


def _watched(session: Any) -> tuple[Any, dict[str, int]]:
    """Return the session and its record of the last chart answer's status by symbol.

    yfinance reports a server's failure and a symbol without prices by the same exception, and does
    not keep the status that tells them apart.
    """
    statuses: dict[str, int] | None = getattr(session, "chart_statuses", None)
    if statuses is not None:
        return session, statuses
    record: dict[str, int] = {}
    ask = session.request

    def request(method: str, url: str, *others: Any, **options: Any) -> Any:
        answer = ask(method, url, *others, **options)
        _, found, rest = str(url).partition("/v8/finance/chart/")
        if found:
            record[unquote(rest.partition("?")[0])] = answer.status_code
        return answer

    session.request = request
    session.chart_statuses = record
    return session, record


def _complete(answer: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return the answer's finished days under this project's names."""
    absent = [column for column in COLUMNS if column not in answer.columns]
    if answer.empty or absent:
        raise DataError(
            f"{where}: Yahoo Finance answered without a single price; check the symbol and the window"
        )
    days = pd.DatetimeIndex(answer.index)
    today = pd.Timestamp.now(days.tz).normalize()
    bars = answer[list(COLUMNS)].rename(columns=COLUMNS).astype(float)
    bars.index = days.tz_localize(None).normalize().as_unit("us")
    bars = bars[(days.normalize() < today)]  # the running day's bar is not finished
    if bars.empty:
        raise DataError(f"{where}: Yahoo Finance has no finished day in the window; start earlier")
    bars.index.name = None
    return bars


def _translated(where: str, error: Exception) -> DataError:
    """Return yfinance's error as one of ours: what does not exist, or what could not be asked."""
    from yfinance import exceptions

    status = error.status if isinstance(error, _RefusedError) else 0
    if status == 429 or isinstance(error, exceptions.YFRateLimitError):
        return NetworkError(
            f"{where}: Yahoo Finance refuses for now (too many requests); try again in some minutes"
        )
    text = first_line(error)[:200]
    if status == 404 or isinstance(error, exceptions.YFTickerMissingError):
        return DataError(f"{where}: Yahoo Finance has no such symbol, or no prices in the window ({text})")
    return NetworkError(
        f"{where}: Yahoo Finance gave no usable answer ({text}); try again, or pass a folder of files with --data"
    )
