"""From feeds to a market: names, folders, findings, and the fallback when nothing answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_feeds.crypto import feed as crypto
from data_feeds.crypto.feed import CryptoFeed
from data_feeds.files import CsvFeed
from data_feeds.sample.feed import SampleFeed
from data_feeds.yahoo import feed as yahoo
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.feed import Feed
from raisecash.data.load import Loaded, load_market
from raisecash.data.reading import Sources
from raisecash.errors import ConfigError, DataError, NetworkError
from tests.support.vendors.exchange_stubs import exchange_at
from tests.support.vendors.stub_server import refused, serving, silent
from tests.support.vendors.yahoo_stub import Yahoo, yahoo_session

Write = Callable[[str, str], Path]
LIVE: dict[str, Feed] = {
    "BTC": CryptoFeed(exchange="coinbase", symbol="BTC/USD"),
    "SPY": YahooFeed(symbol="SPY"),
}
SAMPLE = Sources({"BTC": SampleFeed(series="BTC"), "SPY": SampleFeed(series="SP500")}, {}, 0.0)


@pytest.fixture
def vendors_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Move both vendors to an address on this machine."""

    def point(base: str) -> None:
        session = yahoo_session(base)
        monkeypatch.setattr(yahoo, "new_session", lambda: session)
        monkeypatch.setattr(yahoo, "PROBE_URL", f"{base}/")
        monkeypatch.setattr(
            crypto, "new_exchange", lambda name, *, timeout: exchange_at(base, name, timeout=timeout)
        )

    return point


def test_no_network_means_the_whole_fallback_within_five_seconds(vendors_at: Callable[[str], None]) -> None:
    vendors_at(refused())
    told: list[str] = []
    began = time.monotonic()
    loaded = load_market(LIVE, fallback=SAMPLE, progress=told.append)
    assert time.monotonic() - began < 5
    assert loaded.is_fallback
    assert [history.source.partition(",")[0] for history in loaded.histories] == ["offline sample"] * 2
    assert loaded.notes[0].startswith("No live data: ")
    assert "BTC from sample BTC (not ccxt coinbase BTC/USD)" in loaded.notes[0]
    assert "SPY from sample SP500 (not yfinance SPY)" in loaded.notes[0]
    assert loaded.notes[0] in told
    assert any("pays no dividends" in note for note in loaded.notes)


def test_a_silent_network_means_the_fallback_within_five_seconds(vendors_at: Callable[[str], None]) -> None:
    with silent() as base:
        vendors_at(base)
        began = time.monotonic()
        loaded = load_market(LIVE, fallback=SAMPLE)
        assert time.monotonic() - began < 5
    assert loaded.is_fallback


