"""Coinbase's, Binance's and Kraken's public market interfaces, as ccxt's own clients speak to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.support.vendors.stub_server import Answer

DAY = 86_400
Candle = tuple[float, float, float, float, float]


def exchange_at(base: str, name: str, *, timeout: float) -> Any:
    """Return ccxt's client of an exchange with every address of its interface moved to `base`."""
    import ccxt

    def move(urls: Any) -> Any:
        if isinstance(urls, dict):
            return {key: move(value) for key, value in urls.items()}
        return base + urlsplit(urls.replace("{hostname}", "x")).path

    options = {"fetchMarkets": {"types": ["spot"]}} if name == "binance" else {}
    exchange = getattr(ccxt, name)({"timeout": int(timeout * 1000), "options": options})
    exchange.urls["api"] = move(exchange.urls["api"])
    exchange.rateLimit = 1
    return exchange


@dataclass
class Coinbase:
    """Coinbase's interface for BTC-USD: newest first, at most 350, seconds; `fault` replaces a page."""

    candles: dict[int, Candle]
    fault: Callable[[int], Answer | None] = lambda page: None
    pages: int = 0

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path.endswith("/candles"):
            self.pages += 1
            return self.fault(self.pages) or self._candles(int(query["start"]), int(query["end"]))
        if path.endswith("/products"):
            return Answer({"products": [_PRODUCT], "num_products": 1})
        if path == "/v2/exchange-rates":
            return Answer({"data": {"currency": "USD", "rates": {"BTC": "0.00001"}}})
        return Answer({"data": []})

    def _candles(self, start: int, end: int) -> Answer:
        rows = [
            {
                "start": str(t),
                **dict(zip(("open", "high", "low", "close", "volume"), map(str, row), strict=True)),
            }
            for t, row in sorted(self.candles.items(), reverse=True)
            if start <= t <= end
        ]
        return Answer({"candles": rows[-350:]})


@dataclass
class Binance:
    """Binance's interface for BTC/USDT: oldest first, `limit` a page, milliseconds, numbers as text."""

    candles: dict[int, Candle]
    fault: Callable[[int], Answer | None] = lambda page: None
    pages: int = 0
    status: str = "TRADING"

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path.endswith("/klines"):
            self.pages += 1
            return self.fault(self.pages) or self._klines(query)
        if path.endswith("/exchangeInfo"):
            return Answer({"timezone": "UTC", "serverTime": 0, "rateLimits": [], "symbols": [self._market()]})
        return Answer([])

    def _klines(self, query: dict[str, str]) -> Answer:
        start, limit = int(query.get("startTime", 0)), int(query.get("limit", 500))
        end = int(query.get("endTime", 2**60))
        rows = [
            [t * 1000, *map(str, row), t * 1000 + 1, "0", 1, "0", "0", "0"]
            for t, row in sorted(self.candles.items())
            if start <= t * 1000 <= end
        ]
        return Answer(rows[:limit])

    def _market(self) -> dict[str, Any]:
        return {
            "symbol": "BTCUSDT",
            "status": self.status,
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "isSpotTradingAllowed": self.status == "TRADING",
            "isMarginTradingAllowed": False,
            "orderTypes": ["LIMIT", "MARKET"],
            "permissions": ["SPOT"],
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
                {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
            ],
        }


@dataclass
class Kraken:
    """Kraken's interface for XBT/USD: the newest 720 candles, whatever `since` says."""

    candles: dict[int, Candle] = field(default_factory=dict)

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path.endswith("/OHLC"):
            rows = [
                [t, *map(str, row[:4]), "0.0", str(row[4]), 1]
                for t, row in sorted(self.candles.items())[-720:]
            ]
            return Answer({"error": [], "result": {"XXBTZUSD": rows, "last": rows[-1][0] if rows else 0}})
        if path.endswith("/AssetPairs"):
            return Answer({"error": [], "result": {"XXBTZUSD": _PAIR}})
        if path.endswith("/Assets"):
            assets = {name: {"aclass": "currency", "altname": alt, "decimals": 10} for name, alt in _ASSETS}
            return Answer({"error": [], "result": assets})
        return Answer({"error": [], "result": {}})


_ASSETS = (("XXBT", "XBT"), ("ZUSD", "USD"))
_PAIR = {
    "altname": "XBTUSD",
    "wsname": "XBT/USD",
    "aclass_base": "currency",
    "base": "XXBT",
    "aclass_quote": "currency",
    "quote": "ZUSD",
    "lot": "unit",
    "pair_decimals": 1,
    "lot_decimals": 8,
    "lot_multiplier": 1,
    "leverage_buy": [],
    "leverage_sell": [],
    "fees": [[0, 0.4]],
    "fees_maker": [[0, 0.25]],
    "ordermin": "0.0001",
    "costmin": "0.5",
    "tick_size": "0.1",
    "status": "online",
}
_PRODUCT = {
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
