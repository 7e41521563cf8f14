"""The ccxt feed against a server on this machine that speaks Coinbase's format."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_feeds.crypto import candles
from data_feeds.crypto import feed as crypto
from data_feeds.crypto.feed import CryptoFeed
from raisecash.data.checks.table import check_prices
from raisecash.data.load import load_market
from raisecash.data.registry import parse_feed
from raisecash.data.request import Request
from raisecash.errors import ConfigError, DataError, NetworkError
from tests.support.vendors.daily_candles import FIRST, NOW, START, candle, history
from tests.support.vendors.exchange_stubs import DAY, Binance, Coinbase, exchange_at
from tests.support.vendors.stub_server import Answer, refused, serving, silent

pytestmark = pytest.mark.usefixtures("frozen_now")


FEED = CryptoFeed(exchange="coinbase", symbol="BTC/USD")


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def point(base: str) -> None:
        monkeypatch.setattr(
            crypto, "new_exchange", lambda name, *, timeout: exchange_at(base, name, timeout=timeout)
        )

    return point


def fetch(stub: Any, point_at: Callable[[str], None], **request: Any) -> pd.DataFrame:
    with serving(stub) as base:
        point_at(base)
        return FEED.prices("BTC", Request(start=START, **request)).frame


def test_every_page_is_fetched_and_the_running_candle_dropped(point_at: Callable[[str], None]) -> None:
    stub = Coinbase(history())
    frame = fetch(stub, point_at)
    assert stub.pages >= 3
    assert list(frame.index) == list(pd.date_range(START, periods=800))  # day 801 is still running
    assert list(frame.columns) == ["open", "high", "low", "close", "volume"]
    assert frame.iloc[437].tolist() == list(candle(437))


def test_an_end_stops_the_paging(point_at: Callable[[str], None]) -> None:
    frame = fetch(Coinbase(history()), point_at, end=pd.Timestamp("2020-01-31"))
    assert (frame.index[0], frame.index[-1]) == (START, pd.Timestamp("2020-01-31"))


def test_empty_pages_before_the_listing_are_walked_over(point_at: Callable[[str], None]) -> None:
    listed = {time_: row for time_, row in history().items() if time_ >= FIRST + 700 * DAY}
    frame = fetch(Coinbase(listed), point_at)
    assert frame.index[0] == START + pd.Timedelta(days=700)
    assert len(frame) == 100


def test_a_gap_stays_a_gap(point_at: Callable[[str], None]) -> None:
    holed = history()
    del holed[FIRST + 10 * DAY], holed[FIRST + 299 * DAY]
    frame = fetch(Coinbase(holed), point_at)
    assert len(frame) == 798
    assert pd.Timestamp("2020-01-11") not in frame.index


def test_intraday_signal_is_known_when_its_candle_ends(point_at: Callable[[str], None]) -> None:
    hours = {NOW - 3600 * k - NOW % 3600: candle(k) for k in range(5)}
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", timeframe="1h")
    with serving(Coinbase(hours)) as base:
        point_at(base)
        values = feed.signal("BTC1H", Request(start=pd.Timestamp(NOW - 6 * 3600, unit="s"))).frame["value"]
    last_finished = pd.Timestamp(NOW - NOW % 3600 - 3600, unit="s")
    assert values.index[-1] == last_finished + pd.Timedelta(hours=1)
    assert values.iloc[-1] == candle(1)[3]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer({}), "no candles"),
        (Answer(None), "no candles"),
        (Answer(body='{"candles": [{"start": "15778'), "no candles"),
        (Answer({"candles": [None]}), "older or broken"),
        (Answer({"candles": [{"start": None, "close": "1"}]}), "older or broken"),
    ],
)
def test_a_broken_page_is_an_error_and_not_an_empty_history(
    point_at: Callable[[str], None], fault: Answer, said: str
) -> None:
    with pytest.raises(NetworkError, match="BTC: ccxt coinbase BTC/USD: ") as caught:
        fetch(Coinbase(history(), fault=lambda page: fault if page >= 2 else None), point_at)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pages_without_any_candle_are_an_error(point_at: Callable[[str], None]) -> None:
    with pytest.raises(DataError, match="no finished candle"):
        fetch(Coinbase({}), point_at)


def test_a_page_repeated_for_ever_is_an_error(point_at: Callable[[str], None]) -> None:
    first_page = Coinbase(history())._candles(FIRST, FIRST + 299 * DAY)
    with pytest.raises(NetworkError, match="older or broken ones"):
        fetch(Coinbase(history(), fault=lambda page: first_page), point_at)


def test_repeated_and_unordered_candles_within_a_page_are_put_in_order(
    point_at: Callable[[str], None],
) -> None:
    rows = Coinbase(history())._candles(FIRST, FIRST + 299 * DAY).payload["candles"]
    shuffled = Answer({"candles": rows[100:] + rows[:150]})
    frame = fetch(Coinbase(history(), fault=lambda page: shuffled if page == 1 else None), point_at)
    assert frame.index.is_monotonic_increasing
    assert len(frame) == 800


def test_a_candle_without_a_close_obeys_the_missing_option(point_at: Callable[[str], None]) -> None:
    rows = Coinbase(history())._candles(FIRST, FIRST + 299 * DAY).payload["candles"]
    rows = [{**row, "close": None} if row["start"] == str(FIRST + 5 * DAY) else row for row in rows]
    stub = Coinbase(history(), fault=lambda page: Answer({"candles": rows}) if page == 1 else None)
    with pytest.raises(DataError, match=r'2020-01-06\): close is missing .* missing = "carry" or "drop"'):
        fetch(stub, point_at)


def test_an_exchange_that_keeps_only_its_newest_candles_is_refused(point_at: Callable[[str], None]) -> None:
    newest = Coinbase(history())._candles(NOW - 300 * DAY, NOW)
    with pytest.raises(DataError, match="keeps no older ones; start later, or name another exchange"):
        fetch(Coinbase(history(), fault=lambda page: newest), point_at)


def test_an_unknown_market_is_named(point_at: Callable[[str], None]) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USX")
    with serving(Coinbase(history())) as base:
        point_at(base)
        with pytest.raises(DataError, match="no market 'BTC/USX'; did you mean 'BTC/USD'") as caught:
            feed.prices("BTC", Request())
    assert not isinstance(caught.value, NetworkError)


def test_nothing_listening_is_known_at_once(point_at: Callable[[str], None]) -> None:
    point_at(refused())
    began = time.monotonic()
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1 cannot be reached"):
        FEED.prices("BTC", Request(start=START))
    assert time.monotonic() - began < 3


def test_a_silent_server_is_given_up_within_the_probe(point_at: Callable[[str], None]) -> None:
    with silent() as base:
        point_at(base)
        began = time.monotonic()
        with pytest.raises(NetworkError, match=r"no answer within 3 seconds|timed out"):
            FEED.prices("BTC", Request(start=START))
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"exchange": "coinbse", "symbol": "BTC/USD"}, "did you mean 'coinbase'"),
        ({"exchange": "coinbase", "symbol": "BTCUSD"}, "base/quote"),
        ({"exchange": "coinbase", "symbol": "BTC/USD", "timeframe": "2w"}, "timeframe must be '1m'"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_asking(options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: BTC: ") as caught:
        parse_feed({"feed": "ccxt", **options}, where="x.toml: BTC", base_dir=Path())
    assert said in str(caught.value)


BINANCE = CryptoFeed(exchange="binance", symbol="BTC/USDT")


@pytest.mark.parametrize(
    ("timeframe", "seconds"), [("1m", 60), ("5m", 300), ("15m", 900), ("1h", 3600), ("4h", 14_400)]
)
def test_every_page_of_every_timeframe(point_at: Callable[[str], None], timeframe: str, seconds: int) -> None:
    first = NOW - NOW % seconds - 2400 * seconds
    stub = Binance({first + i * seconds: candle(i) for i in range(2401)})
    feed = CryptoFeed(exchange="binance", symbol="BTC/USDT", timeframe=timeframe)
    with serving(stub) as base:
        point_at(base)
        frame = feed.fetch("BTC", Request(start=pd.Timestamp(first, unit="s")))
    assert len(frame) == 2400  # the last is still running
    assert (pd.Series(frame.index).diff().dropna() == pd.Timedelta(seconds=seconds)).all()
    assert frame["close"].tolist() == [candle(i)[3] for i in range(2400)]
    assert stub.pages >= 3


def test_short_pages_end_nothing(point_at: Callable[[str], None]) -> None:
    class Short(Binance):
        def _klines(self, query: dict[str, str]) -> Answer:
            return Answer(super()._klines(query).payload[:7])

    stub = Short({FIRST + day * DAY: candle(day) for day in range(801)})
    with serving(stub) as base:
        point_at(base)
        assert len(BINANCE.fetch("BTC", Request(start=pd.Timestamp("2022-01-01")))) == 800 - 731


def test_a_gap_is_a_finding_with_its_place_and_size(point_at: Callable[[str], None]) -> None:
    holed = history()
    for day in (100, 101, 102, 400):
        del holed[FIRST + day * DAY]
    with serving(Coinbase(holed)) as base:
        point_at(base)
        read = FEED.prices("BTC", Request(start=START))
    (gap,) = [finding for finding in check_prices(read) if finding.kind == "gap"]
    assert gap.count == 4
    assert gap.message.startswith("BTC: 4 ")
    assert "2020-04-09" in gap.message  # the last candle before the widest gap


def test_the_exchange_sets_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    stub = Coinbase(history())

    def watched(path: str, query: dict[str, str], host: str) -> Answer:
        asked.append(time.monotonic())
        return stub(path, query, host)

    def paced(name: str, *, timeout: float) -> Any:
        exchange = exchange_at(base, name, timeout=timeout)
        exchange.rateLimit = 120
        exchange.tokenBucket = None
        exchange.init_throttler()
        return exchange

    with serving(watched) as base:
        monkeypatch.setattr(crypto, "new_exchange", paced)
        FEED.fetch("BTC", Request(start=START))
    pauses = [later - earlier for earlier, later in zip(asked[-3:], asked[-2:], strict=False)]
    assert min(pauses) > 0.1


def test_a_long_download_tells_how_far_it_is(
    point_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candles, "NEWS_EVERY", 0.0)
    told: list[str] = []
    with serving(Coinbase(history())) as base:
        point_at(base)
        FEED.fetch("BTC", Request(start=START, progress=told.append))
    assert told[0].startswith("BTC: coinbase BTC/USD: ")
    assert "candles, to 2020-" in told[0]


def test_news_of_a_long_download_reaches_the_caller_in_its_own_thread(
    point_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candles, "NEWS_EVERY", 0.0)
    told: list[tuple[str, threading.Thread]] = []
    with serving(Coinbase(history())) as base:
        point_at(base)
        load_market(
            {"BTC": FEED}, start=START, progress=lambda news: told.append((news, threading.current_thread()))
        )
    assert any("candles, to 2020-" in news for news, _ in told)
    assert {thread for _, thread in told} == {threading.current_thread()}


def test_a_delisted_market_is_named(point_at: Callable[[str], None]) -> None:
    dead = {FIRST + day * DAY: candle(day) for day in range(300)}
    with serving(Binance(dead, status="BREAK")) as base:
        point_at(base)
        with pytest.raises(
            DataError, match=r"candles stop on 2020-10-26; it has delisted BTC/USDT"
        ) as caught:
            BINANCE.prices("BTC", Request(start=START))
        ended = BINANCE.prices("BTC", Request(start=START, end=pd.Timestamp("2020-10-26")))
    assert not isinstance(caught.value, NetworkError)
    assert len(ended.frame) == 300


SECOND = {"exchange": "binance", "symbol": "BTC/USDT"}


def two_exchanges(monkeypatch: pytest.MonkeyPatch, addresses: dict[str, str]) -> None:
    monkeypatch.setattr(
        crypto,
        "new_exchange",
        lambda name, *, timeout: exchange_at(addresses[name], name, timeout=timeout),
    )


def test_a_signal_need_not_cover_the_long_time_it_is_asked_for_before_its_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    late = {t: row for t, row in history().items() if t >= FIRST + 50 * DAY}
    with serving(Coinbase(late)) as base:
        two_exchanges(monkeypatch, {"coinbase": base, "binance": refused()})
        assert feed.signal("BTC", Request(start=START, run_up=pd.Timedelta(days=400))).findings == ()


def test_two_exchanges_that_both_fail_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", fallback=crypto.SecondExchange(**SECOND))
    two_exchanges(monkeypatch, {"coinbase": refused(), "binance": refused()})
    with pytest.raises(NetworkError, match=r"ccxt coinbase .* and the fallback: .* ccxt binance"):
        feed.prices("BTC", Request(start=START))
