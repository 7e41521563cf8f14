"""The yfinance feed against a server on this machine that speaks Yahoo's chart format."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
import stamina

from data_feeds.yahoo import feed as yahoo
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.request import Request
from raisecash.errors import DataError, NetworkError
from tests.support.vendors.stub_server import Answer, refused, serving, silent
from tests.support.vendors.yahoo_stub import Yahoo, yahoo_session

FEED = YahooFeed(symbol="SPY")
REQUEST = Request(start=pd.Timestamp("2024-06-18"), end=pd.Timestamp("2024-06-24"), deadline=5.0)


def at_open(day: str) -> int:
    return int(pd.Timestamp(f"{day} 09:30", tz="America/New_York").timestamp())


# Four sessions around a dividend of 2 dollars: 19 June is a holiday, the factor before the 21st is 0.98.
BARS = [
    (at_open("2024-06-18"), 100.0, 102.0, 99.0, 101.0, 101.0 * 0.98, 1000),
    (at_open("2024-06-20"), 101.0, 103.0, 100.0, 102.0, 102.0 * 0.98, 1100),
    (at_open("2024-06-21"), 100.0, 101.0, 98.0, 99.0, 99.0, 1200),
    (at_open("2024-06-24"), 99.0, 100.0, 97.0, 98.0, 98.0, 1300),
]


@pytest.fixture
def point_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Send every request of yfinance to an address here, and forget cookies and sessions afterwards."""
    from yfinance import data

    def point(base: str) -> None:
        session = yahoo_session(base)
        monkeypatch.setattr(yahoo, "new_session", lambda: session)
        monkeypatch.setattr(yahoo, "PROBE_URL", f"{base}/")

    data.SingletonMeta._instances.clear()
    stamina.set_testing(True, attempts=2)
    yield point
    stamina.set_testing(False)
    data.SingletonMeta._instances.clear()


def ask(
    stub: Yahoo, point_at: Callable[[str], None], feed: YahooFeed = FEED, request: Request = REQUEST
) -> Any:
    with serving(stub) as base:
        point_at(base)
        return feed.prices("SPY", request)


def test_prices_are_adjusted_for_dividends_unless_told_otherwise(point_at: Callable[[str], None]) -> None:
    adjusted = ask(Yahoo(BARS), point_at)
    assert list(adjusted.frame.index.astype(str)) == ["2024-06-18", "2024-06-20", "2024-06-21", "2024-06-24"]
    assert adjusted.frame.loc["2024-06-18", ["open", "high", "low", "close"]].tolist() == pytest.approx(
        [98.0, 99.96, 97.02, 98.98], rel=1e-12
    )
    assert adjusted.frame.loc["2024-06-21", "close"] == 99.0
    assert adjusted.source == "Yahoo Finance SPY, adjusted for dividends"


def test_raw_prices_on_request(point_at: Callable[[str], None]) -> None:
    raw = ask(Yahoo(BARS), point_at, feed=YahooFeed(symbol="SPY", price="raw"))
    assert raw.frame["close"].tolist() == [101.0, 102.0, 99.0, 98.0]
    assert raw.frame["volume"].tolist() == [1000, 1100, 1200, 1300]
    assert raw.source == "Yahoo Finance SPY"


def test_the_end_day_is_included(point_at: Callable[[str], None]) -> None:
    request = Request(start=pd.Timestamp("2024-06-18"), end=pd.Timestamp("2024-06-20"))
    assert len(ask(Yahoo(BARS), point_at, request=request).frame) == 2


def test_all_history_up_to_the_end_when_no_start_is_given(point_at: Callable[[str], None]) -> None:
    assert len(ask(Yahoo(BARS), point_at, request=Request(end=REQUEST.end)).frame) == 4


def test_what_is_cached_is_raw_and_adjusted_with_dividends_and_splits(
    point_at: Callable[[str], None],
) -> None:
    stub = Yahoo(BARS, dividends={BARS[2][0]: 2.0}, splits={BARS[3][0]: (2, 1)})
    with serving(stub) as base:
        point_at(base)
        kept = FEED.fetch("SPY", REQUEST)
    assert list(kept.columns) == [
        "open",
        "high",
        "low",
        "close",
        "volume",
        "adj_close",
        "dividends",
        "splits",
    ]
    assert kept["close"].tolist() == [101.0, 102.0, 99.0, 98.0]
    assert kept["adj_close"].tolist() == pytest.approx([101.0 * 0.98, 102.0 * 0.98, 99.0, 98.0])
    assert kept["dividends"].tolist() == [0.0, 0.0, 2.0, 0.0]
    assert kept["splits"].tolist() == [0.0, 0.0, 0.0, 2.0]


