"""Yahoo's chart interface through yfinance: one answer, whole and typed, or an error that says why not."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pandas as pd

from raisecash.data.request import Request
from raisecash.data.text.network import TRY_SECONDS, TryAgainError, refusal
from raisecash.data.text.table import first_line
from raisecash.errors import DataError, NetworkError
from raisecash.files import cache_folder

COLUMNS = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Adj Close": "adj_close",
    "Dividends": "dividends",
    "Stock Splits": "splits",
}
ACTIONS = ["dividends", "splits"]
LONGEST_SILENCE = 10  # calendar days; New York's longest closure since 1914 was 6 (September 2001)
_WATCHING = threading.Lock()  # every series has its thread, and all have one session
WAY_OUT = "try again later, or pass a folder of files with --data"


@dataclass
class YahooChart:
    """What Yahoo says of one symbol.

    Attributes
    ----------
    symbol, where : str
        Yahoo's name of the series, and what messages begin with.
    session : Session
        Of curl_cffi, as `new_session` in `data_feeds.yahoo.feed` makes it.
    answers : dict
        This download's HTTP answers by symbol in capitals: yfinance reports a server's failure and a symbol without
        prices by the same exception, and keeps neither the status nor what it left out.
    """

    symbol: str
    where: str
    session: Any
    answers: dict[str, list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = _watched(self.session)

    def ask(self, request: Request, left: float) -> pd.DataFrame:
        """Return yfinance's frame, indexed by midnight in the exchange's zone."""
        import yfinance
        from yfinance.data import YfData

        # Its calls into pandas warn of pandas 4; nothing here depends on what will change.
        warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")
        yfinance.config.debug.hide_exceptions = False  # by default every failure is an empty frame
        yfinance.set_tz_cache_location(str(cache_folder() / "yfinance"))
        YfData.cache_get.cache_clear()  # it keeps failed answers too, for as long as the process lives
        self.answers[self.symbol.upper()] = []
        window: dict[str, Any] = {"period": "max"}
        if request.start is not None or request.end is not None:
            window = {"start": str((request.start or pd.Timestamp("1927-01-01")).date())}
            if request.end is not None:  # yfinance leaves the end day out
                window["end"] = str((request.end + pd.Timedelta(days=1)).date())
        try:
            frame: pd.DataFrame = yfinance.Ticker(self.symbol, session=self.session).history(
                interval="1d",
                auto_adjust=False,
                actions=True,
                keepna=True,
                timeout=min(TRY_SECONDS, left),
                **window,
            )
        except Exception as error:
            raise self._translated(error, request) from error
        return frame

    def complete(self, answer: pd.DataFrame, request: Request, *, needs_adjusted: bool) -> pd.DataFrame:
        """Return the answer's finished days under this project's names.

        Raises
        ------
        DataError
            When it has no finished day, leaves out what was asked for, or pays dividends in another
            currency than the prices'.
        """
        absent = [column for column in COLUMNS if column not in answer.columns]
        if answer.empty or absent:
            raise self._nothing(request)
        days = pd.DatetimeIndex(answer.index)
        today = pd.Timestamp.now(days.tz).normalize()
        bars = answer[list(COLUMNS)].rename(columns=COLUMNS).astype(float)
        bars[ACTIONS] = bars[ACTIONS].fillna(0.0)
        bars.index = days.tz_localize(None).normalize().as_unit("us")
        bars.index.name = None
        bars = bars[(days.normalize() < today)]  # the running day's bar is not finished
        if bars.empty:
            raise DataError(f"{self.where}: Yahoo Finance has no finished day in the window; start earlier")
        self._check_span(bars, request, today.tz_localize(None))
        result = (self._results() or [{}])[0]
        if result and "adjclose" not in (result.get("indicators") or {}):  # yfinance would repeat the close
            if needs_adjusted:
                raise DataError(
                    f'{self.where}: Yahoo Finance has no adjusted closes of it; set price = "raw" to take the prices as '
                    "they are, with dividends as cash"
                )
            bars["adj_close"] = float("nan")
        self._check_currency(result)
        return _paid_on_a_bar(bars)

    def _check_span(self, bars: pd.DataFrame, request: Request, today: pd.Timestamp) -> None:
        """Raise when the answer begins long after, or stops long before, what there must be."""
        first, last = bars.index[0], bars.index[-1]
        awaited = today if request.end is None else min(today, request.end)
        if (awaited - last).days > LONGEST_SILENCE:
            raise DataError(
                f"{self.where}: Yahoo Finance's prices stop on {last.date()}: {self.symbol} is delisted, or the answer "
                f"is cut short; end the window on {last.date()} at the latest, or try again"
            )
        listed = self._first_trade()
        if listed is not None:
            awaited = listed if request.start is None else max(listed, request.start)
            if (first - awaited).days > LONGEST_SILENCE:
                raise NetworkError(
                    f"{self.where}: Yahoo Finance's answer begins on {first.date()} although {self.symbol} trades since "
                    f"{listed.date()}; it is cut short: try again, or start the window on {first.date()}"
                )

    def _check_currency(self, result: dict[str, Any]) -> None:
        """Raise on a dividend in another currency: it can neither be credited nor was it adjusted for."""
        quoted = (result.get("meta") or {}).get("currency")
        for dividend in ((result.get("events") or {}).get("dividends") or {}).values():
            paid = dividend.get("currency")
            if paid and quoted and paid != quoted:
                raise DataError(
                    f"{self.where}: prices are in {quoted} and a dividend is in {paid}; pass a file of total-return "
                    "prices instead"
                )

    def _results(self) -> list[dict[str, Any]]:
        """Return what the answers so far hold, newest first; none of those in no known form."""
        found = []
        for answer in reversed(self.answers.get(self.symbol.upper(), [])):
            try:
                result = answer.json()["chart"]["result"][0]
            except (KeyError, TypeError, ValueError, IndexError):
                continue
            if isinstance(result, dict):
                found.append(result)
        return found

    def _meta(self, key: str) -> Any:
        """Return what Yahoo says of the symbol itself; None when it does not."""
        return next((r["meta"][key] for r in self._results() if (r.get("meta") or {}).get(key)), None)

    def _first_trade(self) -> pd.Timestamp | None:
        seconds = self._meta("firstTradeDate")
        return None if seconds is None else pd.Timestamp(int(seconds), unit="s").normalize()

    def _nothing(self, request: Request) -> DataError:
        """Return what it means that a known symbol has no prices in the window."""
        traded, listed = self._meta("regularMarketTime"), self._first_trade()
        if request.end is not None and listed is not None and request.end < listed:
            why = f"it trades since {listed.date()}; end later"
        elif request.start is not None and traded and pd.Timestamp(int(traded), unit="s") < request.start:
            last = pd.Timestamp(int(traded), unit="s").date()
            why = f"it was last traded on {last} and is delisted since; end the window on that day"
        else:
            why = "there was no session in it, or it lies in the future; check the window"
        return DataError(f"{self.where}: Yahoo Finance has no prices of {self.symbol} in the window: {why}")

    def _translated(self, error: Exception, request: Request) -> DataError:
        """Return yfinance's error as one of ours: what does not exist, or what could not be asked."""
        from yfinance import exceptions

        answer = (self.answers.get(self.symbol.upper()) or [None])[-1]
        status, headers = (200, {}) if answer is None else (answer.status_code, answer.headers)
        if isinstance(error, exceptions.YFRateLimitError):
            status = 429
        refused = refusal(self.where, "Yahoo Finance", status, headers)
        if refused is not None:
            return refused
        text = first_line(error).partition(" See https://curl.se")[0][
            :160
        ]  # curl's advice is for programmers
        if status == 404 or isinstance(error, exceptions.YFTzMissingError):
            return DataError(
                f"{self.where}: Yahoo Finance has no symbol {self.symbol!r}, or has removed it after its delisting; "
                f"look the symbol up at finance.yahoo.com ({text})"
            )
        if isinstance(error, exceptions.YFTickerMissingError):
            return self._nothing(request)
        body = "" if answer is None else str(answer.text).strip()
        if body.startswith("<"):
            return NetworkError(
                f"{self.where}: Yahoo Finance answered with a page instead of prices; it may block this computer; {WAY_OUT}"
            )
        return TryAgainError(f"{self.where}: Yahoo Finance gave no usable answer ({text}); {WAY_OUT}")


