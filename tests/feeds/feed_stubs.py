"""Servers on this machine that speak Yahoo's and Coinbase's wire formats, faults included."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

DAY = 86_400


@dataclass
class Answer:
    """One HTTP answer; JSON unless `body` says otherwise."""

    payload: Any = None
    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


Route = Callable[[str, dict[str, str], str], Answer]


@contextmanager
def serving(route: Route) -> Iterator[str]:
    """Serve `route(path, query, host)` and yield the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            answer = route(parts.path, query, self.headers.get("X-Orig-Host", ""))
            text = json.dumps(answer.payload) if answer.body is None else answer.body
            self.send_response(answer.status)
            for key, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """Yield the address of a server that accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refused() -> str:
    """Return an address on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


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
    """Yahoo's chart interface for one symbol; `fault` replaces the chart's answer."""

    bars: list[tuple[int, float | None, float | None, float | None, float | None, float | None, int | None]]
    symbol: str = "SPY"
    zone: str = "America/New_York"
    fault: Answer | None = None
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
        if unquote(path.rpartition("/")[2]) != self.symbol:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return Answer({"chart": {"result": None, "error": error}}, status=404)
        return Answer({"chart": {"result": [self._result(query)], "error": None}})

    def _result(self, query: dict[str, str]) -> dict[str, Any]:
        first, last = int(query.get("period1", 0)), int(query.get("period2", 2**40))
        rows = [row for row in self.bars if first <= row[0] < last]
        meta = {
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
            "firstTradeDate": 0,
            "regularMarketTime": 0,
            "currentTradingPeriod": {
                part: {"timezone": "EST", "start": 0, "end": 0, "gmtoffset": -18000}
                for part in ("pre", "regular", "post")
            },
        }
        quote = {
            name: [row[i] for row in rows] for i, name in ((1, "open"), (2, "high"), (3, "low"), (4, "close"))
        }
        quote["volume"] = [row[6] for row in rows]
        return {
            "meta": meta,
            "timestamp": [row[0] for row in rows],
            "indicators": {"quote": [quote], "adjclose": [{"adjclose": [row[5] for row in rows]}]},
            "events": {},
        }


@dataclass
class Coinbase:
    """Coinbase's public market interface for BTC-USD; `fault` replaces a page of candles."""

    candles: dict[int, tuple[float, float, float, float, float]]
    fault: Callable[[int], Answer | None] = lambda page: None
    pages: int = 0

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path.endswith("/candles"):
            self.pages += 1
            return self.fault(self.pages) or self._candles(int(query["start"]), int(query["end"]))
        if path.endswith("/products"):
            return Answer({"products": [self._product()], "num_products": 1})
        if path == "/v2/exchange-rates":
            return Answer({"data": {"currency": "USD", "rates": {"BTC": "0.00001"}}})
        return Answer({"data": []})

    def _candles(self, start: int, end: int) -> Answer:
        rows = [
            {
                "start": str(t),
                "open": str(o),
                "high": str(h),
                "low": str(low),
                "close": str(c),
                "volume": str(v),
            }
            for t, (o, h, low, c, v) in sorted(self.candles.items(), reverse=True)
            if start <= t <= end
        ]
        return Answer({"candles": rows[-350:]})

    @staticmethod
    def _product() -> dict[str, Any]:
        return {
            "product_id": "BTC-USD",
            "price": "30000",
            "base_increment": "0.00000001",
            "quote_increment": "0.01",
            "price_increment": "0.01",
            "quote_min_size": "1",
            "quote_max_size": "1000000",
            "base_min_size": "0.00000001",
            "base_max_size": "1000",
            "base_name": "Bitcoin",
            "quote_name": "US Dollar",
            "is_disabled": False,
            "new": False,
            "status": "online",
            "cancel_only": False,
            "limit_only": False,
            "post_only": False,
            "trading_disabled": False,
            "auction_mode": False,
            "product_type": "SPOT",
            "quote_currency_id": "USD",
            "base_currency_id": "BTC",
            "view_only": False,
        }


def exchange_at(base: str, name: str, *, timeout: float) -> Any:
    """Return ccxt's client of an exchange with every address of its interface moved to `base`."""
    import ccxt

    def move(urls: Any) -> Any:
        if isinstance(urls, dict):
            return {key: move(value) for key, value in urls.items()}
        return base + urlsplit(urls.replace("{hostname}", "x")).path

    exchange = getattr(ccxt, name)({"timeout": int(timeout * 1000)})
    exchange.urls["api"] = move(exchange.urls["api"])
    exchange.rateLimit = 1
    return exchange
