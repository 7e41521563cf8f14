"""Feed `ccxt`: candles of any exchange ccxt knows, from a second exchange as a whole where the first fails."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data_feeds.crypto.candles import Candles, NotCoveredError, host
from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.history import Finding, History
from raisecash.data.live import LiveFeed
from raisecash.data.request import Request
from raisecash.data.text.network import PROBE_SECONDS, unreachable
from raisecash.errors import DataError, NetworkError
from raisecash.messages.spelling import suggest
from raisecash.messages.words import stamp

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


def _known_exchange(exchange: str) -> str:
    if exchange not in exchange_names():
        raise ValueError(f"must be an exchange of ccxt; {suggest(exchange, exchange_names())}")
    return exchange


def _base_and_quote(symbol: str) -> str:
    if not all(symbol.partition("/")):
        raise ValueError('must be written as base/quote, such as "BTC/USD"')
    return symbol


Exchange = Annotated[str, AfterValidator(_known_exchange)]
Symbol = Annotated[str, AfterValidator(_base_and_quote)]


class SecondExchange(BaseModel):
    """A market on another exchange."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    exchange: Exchange
    symbol: Symbol


class CryptoFeed(LiveFeed):
    """Candles of one market on one exchange; times in UTC, daily candles dated by their UTC day.

    Notes
    -----
    Point in time: a candle is stamped with its opening and known when it ends. A daily candle is
    dated by its UTC day and complete at the next midnight UTC, about four hours after New York's
    close of the same date; a signal of shorter candles is stamped with their end.
    The fallback is used as a whole or not at all: two exchanges' prices are never mixed in a series.
    """

    kind: ClassVar[str] = "ccxt"
    clients: ClassVar[tuple[str, ...]] = ("ccxt", "stamina")

    exchange: Exchange = Field(description="ccxt's name of the exchange, such as coinbase")
    symbol: Symbol = Field(description="the market as base/quote, such as BTC/USD")
    timeframe: Timeframe = Field("1d", description="the length of a candle")
    fallback: SecondExchange | None = Field(
        None, description="{ exchange, symbol } to use where the first cannot be reached or does not cover"
    )

    @property
    def default_calendar(self) -> str:
        return ALWAYS

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

    def prices(self, name: str, request: Request) -> History:
        return self._whole(name, request, lambda feed: LiveFeed.prices(feed, name, request))

    def signal(self, name: str, request: Request) -> History:
        history = self._whole(name, request, lambda feed: LiveFeed.signal(feed, name, request))
        if self.timeframe == "1d":
            return history
        # A candle is stamped with its opening; its close is known only when it ends.
        return replace(history, frame=history.frame.set_axis(history.frame.index + self._length, axis=0))

    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        where = f"{name}: {self.describe()}"
        exchange = new_exchange(self.exchange, timeout=min(REQUEST_SECONDS, request.deadline))
        reason = unreachable(host(exchange), seconds=min(PROBE_SECONDS, request.deadline))
        if reason:
            raise NetworkError(f"{where}: {reason}; check the network, or pass a folder of files with --data")
        candles = Candles(
            exchange=exchange,
            symbol=self.symbol,
            timeframe=self.timeframe,
            seconds=TIMEFRAMES[self.timeframe],
            where=where,
        )
        return candles.read(request, progress=lambda news: request.progress(f"{name}: {self.title}: {news}"))

    @property
    def _length(self) -> pd.Timedelta:
        return pd.Timedelta(seconds=TIMEFRAMES[self.timeframe])

    def _whole(self, name: str, request: Request, read: Callable[[CryptoFeed], History]) -> History:
        """Return the first exchange's history, or the fallback's with a finding that says why."""
        if self.fallback is None:
            return read(self)
        first: History | None = None
        is_down = False
        try:
            first = read(self)
            reason = _uncovered(first, request)
        except (NetworkError, NotCoveredError) as error:
            is_down, reason = isinstance(error, NetworkError), str(error)
        if first is not None and not reason:
            return first
        options = {key: getattr(self, key) for key in self.model_fields_set - {"fallback"}}
        other = CryptoFeed(**{**options, **self.fallback.model_dump()})
        try:
            second = read(other)
            unfit = _uncovered(second, request) if first is not None else ""
        except DataError as error:
            if first is None:
                kind = NetworkError if is_down and isinstance(error, NetworkError) else DataError
                raise kind(f"{reason}; and the fallback: {error}") from error
            second, unfit = first, str(error)
        if first is not None and unfit:
            message = f"{name}: {self.title} is used although {reason}; the fallback does no better: {unfit}"
            return replace(first, findings=(*first.findings, _finding(name, first, message)))
        message = f"{name}: every price is {other.title}'s, the fallback, and none {self.title}'s: {reason}"
        return replace(second, findings=(*second.findings, _finding(name, second, message)))


def _uncovered(history: History, request: Request) -> str:
    """Return how a history falls short of the window's beginning; empty when it does not. Its run-up need not be there."""
    first = pd.Timestamp(history.frame.index[0])
    if request.window_start is None or first <= request.window_start:
        return ""
    return f"{history.source} begins on {stamp(first)}, after the window does"


def _finding(name: str, history: History, message: str) -> Finding:
    times = history.frame.index
    return Finding(
        series=name,
        kind="fallback",
        severity="warning",
        first=stamp(times[0]),
        last=stamp(times[-1]),
        count=len(times),
        message=message,
    )
