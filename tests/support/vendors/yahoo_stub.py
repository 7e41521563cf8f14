"""Yahoo's chart interface on this machine, and every other stub under one roof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from tests.support.vendors.exchange_stubs import DAY as DAY
from tests.support.vendors.exchange_stubs import Binance as Binance
from tests.support.vendors.exchange_stubs import Coinbase as Coinbase
from tests.support.vendors.exchange_stubs import Kraken as Kraken
from tests.support.vendors.exchange_stubs import exchange_at as exchange_at
from tests.support.vendors.stub_server import HTML as HTML
from tests.support.vendors.stub_server import Answer as Answer
from tests.support.vendors.stub_server import refused as refused
from tests.support.vendors.stub_server import serving as serving
from tests.support.vendors.stub_server import silent as silent
from tests.support.vendors.text_stubs import Cboe as Cboe
from tests.support.vendors.text_stubs import Fred as Fred
from tests.support.vendors.text_stubs import Mof as Mof

# Unix time of the open; open, high, low, close, adjusted close; volume.
YahooBar = tuple[int, float | None, float | None, float | None, float | None, float | None, int | None]


def yahoo_session(base: str) -> Any:
    """Return a session that yfinance accepts and that reaches this machine only."""
    import curl_cffi.requests

    here = urlsplit(base)

    class LoopbackSession(curl_cffi.requests.Session):  # type: ignore[misc]
        def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
            asked = urlsplit(url)
            if asked.hostname not in ("127.0.0.1", "localhost"):
                options["headers"] = {**(options.get("headers") or {}), "X-Orig-Host": asked.hostname}
                url = urlunsplit((here.scheme, here.netloc, asked.path or "/", asked.query, ""))
            return super().request(method, url, *args, **options)

    return LoopbackSession()


@dataclass
class Yahoo:
    """Yahoo's chart interface for one symbol; `fault` replaces the chart's answer.

    A crumb that is sent must be the one that was given out with the cookie. `dividends` and `splits`
    are by the Unix time of their session's open; a split is (new shares, old shares).
    """

    bars: list[YahooBar]
    symbol: str = "SPY"
    zone: str = "America/New_York"
    fault: Answer | None = None
    dividends: dict[int, float] = field(default_factory=dict)
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)
    paid_in: str | None = None
    has_adjusted: bool = True
    asked: list[str] = field(default_factory=list)

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        self.asked.append(f"{host}{path}")
        if path == "/v1/test/getcrumb":
            return Answer(body="crumb", headers={"Content-Type": "text/plain"})
        if path.startswith("/v10/finance/quoteSummary/"):
            error = {"code": "Not Found", "description": "Quote not found for symbol"}
            return Answer({"quoteSummary": {"result": None, "error": error}}, status=404)
        if not path.startswith("/v8/finance/chart/"):
            return Answer(body="", headers={"Set-Cookie": "A3=stub; Path=/", "Content-Type": "text/html"})
        if self.fault is not None:
            return self.fault
        if query.get("crumb", "crumb") != "crumb":
            error = {"code": "Unauthorized", "description": "Invalid Crumb"}
            return Answer({"chart": {"result": None, "error": error}}, status=401)
        if unquote(path.rpartition("/")[2]) != self.symbol:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return Answer({"chart": {"result": None, "error": error}}, status=404)
        return Answer({"chart": {"result": [self._result(query)], "error": None}})

    def _result(self, query: dict[str, str]) -> dict[str, Any]:
        first, last = int(query.get("period1", 0)), int(query.get("period2", 2**40))
        rows = [row for row in self.bars if first <= row[0] < last]
        result: dict[str, Any] = {"meta": self._meta()}
        if not rows:  # no "timestamp" at all, and empty quotes
            return {**result, "indicators": {"quote": [{}], "adjclose": [{}]}}
        quote: dict[str, Any] = {
            name: [row[i] for row in rows] for i, name in ((1, "open"), (2, "high"), (3, "low"), (4, "close"))
        }
        quote["volume"] = [row[6] for row in rows]
        indicators: dict[str, Any] = {"quote": [quote]}
        if self.has_adjusted:
            indicators["adjclose"] = [{"adjclose": [row[5] for row in rows]}]
        return {
            **result,
            "timestamp": [row[0] for row in rows],
            "events": self._events(first, last),
            "indicators": indicators,
        }

    def _events(self, first: int, last: int) -> dict[str, Any]:
        currency = {"currency": self.paid_in} if self.paid_in else {}
        paid = {
            str(t): {"amount": amount, "date": t, **currency}
            for t, amount in self.dividends.items()
            if first <= t < last
        }
        split = {
            str(t): {"date": t, "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
            for t, (new, old) in self.splits.items()
            if first <= t < last
        }
        return {key: events for key, events in (("dividends", paid), ("splits", split)) if events}

    def _meta(self) -> dict[str, Any]:
        return {
            "currency": "USD",
            "symbol": self.symbol,
            "instrumentType": "ETF",
            "exchangeTimezoneName": self.zone,
            "timezone": "EST",
            "gmtoffset": -18000,
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "max"],
            "firstTradeDate": self.bars[0][0] if self.bars else None,
            "regularMarketTime": self.bars[-1][0] + 23_400 if self.bars else None,
            "currentTradingPeriod": {
                part: {"timezone": "EST", "start": 0, "end": 0, "gmtoffset": -18000}
                for part in ("pre", "regular", "post")
            },
        }
