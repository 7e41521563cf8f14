"""When each kind of value can be seen: the table of docs/time.md, on the days around 28 May 2025."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.config.model import load_config
from raisecash.data.align import align, known_from
from raisecash.data.calendars.sessions import day_ends, local_days
from raisecash.data.events import load_events
from raisecash.data.history import History
from raisecash.data.market import Market
from raisecash.data.request import Request
from raisecash.study.market import market_of
from raisecash.study.progress import Silent

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images"
EVENTS = """event_id,category,event_date,announced_on
jgb40,jgb_auction,2025-05-28,2025-03-10
fomc,central_bank,2025-06-18,2024-08-09
surprise,policy,2025-06-02,2025-05-29
"""


def quoted(folder: Path, name: str, day: str, column: str = "Close") -> float:
    """Return a figure of a file, read without the feeds' code."""
    with (folder / "market" / f"{name}.csv").open(newline="") as file:
        return next(float(row[column]) for row in csv.DictReader(file) if row["Date"] == day)


def history(folder: Path, name: str, *, lag: int | None = None) -> History:
    feed = CsvFeed(path=folder / "market" / f"{name}.csv", lag=lag)
    return feed.prices(name, Request()) if lag is None else feed.signal(name, Request())


@pytest.fixture
def market(price_data: Path, tmp_path: Path) -> Market:
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    return align(
        [history(price_data, "BTC-USD"), history(price_data, "SPY")],
        [history(price_data, "JGB10Y", lag=1), history(price_data, "DGS10", lag=1)],
        cash_yield=history(price_data, "IRX", lag=0),
        events=load_events(tmp_path / "events.csv"),
        start=pd.Timestamp("2025-05-01"),
        end=pd.Timestamp("2025-06-30"),
    )


def test_the_closes_of_new_york_and_of_bitcoins_utc_day_are_in_the_row_of_their_own_date(
    market: Market, price_data: Path
) -> None:
    past = market.until("2025-05-28")
    assert past.bars[-1] == pd.Timestamp("2025-05-28")
    assert past.close["BTC-USD"].iloc[-1] == quoted(price_data, "BTC-USD", "2025-05-28")
    assert past.close["SPY"].iloc[-1] == quoted(price_data, "SPY", "2025-05-28", "Adj Close")
    assert past.cash_yield.iloc[-1] == pytest.approx(quoted(price_data, "IRX", "2025-05-28") / 100)


def test_a_tokyo_yield_is_in_the_row_of_the_next_business_day(market: Market, price_data: Path) -> None:
    """The 28th's was fixed hours before New York closed, and published on the 29th; it was 1.531."""
    of_the_28th = quoted(price_data, "JGB10Y", "2025-05-28")
    assert market.until("2025-05-28").signals["JGB10Y"].iloc[-1] != of_the_28th
    assert market.until("2025-05-29").signals["JGB10Y"].iloc[-1] == of_the_28th
    # Of Friday the 30th: not on the weekend, when Bitcoin trades, but on Monday.
    of_thursday = market.until("2025-05-30").signals["JGB10Y"].iloc[-1]
    assert market.until("2025-06-01").signals["JGB10Y"].iloc[-1] == of_thursday
    assert market.until("2025-06-02").signals["JGB10Y"].iloc[-1] != of_thursday


def test_a_treasury_yield_is_in_the_row_of_the_next_business_day(market: Market, price_data: Path) -> None:
    of_the_28th = quoted(price_data, "DGS10", "2025-05-28")  # it was 4.47
    assert market.until("2025-05-28").signals["DGS10"].iloc[-1] != of_the_28th
    assert market.until("2025-05-29").signals["DGS10"].iloc[-1] == of_the_28th


def test_an_event_is_seen_from_the_row_of_its_announcement(market: Market) -> None:
    assert set(market.until("2025-05-28").events["event_id"]) == {"jgb40", "fomc"}
    assert set(market.until("2025-05-29").events["event_id"]) == {"jgb40", "fomc", "surprise"}