def test_one_reachable_vendor_is_never_mixed_with_the_fallback(
    vendors_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = [
        int(day.timestamp()) + 52_200
        for day in pd.bdate_range(end=pd.Timestamp.now().normalize(), periods=40)
    ]
    with serving(Yahoo([(stamp, 1.0, 1.0, 1.0, 1.0, 1.0, 1) for stamp in stamps])) as alive:
        vendors_at(alive)
        dead = refused()
        monkeypatch.setattr(
            crypto, "new_exchange", lambda name, *, timeout: exchange_at(dead, name, timeout=timeout)
        )
        loaded = load_market(LIVE, fallback=SAMPLE)
    assert all("sample" in history.source for history in loaded.histories)


def test_a_window_beyond_the_fallback_is_cut_and_the_note_says_so(vendors_at: Callable[[str], None]) -> None:
    vendors_at(refused())
    window = {"start": pd.Timestamp("2016-01-01"), "end": pd.Timestamp("2025-12-31")}
    loaded = load_market(LIVE, fallback=SAMPLE, **window)
    assert loaded.market.bars[0] == window["start"]
    assert loaded.market.bars[-1] == pd.Timestamp("2022-12-28")
    assert loaded.notes[1] == "The window ends 2022-12-28, with the fallback's SPY, not 2025-12-31."


def test_a_window_the_fallback_has_nothing_of_is_an_error(vendors_at: Callable[[str], None]) -> None:
    vendors_at(refused())
    with pytest.raises(DataError, match="the offline fallback cannot stand in: market: nothing left"):
        load_market(LIVE, fallback=SAMPLE, start=pd.Timestamp("2023-06-01"))


def test_without_a_fallback_the_unreachable_series_is_named(vendors_at: Callable[[str], None]) -> None:
    vendors_at(refused())
    with pytest.raises(NetworkError, match=r"(BTC|SPY): .* cannot be reached"):
        load_market(LIVE)


def test_offline_uses_the_fallback_without_touching_the_network() -> None:
    loaded = load_market(LIVE, fallback=SAMPLE, offline=True)
    assert loaded.is_fallback
    assert "offline and nothing cached" in loaded.notes[0]


def test_a_symbol_that_does_not_exist_is_no_reason_to_fall_back(vendors_at: Callable[[str], None]) -> None:
    with serving(Yahoo([])) as base:
        vendors_at(base)
        with pytest.raises(DataError, match="no symbol 'SPYY'"):
            load_market(
                {"SPY": YahooFeed(symbol="SPYY")}, fallback=Sources({"SPY": SAMPLE.assets["SPY"]}, {}, 0.0)
            )


def test_a_fallback_must_stand_in_for_every_asset() -> None:
    with pytest.raises(ConfigError, match="its assets must be BTC, SPY, got BTC"):
        load_market(LIVE, fallback=Sources({"BTC": SAMPLE.assets["BTC"]}, {}, 0.0), offline=True)


def test_a_folder_of_files_serves_a_whole_live_config(real_data: Path) -> None:
    loaded = load_market(
        LIVE,
        {"UST10Y": YahooFeed(symbol="^DGS10", lag=1)},
        cash_yield=YahooFeed(symbol="^IRX", price="raw"),
        events=real_data / "events" / "events.csv",
        start=pd.Timestamp("2016-01-01"),
        end=pd.Timestamp("2025-12-31"),
        data_dir=real_data / "market",
        offline=True,
    )
    assert not loaded.is_fallback
    assert [history.name for history in loaded.histories] == ["BTC", "SPY", "UST10Y", "cash_yield"]
    market = loaded.market
    assert (len(market.bars), market.periods_per_year) == (3653, 365)
    assert market.close["SPY"].count() == 2514
    # DGS10 of 28 May 2025 was 4.47 and is seen the business day after; ^IRX is seen on its day.
    assert market.signals.loc["2025-05-29", "UST10Y"] == 4.47
    assert market.cash_yield["2025-05-28"] == pytest.approx(0.0422, abs=0.0003)
    assert len(market.events) == 543
    assert [(f.series, f.kind) for f in loaded.findings] == [("BTC", "outlier")]


@pytest.mark.parametrize(
    ("assets", "signals", "said"),
    [
        ({}, {}, "no assets"),
        (SAMPLE.assets, {"SPY": SAMPLE.assets["SPY"]}, "SPY is both an asset and a signal"),
        ({"cash": SAMPLE.assets["BTC"]}, {}, "can be called 'cash'"),
        ({"BTC": SampleFeed(series="BTC", lag=1)}, {}, "BTC: lag says when a signal's value is known"),
        ({"BTC": SampleFeed(series="BTC", unit="percent")}, {}, "BTC: unit says how a yield is quoted"),
    ],
)
def test_names_and_options_that_cannot_be_meant_are_errors(
    assets: dict[str, Feed], signals: dict[str, Feed], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_market(assets, signals)


def test_findings_of_reading_and_of_checking_are_both_there(write: Write) -> None:
    days = [str(day.date()) for day in pd.date_range("2024-01-01", "2024-02-15") if day.day != 20]
    rows = [f"{day},{'' if i == 5 else 100 + i % 7}" for i, day in enumerate(days)]
    path = write("x.csv", "Date,Close\n" + "\n".join(rows) + "\n")
    loaded = load_market({"X": CsvFeed(path=path, missing="drop")})
    assert sorted(finding.kind for finding in loaded.findings) == ["gap", "missing"]
    gap = next(finding for finding in loaded.findings if finding.kind == "gap")
    assert gap.count == 2  # the day left out and the one never there


def test_progress_is_told_from_the_calling_thread_in_plain_sentences() -> None:
    told: list[str] = []
    load_market({"BTC": SAMPLE.assets["BTC"]}, progress=told.append)
    assert told == [
        "BTC: 5,385 rows, 2010-07-18 to 2025-04-14, offline sample, Bitcoin daily reference rate by Coin Metrics"
    ]


SPY_WEEK = "Date,Open,High,Low,Close,Volume\n" + "".join(
    f"2024-07-{day:02},100,101,99,{100 + day},10\n" for day in (1, 2, 5, 8)
)  # without Wednesday the 3rd; Thursday the 4th is a holiday


def test_a_session_missing_in_the_folder_is_judged_by_the_feeds_calendar_and_policy(
    write: Write, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    write("data/SPY.csv", SPY_WEEK)

    def load(**options: Any) -> Loaded:
        return load_market({"SPY": YahooFeed(symbol="SPY", **options)}, data_dir=tmp_path / "data")

    with pytest.raises(
        DataError, match=r"1 session of XNYS missing on 2024-07-03; refetch with .* --refresh"
    ):
        load()
    carried = load(missing="carry")
    assert carried.market.close["SPY"].tolist() == [101, 102, 102, 105, 108]
    assert carried.market.volume["SPY"].tolist() == [10, 10, 0, 10, 10]
    assert [f.kind for f in carried.findings if f.kind == "missing"] == ["missing"]
    # What was delivered is what the manifest pins, not what was made of it.
    assert len(carried.histories[0].frame) == 4
    dropped = load(missing="drop")
    assert dropped.market.close["SPY"].tolist() == [101, 102, 105, 108]
    assert [f.kind for f in dropped.findings if f.kind == "missing"] == ["missing"]


def test_raw_prices_pay_their_dividends_into_the_market(write: Write) -> None:
    path = write("x.csv", "Date,Close,Dividends\n2024-07-01,10,\n2024-07-02,9.5,0.5\n2024-07-03,9.6,0\n")
    other = write("y.csv", "Date,Close\n2024-07-01,1\n2024-07-03,1\n")
    market = load_market({"X": CsvFeed(path=path, price="raw"), "Y": CsvFeed(path=other)}).market
    assert market.dividends["X"].tolist() == [0, 0.5, 0]
    assert market.dividends["Y"].tolist() == [0, 0, 0]
    on_y = load_market({"X": CsvFeed(path=path, price="raw"), "Y": CsvFeed(path=other)}, clock="Y").market
    assert on_y.dividends["X"].tolist() == [0, 0.5]
