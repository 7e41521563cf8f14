"""Feed `ccxt`: candles of any exchange ccxt knows, paged, completed and checked for what is missing."""

from __future__ import annotations

import importlib.util
import json
import time
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from data_feeds.errors import ConfigError, DataError, NetworkError
from data_feeds.feed import Request
from data_feeds.history import History
from data_feeds.live import LiveFeed
from data_feeds.network import unreachable
from data_feeds.spelling import suggest
from data_feeds.table import first_line

EARLIEST = pd.Timestamp("2010-01-01")  # no exchange has candles from before
Timeframe = Literal["1m", "5m", "15m", "30m", "1h", "4h", "1d"]
TIMEFRAMES: dict[Timeframe, int] = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "4h": 14_400,
    "1d": 86_400,
}
PAGE = 500  # candles a page where an exchange does not say
SMALLEST_PAGE = 300  # an empty page is a stretch without trades, of at least so many candles
REQUEST_SECONDS = 10.0


@cache
def exchange_names() -> tuple[str, ...]:
    """Return the exchanges ccxt knows, from its files: importing it takes a third of a second."""
    spec = importlib.util.find_spec("ccxt")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return tuple(sorted(file.stem for folder in folders for file in Path(folder).glob("[a-z0-9]*.py")))


def new_exchange(name: str, *, timeout: float) -> Any:
    """Return ccxt's client of an exchange. Tests put another in this place, pointed at this machine."""
    import ccxt

    # Only spot markets are asked for; proxies named in the environment are honoured.
    options = {"fetchMarkets": {"types": ["spot"]}} if name == "binance" else {}
    return getattr(ccxt, name)(
        {"timeout": int(timeout * 1000), "requests_trust_env": True, "options": options}
    )


class CryptoFeed(LiveFeed):
    """Candles of one market on one exchange; times in UTC, daily candles dated by their UTC day."""

    kind: ClassVar[str] = "ccxt"
    clients: ClassVar[tuple[str, ...]] = ("ccxt",)

    exchange: str = Field(description="ccxt's name of the exchange, such as coinbase")
    symbol: str = Field(description="the market as base/quote, such as BTC/USD")
    timeframe: Timeframe = Field("1d", description="the length of a candle")

    @field_validator("exchange")
    @classmethod
    def _is_known(cls, exchange: str) -> str:
        if exchange not in exchange_names():
            raise ValueError(f"must be an exchange of ccxt; {suggest(exchange, exchange_names())}")
        return exchange

    @field_validator("symbol")
    @classmethod
    def _has_quote(cls, symbol: str) -> str:
        if not all(symbol.partition("/")):
            raise ValueError('must be written as base/quote, such as "BTC/USD"')
        return symbol

    @property
    def cache_key(self) -> dict[str, str]:
        return {
            "feed": self.kind,
            "exchange": self.exchange,
            "symbol": self.symbol,
            "timeframe": self.timeframe,
        }

    @property
    def title(self) -> str:
        return f"{self.exchange} {self.symbol}" + ("" if self.timeframe == "1d" else f" {self.timeframe}")

    def describe(self) -> str:
        return f"{self.kind} {self.exchange} {self.symbol}"

    def signal(self, name: str, request: Request) -> History:
        history = super().signal(name, request)
        if self.timeframe == "1d":
            return history
        # A candle is stamped with its opening; its close is known only when it ends.
        frame = history.frame.set_axis(history.frame.index + pd.Timedelta(seconds=self._seconds), axis=0)
        return History(
            name=name, frame=frame, source=history.source, lag=history.lag, findings=history.findings
        )

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        exchange = new_exchange(self.exchange, timeout=min(REQUEST_SECONDS, request.deadline))
        reason = unreachable(_host(exchange))
        if reason:
            raise NetworkError(f"{where}: {reason}; check the network, or pass a folder of files with --data")
        import ccxt

        try:
            exchange.load_markets()
            self._check_market(exchange, where)
            candles = self._pages(exchange, request, where)
        except ccxt.BadSymbol as error:
            raise DataError(f"{where}: {first_line(error)}") from error
        except (ccxt.BaseError, ValueError, TypeError, KeyError, AttributeError) as error:
            # its own errors, and those of its parsers when an answer is not in the exchange's format
            raise NetworkError(
                f"{where}: {self.exchange} gave no usable answer "
                f"({type(error).__name__}: {first_line(error)[:200]}); try again, or pass a folder of files with --data"
            ) from error
        return self._complete(candles, request, where)

    @property
    def _seconds(self) -> int:
        return TIMEFRAMES[self.timeframe]

    def _check_market(self, exchange: Any, where: str) -> None:
        if not exchange.markets:
            raise NetworkError(f"{where}: {self.exchange} answered without a single market; try again")
        if self.symbol not in exchange.markets:
            near = suggest(self.symbol, exchange.markets) if len(exchange.markets) < 10 else ""
            close = near or suggest(self.symbol, [m for m in exchange.markets if m[0] == self.symbol[0]])
            raise DataError(f"{where}: {self.exchange} has no market {self.symbol!r}; {close}")
        if not exchange.has.get("fetchOHLCV"):
            raise ConfigError(f"{where}: {self.exchange} delivers no candles; name another exchange")
        if exchange.timeframes and self.timeframe not in exchange.timeframes:
            raise ConfigError(
                f"{where}: {self.exchange} has no timeframe {self.timeframe!r}; it has {', '.join(exchange.timeframes)}"
            )

    def _pages(self, exchange: Any, request: Request, where: str) -> dict[int, list[float]]:
        """Return every candle of the window by its opening in milliseconds, page by page."""
        step = self._seconds * 1000
        since = _milliseconds(request.start or EARLIEST) // step * step
        now = _now()
        stop = now if request.end is None else min(now, _milliseconds(request.end + pd.Timedelta(days=1)))
        limit = exchange.feature_value(self.symbol, "fetchOHLCV", "limit") or PAGE
        candles: dict[int, list[float]] = {}
        asked_since = since
        deadline = time.monotonic() + request.deadline
        while since < stop:
            page = _page(exchange, self.symbol, self.timeframe, since, limit, where)
            if not page and since + 2 * step < stop:
                _refuse_hidden_candles(exchange, since, where)
            new = {int(row[0]): row for row in page if since <= row[0] < stop}
            if page and not candles:
                _refuse_newest_only(page, asked_since, now, step, limit, where)
            if new:
                deadline = time.monotonic() + request.deadline
            elif time.monotonic() > deadline:
                raise NetworkError(
                    f"{where}: no new candle within {request.deadline:g} seconds; try again, or start later"
                )
            candles.update(new)
            since = max(new) + step if new else since + min(limit, SMALLEST_PAGE) * step
        return candles

    def _complete(self, candles: dict[int, list[float]], request: Request, where: str) -> pd.DataFrame:
        """Return the candles in order, without the one still running."""
        step = self._seconds * 1000
        finished = sorted(opening for opening in candles if opening + step <= _now())
        if not finished:
            raise DataError(
                f"{where}: {self.exchange} has no finished candle in the window; check symbol and window"
            )
        rows = [[np.nan if figure is None else float(figure) for figure in candles[t][1:6]] for t in finished]
        times = pd.DatetimeIndex(np.array(finished, dtype="datetime64[ms]")).as_unit("us")
        return pd.DataFrame(rows, index=times, columns=["open", "high", "low", "close", "volume"])


