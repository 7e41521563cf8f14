"""The second exchange of a crypto series: asked as a whole where the first fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_feeds.crypto import feed as crypto
from data_feeds.crypto.feed import CryptoFeed
from raisecash.data.registry import parse_feed
from raisecash.data.request import Request
from raisecash.errors import ConfigError, DataError
from tests.support.vendors.daily_candles import FIRST, START, history
from tests.support.vendors.exchange_stubs import DAY, Binance, Coinbase, Kraken, exchange_at
from tests.support.vendors.stub_server import refused, serving

pytestmark = pytest.mark.usefixtures("frozen_now")


SECOND = {"exchange": "binance", "symbol": "BTC/USDT"}


def two_exchanges(monkeypatch: pytest.MonkeyPatch, addresses: dict[str, str]) -> None:
    monkeypatch.setattr(
        crypto,
        "new_exchange",
        lambda name, *, timeout: exchange_at(addresses[name], name, timeout=timeout),
    )


def dearer(candles_: dict[int, Any]) -> dict[int, Any]:
    return {time_: tuple(figure + 1000 for figure in row) for time_, row in candles_.items()}


@pytest.mark.parametrize("read", ["prices", "signal"])
def test_the_fallback_is_used_as_a_whole_where_the_first_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    with serving(Binance(dearer(history()))) as alive:
        two_exchanges(monkeypatch, {"coinbase": refused(), "binance": alive})
        got = getattr(feed, read)("BTC", Request(start=START))
    column = "close" if read == "prices" else "value"
    assert (got.frame[column] > 1000).all()
    assert len(got.frame) == 800
    assert got.source == "binance BTC/USDT"
    (finding,) = got.findings
    assert finding.kind == "fallback"
    assert "every price is binance BTC/USDT's" in finding.message
    assert "cannot be reached" in finding.message


def test_the_fallback_is_used_as_a_whole_where_the_first_does_not_cover(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = CryptoFeed(exchange="kraken", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    with serving(Kraken(history())) as short, serving(Binance(dearer(history()))) as long:
        two_exchanges(monkeypatch, {"kraken": short, "binance": long})
        got = feed.prices("BTC", Request(start=START))
        late = {t: row for t, row in history().items() if t >= FIRST + 50 * DAY}
        with serving(Coinbase(late)) as later:
            two_exchanges(monkeypatch, {"coinbase": later, "binance": long})
            other = CryptoFeed(
                exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND)
            )
            also = other.prices("BTC", Request(start=START))
    for history_ in (got, also):
        assert (history_.frame["close"] > 1000).all()
        assert history_.frame.index[0] == START
    assert "keeps no older ones" in got.findings[0].message
    assert "coinbase BTC/USD begins on 2020-02-20" in also.findings[0].message


def test_a_first_exchange_that_covers_needs_no_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    with serving(Coinbase(history())) as base:
        two_exchanges(monkeypatch, {"coinbase": base, "binance": refused()})
        got = feed.prices("BTC", Request(start=START))
    assert got.findings == ()
    assert got.source == "coinbase BTC/USD"


def test_a_fallback_that_does_no_better_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    late = {t: row for t, row in history().items() if t >= FIRST + 50 * DAY}
    with serving(Coinbase(late)) as base:
        two_exchanges(monkeypatch, {"coinbase": base, "binance": refused()})
        got = feed.prices("BTC", Request(start=START))
    assert (got.frame["close"] < 1000).all()
    assert "the fallback does no better" in got.findings[0].message


def test_an_unknown_market_is_no_reason_for_the_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTX/USD", fallback=crypto.SecondExchange(**SECOND))
    with serving(Coinbase(history())) as base:
        two_exchanges(monkeypatch, {"coinbase": base, "binance": base})
        with pytest.raises(DataError, match="no market 'BTX/USD'"):
            feed.prices("BTC", Request(start=START))


def test_a_config_names_the_fallback() -> None:
    table = {"feed": "ccxt", "exchange": "kraken", "symbol": "BTC/USD", "fallback": SECOND}
    feed = parse_feed(table, where="x.toml: BTC", base_dir=Path())
    assert feed == CryptoFeed(exchange="kraken", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    wrong = {**table, "fallback": {"exchange": "binanc", "symbol": "BTCUSDT"}}
    with pytest.raises(ConfigError) as caught:
        parse_feed(wrong, where="x.toml: BTC", base_dir=Path())
    assert "fallback.exchange must be an exchange of ccxt; did you mean 'binance'" in str(caught.value)
    assert "fallback.symbol must be written as base/quote" in str(caught.value)