def _paid_on_a_bar(bars: pd.DataFrame) -> pd.DataFrame:
    """Return bars whose dividends stand on days with a price: one of an empty day is paid on the next."""
    empty = bars["close"].isna()
    if not (bars.loc[empty, "dividends"] > 0).any():
        return bars
    moved = bars["dividends"].to_numpy(copy=True)
    for row in range(len(bars) - 1):
        if empty.iloc[row]:
            moved[row + 1] += moved[row]
            moved[row] = 0.0
    return bars.assign(dividends=moved)


def _watched(session: Any) -> dict[str, list[Any]]:
    """Return the session's record of chart answers by symbol."""
    with _WATCHING:
        record: dict[str, list[Any]] | None = getattr(session, "chart_answers", None)
        return record if record is not None else _watch(session)


def _watch(session: Any) -> dict[str, list[Any]]:
    """Make a session keep the chart answers it gets, and return where."""
    answers: dict[str, list[Any]] = {}
    ask = session.request

    def request(method: str, url: str, *others: Any, **options: Any) -> Any:
        answer = ask(method, url, *others, **options)
        _, found, rest = str(url).partition("/v8/finance/chart/")
        if found:
            answers.setdefault(unquote(rest.partition("?")[0]).upper(), []).append(answer)
        return answer

    session.request = request
    session.chart_answers = answers
    return answers
