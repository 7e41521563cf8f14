"""The ccxt feed against a server on this machine that speaks Coinbase's format."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from feed_stubs import DAY, Answer, Coinbase, exchange_at, refused, serving, silent

from data_feeds import crypto
from data_feeds.crypto import CryptoFeed
from data_feeds.errors import ConfigError, DataError, NetworkError
from data_feeds.feed import Request
from data_feeds.registry import parse_feed

FEED = CryptoFeed(exchange="coinbase", symbol="BTC/USD")
START = pd.Timestamp("2020-01-01")
FIRST = int(START.timestamp())
NOW = FIRST + 800 * DAY + 3600  # an hour into the 801st day


def candle(day: int) -> tuple[float, float, float, float, float]:
    return (100.0 + day, 110.5 + day, 90.25 + day, 105.125 + day, 7.0 + day)


def history(days: int = 801) -> dict[int, tuple[float, float, float, float, float]]:
    return {FIRST + day * DAY: candle(day) for day in range(days)}


@pytest.fixture(autouse=True)
def frozen_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_now", lambda: NOW * 1000)


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


HTML = Answer(body="<html>Sorry, blocked</html>", headers={"Content-Type": "text/html"})


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (HTML, "Sorry, blocked"),
        (Answer(body=""), "no candles"),
        (Answer(body='{"candles": [{"start": "15778'), "no candles"),
        (Answer({}), "no candles"),
        (Answer(None), "no candles"),
        (Answer({"error": "slow down"}, status=429), "no usable answer"),
        (Answer({"error": "oops"}, status=500), "no usable answer"),
        (Answer({"candles": [None]}), "older or broken"),
        (Answer({"candles": [{"start": None, "close": "1"}]}), "older or broken"),
    ],
)
def test_a_broken_page_is_an_error_and_not_an_empty_history(
    point_at: Callable[[str], None], fault: Answer, said: str
) -> None:
    with pytest.raises(NetworkError, match="BTC: ccxt coinbase BTC/USD: ") as caught:
        fetch(Coinbase(history(), fault=lambda page: fault if page == 2 else None), point_at)
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