def test_raw_prices_come_with_their_dividends_and_adjusted_ones_without(
    point_at: Callable[[str], None],
) -> None:
    stub = Yahoo(BARS, dividends={BARS[2][0]: 2.0})
    raw = ask(stub, point_at, feed=YahooFeed(symbol="SPY", price="raw")).frame
    assert list(raw.columns) == ["open", "high", "low", "close", "volume", "dividends"]
    assert raw.loc["2024-06-21", "dividends"] == 2.0
    assert raw["dividends"].sum() == 2.0
    assert "dividends" not in ask(stub, point_at).frame.columns


def test_a_dividend_of_a_day_without_figures_is_paid_on_the_next(point_at: Callable[[str], None]) -> None:
    bars = [*BARS[:2], (BARS[2][0], None, None, None, None, None, None), BARS[3]]
    stub = Yahoo(bars, dividends={BARS[2][0]: 2.0})
    frame = ask(stub, point_at, feed=YahooFeed(symbol="SPY", price="raw", missing="drop")).frame
    assert frame["dividends"].tolist() == [0.0, 0.0, 2.0]


def test_a_dividend_in_another_currency_is_refused(point_at: Callable[[str], None]) -> None:
    stub = Yahoo(BARS, dividends={BARS[2][0]: 2.0}, paid_in="VND")
    with pytest.raises(DataError, match="prices are in USD and a dividend is in VND"):
        ask(stub, point_at)


def test_an_answer_without_adjusted_closes_is_not_taken_for_one(point_at: Callable[[str], None]) -> None:
    stub = Yahoo(BARS, has_adjusted=False)
    with pytest.raises(DataError, match=r'no adjusted closes of it; set price = "raw"'):
        ask(stub, point_at)
    raw = ask(stub, point_at, feed=YahooFeed(symbol="SPY", price="raw"))
    assert raw.frame["close"].tolist() == [101.0, 102.0, 99.0, 98.0]


def test_a_delisted_symbol_is_told_from_one_that_never_was(point_at: Callable[[str], None]) -> None:
    with pytest.raises(DataError, match=r"prices stop on 2024-06-24: SPY is delisted"):
        ask(Yahoo(BARS), point_at, request=Request(start=REQUEST.start))
    with pytest.raises(DataError, match=r"last traded on 2024-06-24 and is delisted since"):
        ask(Yahoo(BARS), point_at, request=Request(start=pd.Timestamp("2025-01-02")))
    with pytest.raises(DataError, match=r"has no symbol 'SPQ', or has removed it after its delisting"):
        ask(Yahoo(BARS), point_at, feed=YahooFeed(symbol="SPQ"))


def test_a_window_before_the_first_trade_says_when_that_was(point_at: Callable[[str], None]) -> None:
    window = Request(start=pd.Timestamp("2020-01-02"), end=pd.Timestamp("2020-02-03"))
    with pytest.raises(DataError, match=r"no prices of SPY in the window: it trades since 2024-06-18"):
        ask(Yahoo(BARS), point_at, request=window)


def test_an_answer_that_begins_late_is_cut_short(point_at: Callable[[str], None]) -> None:
    class Forgetful(Yahoo):
        def _meta(self) -> dict[str, Any]:
            return {**super()._meta(), "firstTradeDate": at_open("2020-01-02")}

    with pytest.raises(NetworkError, match=r"begins on 2024-06-18 although SPY trades since 2020-01-02"):
        ask(Forgetful(BARS), point_at, request=Request(end=REQUEST.end))


def test_a_symbol_in_small_letters_is_the_same_symbol(point_at: Callable[[str], None]) -> None:
    stub = Yahoo(BARS, has_adjusted=False)
    with pytest.raises(DataError, match="no adjusted closes"):
        ask(stub, point_at, feed=YahooFeed(symbol="spy"))


def test_cookie_and_crumb_are_sent(point_at: Callable[[str], None]) -> None:
    stub = Yahoo(BARS)
    ask(stub, point_at)
    hosts = [asked.partition("/")[0] for asked in stub.asked]
    assert "fc.yahoo.com" in hosts
    assert any(asked.endswith("/v1/test/getcrumb") for asked in stub.asked)


