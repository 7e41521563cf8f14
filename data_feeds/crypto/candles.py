"""Every candle of a window from one exchange, page by page through ccxt, or an error that says why not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from raisecash.data.request import Request
from raisecash.data.text.network import TryAgainError, asking, refusal
from raisecash.data.text.table import first_line
from raisecash.errors import ConfigError, DataError, NetworkError
from raisecash.messages.spelling import suggest

EARLIEST = pd.Timestamp("2010-01-01")  # no exchange has candles from before
PAGE = 500  # candles a page where an exchange does not say
SMALLEST_PAGE = 300  # an empty page is a stretch without trades, of at least so many candles
LONGEST_SILENCE = pd.Timedelta(days=7)  # a market that traded nothing for longer is not traded any more
NEWS_EVERY = 2.0  # seconds between two words on a long download's progress
COLUMNS = ["open", "high", "low", "close", "volume"]
WAY_OUT = "try again later, or pass a folder of files with --data"


class NotCoveredError(DataError):
    """The exchange answers, and has not all of the window; another one may."""


@dataclass(frozen=True, kw_only=True)
class Candles:
    """One market's candles as one exchange delivers them.

    Attributes
    ----------
    exchange : ccxt.Exchange
        Its own rate limiter paces the requests.
    symbol, timeframe : str
        In ccxt's spelling.
    seconds : int
        The length of a candle.
    where : str
        What messages begin with.
    """

    exchange: Any
    symbol: str
    timeframe: str
    seconds: int
    where: str

    def read(self, request: Request, *, progress: Callable[[str], None] = lambda _: None) -> pd.DataFrame:
        """Return every finished candle of the window in order, each once.

        The deadline holds for each page, its repeated attempts included, and for a stretch of pages
        without a new candle; a download that advances may take as long as it needs.

        Raises
        ------
        NetworkError
            When the exchange cannot be reached, refuses, or answers nonsense.
        NotCoveredError
            When it has nothing in the window, only its newest candles, or none since long.
        DataError, ConfigError
            When it has no such market or timeframe.
        """
        self._ask(lambda: self.exchange.load_markets(), request.deadline)
        self._check_market()
        candles = self._pages(request, progress)
        step = self.seconds * 1000
        finished = sorted(opening for opening in candles if opening + step <= now())
        if not finished:
            raise NotCoveredError(
                f"{self.where}: {self.exchange.id} has no finished candle in the window; {self._life()}"
            )
        stop = now() if request.end is None else min(now(), _milliseconds(request.end + pd.Timedelta(days=1)))
        if stop - finished[-1] > LONGEST_SILENCE.total_seconds() * 1000 + step:
            raise NotCoveredError(
                f"{self.where}: {self.exchange.id}'s candles stop on {_day(finished[-1])}; {self._life()}, or end the "
                f"window on {_day(finished[-1])}"
            )
        rows = [[np.nan if figure is None else float(figure) for figure in candles[t][1:6]] for t in finished]
        times = pd.DatetimeIndex(np.array(finished, dtype="datetime64[ms]")).as_unit("us")
        return pd.DataFrame(rows, index=times, columns=COLUMNS)

    def _life(self) -> str:
        """Return what may be the reason that a market has no candles."""
        if (self.exchange.markets.get(self.symbol) or {}).get("active") is False:
            return f"it has delisted {self.symbol}: name another exchange"
        return "the market may be delisted there: check symbol and window, name another exchange"

    def _check_market(self) -> None:
        exchange, known = self.exchange, self.exchange.markets
        if not known:
            text = str(exchange.last_http_response or "nothing")[:60].replace("\n", " ")
            raise NetworkError(
                f"{self.where}: {exchange.id} answered without a single market ({text!r}); it may block this "
                f"computer; {WAY_OUT}"
            )
        if self.symbol not in known:
            near = suggest(self.symbol, known) if len(known) < 10 else ""
            close = near or suggest(self.symbol, [m for m in known if m[0] == self.symbol[0]])
            raise DataError(f"{self.where}: {exchange.id} has no market {self.symbol!r}; {close}")
        if not exchange.has.get("fetchOHLCV"):
            raise ConfigError(f"{self.where}: {exchange.id} delivers no candles; name another exchange")
        if exchange.timeframes and self.timeframe not in exchange.timeframes:
            raise ConfigError(
                f"{self.where}: {exchange.id} has no timeframe {self.timeframe!r}; it has {', '.join(exchange.timeframes)}"
            )

    def _pages(self, request: Request, progress: Callable[[str], None]) -> dict[int, list[float]]:
        """Return every candle of the window by its opening in milliseconds, page by page."""
        step = self.seconds * 1000
        first = _milliseconds(request.start or EARLIEST) // step * step
        began = now()
        stop = began if request.end is None else min(began, _milliseconds(request.end + pd.Timedelta(days=1)))
        limit = self.exchange.feature_value(self.symbol, "fetchOHLCV", "limit") or PAGE
        candles: dict[int, list[float]] = {}
        since, told = first, time.monotonic()
        deadline = told + request.deadline
        while since < stop:
            page = self._ask(partial(self._page, since, stop, limit), request.deadline)
            new = {int(row[0]): row for row in page if since <= row[0] < stop}
            if page and not candles:
                self._refuse_newest_only(page, first, began, limit)
            if new:
                deadline = time.monotonic() + request.deadline
            elif time.monotonic() > deadline:
                raise NetworkError(
                    f"{self.where}: no new candle within {request.deadline:g} seconds; try again, or start later"
                )
            candles.update(new)
            since = max(new) + step if new else since + min(limit, SMALLEST_PAGE) * step
            if time.monotonic() - told > NEWS_EVERY:
                told = time.monotonic()
                progress(f"{len(candles):,} candles, to {_day(min(since, stop))} of {_day(stop)}")
        return candles

    def _page(self, since: int, stop: int, limit: int) -> list[list[Any]]:
        """Return one page of well-formed candles; raise when an empty one is not an honest answer."""
        exchange = self.exchange
        page = exchange.fetch_ohlcv(self.symbol, self.timeframe, since=since, limit=limit)
        if not page:
            # ccxt returns an empty page for HTML, an empty body and cut-off JSON alike
            try:
                answer = json.loads(exchange.last_http_response)
            except (TypeError, ValueError):
                answer = None
            if answer is None or answer == {}:
                self._refuse_text(str(exchange.last_http_response or "nothing"))
            if since + 2 * self.seconds * 1000 < stop:
                self._refuse_hidden_candles(answer, since)
            return []
        for candle in page:
            if candle is None or len(candle) < 6 or candle[0] is None:
                raise NetworkError(
                    f"{self.where}: {exchange.id} answered with a broken candle, {candle!r}; {WAY_OUT}"
                )
        return list(page)

    def _refuse_text(self, text: str) -> None:
        """Raise on an answer that is no JSON: a page means a block, anything else may pass."""
        shown = text[:60].replace("\n", " ")
        if text.lstrip().startswith("<"):
            raise NetworkError(
                f"{self.where}: {self.exchange.id} answered with a page instead of candles ({shown!r}); it may block "
                f"this computer; {WAY_OUT}"
            )
        raise TryAgainError(
            f"{self.where}: {self.exchange.id} answered with no candles but {shown!r}; {WAY_OUT}"
        )

    def _refuse_hidden_candles(self, answer: Any, since: int) -> None:
        """Raise when ccxt left out every candle of an answer: broken ones, or older than was asked for."""
        values = [answer]
        while values:
            value = values.pop()
            if isinstance(value, list) and value:
                raise NetworkError(
                    f"{self.where}: asked for candles from {_day(since)} on, {self.exchange.id} answers with older or "
                    f"broken ones ({str(value[0])[:80]}); try again, start later, or name another exchange"
                )
            if isinstance(value, dict):
                values.extend(value.values())

    def _refuse_newest_only(self, page: list[list[Any]], since: int, began: int, limit: int) -> None:
        """Raise when the exchange ignores the start asked for and gives its newest candles only."""
        step = self.seconds * 1000
        first, last = min(row[0] for row in page), max(row[0] for row in page)
        if len(page) >= limit and first > since + 7 * step and last > began - 2 * step:
            raise NotCoveredError(
                f"{self.where}: asked from {_day(since)} on, {self.exchange.id} answers with its newest {len(page)} "
                f"candles, from {_day(first)} on, and keeps no older ones; start later, or name another exchange"
            )

    def _ask(self, work: Callable[[], Any], deadline: float) -> Any:
        """Return what a call of ccxt returns, asked again while its failure may pass."""
        import ccxt

        def attempt(left: float) -> Any:
            try:
                return work()
            except (ccxt.BaseError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
                # its own errors, and those of its parsers when an answer is not in the exchange's format
                raise self._translated(error) from error

        try:
            return asking(attempt, seconds=deadline, what=self.exchange.id)
        except TimeoutError as error:
            raise NetworkError(f"{self.where}: {error}; {WAY_OUT}") from error

    def _translated(self, error: Exception) -> DataError:
        """Return ccxt's error as one of ours."""
        import ccxt

        if isinstance(error, ccxt.BadSymbol):
            return DataError(f"{self.where}: {first_line(error)}")
        answer = _http_answer(error)
        if answer is not None:
            refused = refusal(self.where, self.exchange.id, answer.status_code, answer.headers)
            if refused is not None:
                return refused
        if isinstance(error, ccxt.RequestTimeout):
            return TryAgainError(f"{self.where}: {self.exchange.id} stopped answering; {WAY_OUT}")
        if answer is None and (
            isinstance(error, ccxt.NetworkError) or "IncompleteRead" in str(error.__cause__)
        ):
            return TryAgainError(f"{self.where}: {self.exchange.id} broke the connection off; {WAY_OUT}")
        text = f"{type(error).__name__}: {first_line(error)[:200]}"
        message = f"{self.where}: {self.exchange.id} gave no usable answer ({text}); {WAY_OUT}"
        return TryAgainError(message) if isinstance(error, ccxt.NetworkError) else NetworkError(message)


def host(exchange: Any) -> str:
    """Return the first address of an exchange's interface."""
    values = [exchange.urls["api"]]
    while values:
        value = values.pop(0)
        if isinstance(value, str):
            return value.replace("{hostname}", str(exchange.hostname))
        values.extend(value.values())
    raise ConfigError(f"ccxt knows no address of {exchange.id}; name another exchange")


def now() -> int:
    """Return the present, in milliseconds since 1970."""
    return int(time.time() * 1000)


def _http_answer(error: BaseException) -> Any:
    """Return the HTTP answer an error of ccxt arose from, if it did."""
    seen: BaseException | None = error
    while seen is not None:
        answer = getattr(seen, "response", None)
        if answer is not None:
            return answer
        seen = seen.__cause__ or seen.__context__
    return None


def _milliseconds(time_: pd.Timestamp) -> int:
    return int(time_.timestamp() * 1000)


def _day(milliseconds: int) -> str:
    return str(pd.Timestamp(milliseconds, unit="ms").date())