def test_feeds_say_by_themselves_when_their_values_are_known(made_data: Path) -> None:
    """The flagship gives no lag: the Cboe's and Yahoo's value is known on its day, a yield a business day later."""
    root = Path(__file__).resolve().parents[2]
    config = load_config(root / "configs" / "k3_view_2025.toml")
    market = market_of(config, data_dir=made_data / "market", offline=True, progress=Silent()).market

    def seen_on(day: str) -> list[float]:
        past = market.until(day)
        return [*past.signals[["JGB10Y", "UST10Y", "VIX"]].iloc[-1], past.cash_yield.iloc[-1] * 100]

    def dated(yields: str, others: str) -> list[float]:
        files = (("JGB10Y", yields), ("DGS10", yields), ("VIX", others), ("IRX", others))
        return [quoted(made_data, name, day) for name, day in files]

    assert seen_on("2025-05-28") == pytest.approx(dated("2025-05-27", "2025-05-28"), rel=1e-12)  # a Wednesday
    assert seen_on("2025-06-01") == pytest.approx(dated("2025-05-29", "2025-05-30"), rel=1e-12)  # a Sunday
    assert seen_on("2025-06-02") == pytest.approx(dated("2025-05-30", "2025-06-02"), rel=1e-12)


@pytest.mark.parametrize(
    ("calendar", "day", "ends"),
    [
        ("XNYS", "2025-05-28", "2025-05-28 20:00"),
        ("XNYS", "2025-01-28", "2025-01-28 21:00"),
        ("XNYS", "2025-11-28", "2025-11-28 18:00"),  # the day after Thanksgiving closes at 13:00
        ("XTKS", "2025-05-28", "2025-05-28 06:30"),
        ("XTKS", "2024-11-01", "2024-11-01 06:00"),  # half an hour longer from 5 November 2024 on
        ("24/7", "2025-05-28", "2025-05-29 00:00"),
        (None, "2025-05-28", "2025-05-29 00:00"),
        ("XNYS", "2025-05-26", "2025-05-27 00:00"),  # a holiday: whatever is dated so is over with its day
    ],
)
def test_a_day_ends_when_its_exchange_closes(calendar: str | None, day: str, ends: str) -> None:
    assert day_ends(calendar, pd.DatetimeIndex([day]))[0] == pd.Timestamp(ends)


def test_an_hour_belongs_to_its_exchanges_own_date() -> None:
    times = pd.DatetimeIndex(["2025-01-28 23:30", "2025-01-29 00:30"])  # 10:30 and 11:30 in Sydney
    assert list(local_days("XASX", times).day) == [29, 29]
    assert list(local_days("XNYS", times).day) == [28, 28]
    assert list(local_days("24/7", times).day) == [28, 29]


def test_the_picture_is_what_its_script_draws() -> None:
    drawn = runpy.run_path(str(PICTURE / "draw_time.py"))["draw"]()
    assert (PICTURE / "time.svg").read_text(encoding="utf-8") == drawn


def test_a_lag_counts_the_sessions_of_the_series_own_exchange():
    """Golden Week 2025: Tokyo was open on Friday 2 May and next on Wednesday 7 May, closed on Monday to Tuesday.

    Friday's yield is published one business day later: on a plain calendar that is Monday 5 May, a
    holiday on which nobody publishes; on Tokyo's it is the 7th.
    """
    dates = pd.DatetimeIndex(["2025-05-01", "2025-05-02", "2025-05-07"])
    frame = pd.DataFrame({"value": [1.27, 1.26, 1.30]}, index=dates)
    plain = History(name="JGB10Y", frame=frame, source="test", lag=1)
    tokyo = History(name="JGB10Y", frame=frame, source="test", lag=1, calendar="XTKS")
    assert known_from(plain, daily=True).tolist() == list(
        pd.DatetimeIndex(["2025-05-02", "2025-05-05", "2025-05-08"])
    )
    assert known_from(tokyo, daily=True).tolist() == list(
        pd.DatetimeIndex(["2025-05-02", "2025-05-07", "2025-05-08"])
    )


def test_a_lag_is_never_shorter_for_knowing_the_exchange():
    """Dates the calendar does not know (before 1970, far ahead) and dates that are no session keep their weekdays."""
    dates = pd.DatetimeIndex(["1962-01-05", "1988-01-16", "2025-05-05", "2090-03-03"])
    frame = pd.DataFrame({"value": [1.0, 2.0, 3.0, 4.0]}, index=dates)
    for lag in (1, 3, 20):
        plain = known_from(History(name="y", frame=frame, source="test", lag=lag), daily=True)
        tokyo = known_from(
            History(name="y", frame=frame, source="test", lag=lag, calendar="XTKS"), daily=True
        )
        assert (tokyo >= plain).all()
        assert tokyo[0] == plain[0]
        assert tokyo[-1] == plain[-1]