def test_the_running_day_is_dropped(point_at: Callable[[str], None]) -> None:
    now = pd.Timestamp.now("America/New_York")
    yesterday, today = (str((now - pd.Timedelta(days=k)).date()) for k in (1, 0))
    bars = [
        (at_open(yesterday), 1.0, 1.0, 1.0, 1.0, 1.0, 1),
        (at_open(today), 2.0, 2.0, 2.0, 2.0, 2.0, 1),
    ]
    frame = ask(Yahoo(bars), point_at, request=Request()).frame
    assert frame["close"].tolist() == [1.0]


def test_a_day_without_figures_obeys_the_missing_option(point_at: Callable[[str], None]) -> None:
    bars = [*BARS[:2], (BARS[2][0], None, None, None, None, None, None), BARS[3]]
    with pytest.raises(
        DataError, match=r'SPY: yfinance SPY: .*2024-06-21.* is missing .*missing = "carry" or "drop"'
    ):
        ask(Yahoo(bars), point_at)
    dropped = ask(Yahoo(bars), point_at, feed=YahooFeed(symbol="SPY", missing="drop"))
    assert len(dropped.frame) == 3
    assert [finding.kind for finding in dropped.findings] == ["missing"]


def test_a_signal_is_the_close_with_its_blank_days_left_out(point_at: Callable[[str], None]) -> None:
    bars = [*BARS[:2], (BARS[2][0], None, None, None, None, None, None), BARS[3]]
    with serving(Yahoo(bars, symbol="^IRX")) as base:
        point_at(base)
        signal = YahooFeed(symbol="^IRX", price="raw", lag=1).signal("IRX", REQUEST)
    assert signal.frame["value"].tolist() == [101.0, 102.0, 98.0]
    assert signal.lag == 1


@pytest.mark.parametrize(
    "fault",
    [
        Answer({"finance": {"error": "Too Many Requests"}}, status=429),
        Answer({"chart": None}, status=500),
        Answer({"chart": {"result": None, "error": {"code": "?", "description": "oops"}}}, status=503),
        Answer(body="<html>Sorry</html>", headers={"Content-Type": "text/html"}),
        Answer(body='{"chart": {"result": [{"meta": {"curr'),
        Answer(body=""),
    ],
    ids=["429", "500", "503", "html", "cut off", "empty body"],
)
def test_an_answer_that_is_none_is_a_network_error(point_at: Callable[[str], None], fault: Answer) -> None:
    with pytest.raises(NetworkError, match=r"^SPY: yfinance SPY: Yahoo Finance ") as caught:
        ask(Yahoo(BARS, fault=fault), point_at)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(
            {"chart": {"result": None, "error": {"code": "Not Found", "description": "may be delisted"}}},
            status=404,
        ),
        None,
    ],
    ids=["not found", "no rows"],
)
def test_an_unknown_symbol_or_an_empty_window_is_a_data_error(
    point_at: Callable[[str], None], fault: Answer | None
) -> None:
    with pytest.raises(DataError, match="SPY: yfinance SPY: Yahoo Finance ") as caught:
        ask(Yahoo([] if fault is None else BARS, fault=fault), point_at)
    assert not isinstance(caught.value, NetworkError)


def test_a_failure_is_raised_every_time_not_only_the_first_two(point_at: Callable[[str], None]) -> None:
    with serving(Yahoo(BARS, fault=Answer({}, status=500))) as base:
        point_at(base)
        for _ in range(4):
            with pytest.raises(NetworkError, match="HTTP 500"):
                FEED.prices("SPY", REQUEST)


def test_nothing_listening_is_known_at_once(point_at: Callable[[str], None]) -> None:
    point_at(refused())
    began = time.monotonic()
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1 cannot be reached"):
        FEED.prices("SPY", REQUEST)
    assert time.monotonic() - began < 3


def test_a_silent_network_is_given_up_within_the_probe(point_at: Callable[[str], None]) -> None:
    with silent() as base:
        point_at(base)
        began = time.monotonic()
        with pytest.raises(NetworkError, match="cannot be reached"):
            FEED.prices("SPY", REQUEST)
        assert time.monotonic() - began < 5


def test_a_vendor_that_falls_silent_is_given_up_at_the_deadline(
    point_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Yahoo(BARS)) as alive, silent() as dead:
        point_at(dead)
        monkeypatch.setattr(yahoo, "PROBE_URL", f"{alive}/")
        began = time.monotonic()
        with pytest.raises(NetworkError, match="did not answer within 1 seconds"):
            FEED.prices("SPY", Request(start=REQUEST.start, deadline=1.0))
        assert time.monotonic() - began < 4
