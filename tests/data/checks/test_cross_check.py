"""A second source: how far apart two honest ones are, and stretches that are dated a day off."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds.crypto import feed as crypto
from data_feeds.crypto.feed import CryptoFeed
from data_feeds.files import CsvFeed
from data_feeds.sample.feed import SampleFeed
from raisecash.data.checks.cross_check import day_closes
from raisecash.data.checks.shift import shifted_stretches
from raisecash.data.checks.table import check_sources
from raisecash.data.feed import Feed
from raisecash.data.history import Finding, History
from raisecash.data.load import load_market
from raisecash.data.request import Request
from raisecash.errors import DataError
from tests.support.vendors.exchange_stubs import exchange_at
from tests.support.vendors.stub_server import refused

Write = Callable[[str, str], Path]
PLANTED = (pd.Timestamp("2024-09-08"), pd.Timestamp("2025-11-03"))


def prices(folder: Path, name: str, **options: object) -> History:
    return CsvFeed(path=folder / "market" / f"{name}.csv", **options).prices(name, Request())


def values(folder: Path, name: str) -> History:
    return CsvFeed(path=folder / "market" / f"{name}.csv").signal(name, Request())


def with_shift(history: History, lag: int, first: pd.Timestamp, last: pd.Timestamp) -> History:
    """The history, each row from one day to another being that of the next row (lag 1) or the one before."""
    frame = history.frame.copy()
    inside = (frame.index >= first) & (frame.index <= last)
    frame.loc[inside] = frame.shift(-lag).loc[inside]
    return History(name=history.name, frame=frame.dropna(how="all"), source=history.source)


def by_kind(one: History, other: History, *, start: str, end: str) -> dict[str, Finding]:
    found = check_sources(one, other, start=pd.Timestamp(start), end=pd.Timestamp(end))
    return {finding.kind: finding for finding in found}


@pytest.mark.parametrize(
    ("start", "count", "median", "largest", "day"),
    [
        ("2016-01-01", 3392, 1.69e-3, 5.09e-2, "2017-12-07"),
        ("2020-01-01", 1931, 9.66e-4, 3.57e-2, "2021-05-12"),
    ],
)
def test_bitcoin_at_yahoo_and_at_coin_metrics_differ_as_the_provenance_notes_say(
    real_data: Path, start: str, count: int, median: float, largest: float, day: str
) -> None:
    found = by_kind(
        prices(real_data, "BTC-USD"),
        prices(real_data, "BTC_coinmetrics_close"),
        start=start,
        end="2025-04-14",
    )
    assert set(found) == {"differs"}
    differs = found["differs"]
    assert (differs.count, differs.last) == (count, "2025-04-14")
    said = re.search(r"by ([\d.]+)% in the median and ([\d.]+)% at most, on (\S+)", differs.message)
    assert said is not None
    assert float(said[1]) / 100 == pytest.approx(median, rel=0.01)
    assert float(said[2]) / 100 == pytest.approx(largest, rel=0.01)
    assert said[3] == day


def test_ten_year_yields_of_the_treasury_and_the_exchange_differ_as_the_provenance_notes_say(
    real_data: Path,
) -> None:
    found = by_kind(
        values(real_data, "DGS10"), values(real_data, "TNX_us10y_yahoo"), start="1999-01-04", end="2026-05-21"
    )
    assert set(found) == {"differs"}
    assert found["differs"].severity == "info"
    assert "0.009 in the median and 0.109 at most, on 2000-02-09" in found["differs"].message


TRUE_PAIRS = [
    ("BTC-USD", "BTC_coinmetrics_close"),
    ("BTC-USD", "BTCUSD_bitstamp_2014_2020"),
    ("BTC_coinmetrics_close", "BTCUSD_bitstamp_2014_2020"),
    ("SPY", "SP500TR"),
    ("SPY", "GSPC"),
    ("QQQ", "NASDAQCOM"),
]


@pytest.mark.parametrize("pair", TRUE_PAIRS, ids="/".join)
@pytest.mark.parametrize("backwards", [False, True])
def test_no_true_pair_of_prices_is_called_shifted(
    real_data: Path, pair: tuple[str, str], backwards: bool
) -> None:
    one, other = (prices(real_data, name, missing="drop") for name in (pair[::-1] if backwards else pair))
    assert "shifted" not in by_kind(one, other, start="1900-01-01", end="2100-01-01")


def test_no_pair_of_unlike_series_is_called_shifted_and_they_are_called_unlike(real_data: Path) -> None:
    spy, btc = prices(real_data, "SPY"), prices(real_data, "BTC-USD")
    found = by_kind(spy, btc, start="2016-01-01", end="2025-12-31")
    assert set(found) == {"differs"}
    assert found["differs"].severity == "error"
    assert "not the same series" in found["differs"].message
    assert (
        shifted_stretches(day_closes(values(real_data, "DGS2")), day_closes(values(real_data, "DGS10"))) == ()
    )


def test_prices_adjusted_differently_are_told_from_another_series(real_data: Path) -> None:
    found = by_kind(
        prices(real_data, "SPY"), prices(real_data, "SPY", price="raw"), start="2000-01-01", end="2025-12-31"
    )
    assert found["differs"].severity == "warning"
    assert "their moves agree" in found["differs"].message


@pytest.mark.parametrize("lag", [1, -1])
def test_a_stretch_planted_in_bitcoin_is_found_to_the_day(real_data: Path, lag: int) -> None:
    btc = prices(real_data, "BTC-USD")
    found = by_kind(with_shift(btc, lag, *PLANTED), btc, start="2016-01-01", end="2026-08-17")
    shifted = found["shifted"]
    assert (shifted.first, shifted.last, shifted.count, shifted.severity) == (
        "2024-09-08",
        "2025-11-03",
        422,
        "error",
    )
    said = "one bar later (" if lag == 1 else "one bar earlier ("
    meant = "knows each of them a bar before it happened" if lag == 1 else "dated one bar too late"
    assert said in shifted.message
    assert meant in shifted.message


@pytest.mark.parametrize("lag", [1, -1])
def test_a_stretch_is_found_against_another_source_too(real_data: Path, lag: int) -> None:
    shifted = by_kind(
        with_shift(prices(real_data, "BTC-USD"), lag, pd.Timestamp("2022-03-01"), pd.Timestamp("2022-08-31")),
        prices(real_data, "BTC_coinmetrics_close"),
        start="2020-01-01",
        end="2025-04-14",
    )["shifted"]
    assert abs((pd.Timestamp(shifted.first) - pd.Timestamp("2022-03-01")).days) <= 2
    assert abs((pd.Timestamp(shifted.last) - pd.Timestamp("2022-08-31")).days) <= 2


@pytest.mark.parametrize("lag", [1, -1])
def test_a_stretch_planted_in_yields_is_found(real_data: Path, lag: int) -> None:
    shifted = by_kind(
        with_shift(values(real_data, "DGS10"), lag, *PLANTED),
        values(real_data, "TNX_us10y_yahoo"),
        start="2016-01-01",
        end="2026-05-21",
    )["shifted"]
    assert abs((pd.Timestamp(shifted.first) - PLANTED[0]).days) <= 4
    assert abs((pd.Timestamp(shifted.last) - PLANTED[1]).days) <= 4


def test_two_stretches_are_two_findings_and_one_outside_the_window_is_none(real_data: Path) -> None:
    btc = prices(real_data, "BTC-USD")
    one = with_shift(btc, 1, pd.Timestamp("2018-01-01"), pd.Timestamp("2018-03-31"))
    two = with_shift(one, -1, pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-29"))
    found = check_sources(two, btc, start=pd.Timestamp("2017-01-01"), end=pd.Timestamp("2021-01-01"))
    assert [(f.first, f.last) for f in found if f.kind == "shifted"] == [
        ("2018-01-01", "2018-03-31"),
        ("2020-01-01", "2020-02-29"),
    ]
    found = check_sources(two, btc, start=pd.Timestamp("2019-01-01"), end=pd.Timestamp("2021-01-01"))
    assert [f.first for f in found if f.kind == "shifted"] == ["2020-01-01"]


@pytest.mark.parametrize("days", [1, -1])
def test_an_exchanges_dates_moved_by_a_calendar_day_are_found(real_data: Path, days: int) -> None:
    """Dates in the wrong zone: Monday's bar stands on Sunday, or Friday's on Saturday."""
    spy = prices(real_data, "SPY")
    moved = History(
        name="SPY", frame=spy.frame.set_axis(spy.frame.index + pd.Timedelta(days=days)), source=""
    )
    shifted = by_kind(moved, prices(real_data, "SP500TR"), start="2015-01-01", end="2020-12-31")["shifted"]
    assert ("one bar earlier" in shifted.message) == (days == 1)


def test_hourly_bars_are_compared_at_their_day_ends(real_data: Path) -> None:
    feed = CsvFeed(path=real_data / "market" / "BTCUSD_coinbase_1h.csv.gz")
    found = by_kind(
        feed.prices("BTC", Request()), prices(real_data, "BTC-USD"), start="2017-07-01", end="2019-10-17"
    )
    assert set(found) == {"differs"}
    # 1 July 2017 to 16 October 2019: of the 17th there are only the hours until 9.
    assert (found["differs"].count, found["differs"].last) == (838, "2019-10-16")


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    begin=st.integers(30, 200),
    length=st.integers(25, 150),
    lag=st.sampled_from([1, -1]),
)
def test_a_planted_stretch_is_the_only_one_found_and_to_the_bar(
    seed: int, begin: int, length: int, lag: int
) -> None:
    days = pd.date_range("2020-01-01", periods=400)
    twin = pd.Series(np.cumsum(np.random.default_rng(seed).normal(0, 0.03, 400)), index=days)
    series = twin.copy()
    series.iloc[begin : begin + length] = twin.shift(-lag).iloc[begin : begin + length]
    (found,) = shifted_stretches(series, twin)
    assert found.lag == lag
    # A bar that hardly moved belongs to either side.
    assert abs((found.first - days[begin]).days) <= 3
    assert abs((found.last - days[begin + length - 1]).days) <= 3
    assert shifted_stretches(twin, twin) == ()
    scaled = shifted_stretches(series + 5.0, twin)  # another unit: a constant between logs
    assert [(s.first, s.last) for s in scaled] == [(found.first, found.last)]


def test_twins_that_stand_still_or_hardly_meet_say_nothing_of_a_shift() -> None:
    days = pd.date_range("2024-01-01", periods=60)
    flat = pd.Series(1.0, index=days)
    assert shifted_stretches(flat, flat) == ()
    assert shifted_stretches(flat.iloc[:5], flat) == ()
    frame = pd.DataFrame({"value": 1.0}, index=days)
    one = History(name="X", frame=frame.iloc[:5], source="a")
    found = by_kind(one, History(name="X", frame=frame, source="b"), start="2024-01-01", end="2024-03-01")
    assert set(found) == {"unchecked"}
    assert "5 days in common" in found["unchecked"].message


def table(series: pd.Series) -> str:
    return "Date,Close\n" + "".join(f"{day.date()},{value}\n" for day, value in series.items())


WALK = pd.Series(
    100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, 200))),
    index=pd.date_range("2024-01-01", periods=200),
)


def test_a_whole_market_reports_what_its_second_sources_say(write: Write) -> None:
    shifted = WALK.copy()
    shifted.iloc[100:150] = WALK.shift(-1).iloc[100:150]
    twin = CsvFeed(path=write("twin.csv", table(WALK)))
    loaded = load_market(
        {"X": CsvFeed(path=write("x.csv", table(shifted)), cross_check=twin)},
        {"S": CsvFeed(path=write("s.csv", table(WALK)), cross_check=twin)},
    )
    found = {(f.series, f.kind): f for f in loaded.findings}
    assert set(found) == {("X", "shifted"), ("X", "differs"), ("S", "differs")}
    assert found["X", "shifted"].count == 50
    assert [h.name for h in loaded.histories] == ["X", "S", "X (cross_check)", "S (cross_check)"]


def test_a_twin_that_cannot_be_reached_is_a_finding(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    base = refused()
    monkeypatch.setattr(
        crypto, "new_exchange", lambda name, *, timeout: exchange_at(base, name, timeout=timeout)
    )
    twin = CryptoFeed(exchange="coinbase", symbol="BTC/USD")
    feed = CsvFeed(path=write("x.csv", table(WALK)), cross_check=twin)
    for offline in (False, True):
        (finding,) = load_market({"X": feed}, offline=offline).findings
        assert (finding.series, finding.kind, finding.severity) == ("X", "unchecked", "warning")
        assert "ccxt coinbase BTC/USD" in finding.message


def test_a_twin_that_is_a_missing_file_is_an_error(write: Write) -> None:
    feed = CsvFeed(path=write("x.csv", table(WALK)), cross_check=CsvFeed(path=Path("absent.csv")))
    with pytest.raises(DataError, match=r"X \(cross_check\): absent\.csv: no such file"):
        load_market({"X": feed})


def test_in_a_folder_the_twin_is_looked_up_by_its_symbol_and_never_the_same_file(
    write: Write, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/BTC-USD.csv", "data/ETH-USD.csv"):
        write(name, table(WALK))

    def kinds(symbol: str) -> list[str]:
        twin = CryptoFeed(exchange="coinbase", symbol=symbol)
        feed: Feed = CryptoFeed(exchange="kraken", symbol="BTC/USD", cross_check=twin)
        loaded = load_market({"BTC": feed}, data_dir=tmp_path / "data", offline=True)
        return [finding.kind for finding in loaded.findings]

    assert kinds("ETH/USD") == ["differs"]
    assert kinds("BTC/USD") == ["unchecked"]


def test_a_second_source_of_something_else_is_an_error_of_the_data(write: Write) -> None:
    twin = CsvFeed(path=write("twin.csv", table(WALK)))
    feed = SampleFeed(series="BTC", cross_check=twin)
    found = load_market({"BTC": feed}, start=pd.Timestamp("2024-01-01")).findings
    assert [(f.kind, f.severity) for f in found] == [("differs", "error")]