def _page(exchange: Any, symbol: str, timeframe: str, since: int, limit: int, where: str) -> list[list[Any]]:
    """Return one page of well-formed candles; raise when an empty one is not an honest answer."""
    page = exchange.fetch_ohlcv(symbol, timeframe, since=since, limit=limit)
    if not page:
        # ccxt returns an empty page for HTML, an empty body and cut-off JSON alike
        try:
            answer = json.loads(exchange.last_http_response)
        except (TypeError, ValueError):
            answer = None
        if answer is None or answer == {}:
            text = str(exchange.last_http_response or "nothing")[:60].replace("\n", " ")
            raise NetworkError(f"{where}: answered with no candles but {text!r}; try again")
        return []
    for candle in page:
        if candle is None or len(candle) < 6 or candle[0] is None:
            raise NetworkError(f"{where}: answered with a broken candle, {candle!r}; try again")
    return list(page)


def _refuse_hidden_candles(exchange: Any, since: int, where: str) -> None:
    """Raise when ccxt left out every candle of an answer: broken ones, or older than was asked for."""
    values = [json.loads(exchange.last_http_response)]
    while values:
        value = values.pop()
        if isinstance(value, list) and value:
            raise NetworkError(
                f"{where}: asked for candles from {_time(since)} on, it answers with older or broken ones "
                f"({str(value[0])[:80]}); try again, start later, or name another exchange"
            )
        if isinstance(value, dict):
            values.extend(value.values())


def _refuse_newest_only(
    page: list[list[Any]], since: int, now: int, step: int, limit: int, where: str
) -> None:
    """Raise when the exchange ignores the start asked for and gives its newest candles only."""
    first, last = min(row[0] for row in page), max(row[0] for row in page)
    if len(page) >= limit and first > since + 7 * step and last > now - 2 * step:
        raise DataError(
            f"{where}: asked from {_time(since)} on, it answers with its newest {len(page)} candles, from "
            f"{_time(first)} on, and keeps no older ones; start later, or name another exchange"
        )


def _host(exchange: Any) -> str:
    """Return the first address of the exchange's interface."""
    values = [exchange.urls["api"]]
    while values:
        value = values.pop(0)
        if isinstance(value, str):
            return value.replace("{hostname}", str(exchange.hostname))
        values.extend(value.values())
    raise ConfigError(f"ccxt knows no address of {exchange.id}; name another exchange")


def _milliseconds(time_: pd.Timestamp) -> int:
    return int(time_.timestamp() * 1000)


def _time(milliseconds: int) -> str:
    return str(pd.Timestamp(milliseconds, unit="ms").date())


def _now() -> int:
    return int(time.time() * 1000)
