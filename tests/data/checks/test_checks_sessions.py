"""A series against its exchange's calendar, worked out by hand on days whose holidays everyone knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds.files import CsvFeed
from data_feeds.mof import MofFeed
from data_feeds.sample.feed import SampleFeed
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.align import align
from raisecash.data.calendars.sessions import day_begins, day_ends, sessions_between
from raisecash.data.checks.holes import filled
from raisecash.data.checks.table import check_assets, check_prices, check_signal
from raisecash.data.history import FINDING_KINDS, Finding, History
from raisecash.data.request import Missing, Request
from raisecash.errors import DataError

LONG_AGO, FAR = pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01")
# New York in the week of Independence Day 2024: closed on Thursday the 4th.
WEEK = pd.DatetimeIndex(["2024-07-01", "2024-07-02", "2024-07-03", "2024-07-05", "2024-07-08"])


def bars(times: pd.DatetimeIndex, calendar: str | None = "XNYS", **columns: object) -> History:
    """Bars whose close is 100, 101, 102 ... and whose volume is 10."""
    close = 100.0 + np.arange(len(times))
    frame = pd.DataFrame(
        {"open": close, "high": close, "low": close, "close": close, "volume": 10.0},
        index=times.as_unit("us"),
    ).assign(**columns)
    return History(name="SPY", frame=frame, source="by hand", calendar=calendar)


def fill(history: History, missing: Missing) -> tuple[History, tuple[Finding, ...]]:
    return filled(history, missing, first=LONG_AGO, last=FAR)


def kinds(history: History, **window: pd.Timestamp) -> dict[str, Finding]:
    found = check_prices(history, **window)
    assert all(finding.kind in FINDING_KINDS for finding in found)
    return {finding.kind: finding for finding in found}


def test_a_holiday_is_no_hole() -> None:
    history, findings = fill(bars(WEEK), "error")
    assert findings == ()
    assert len(history.frame) == 5


def test_a_missing_session_is_an_error_that_names_it_and_the_way_out() -> None:
    holed = bars(WEEK.drop(pd.Timestamp("2024-07-03")))
    with pytest.raises(DataError) as caught:
        filled(holed, "error", first=LONG_AGO, last=FAR, refetch="refetch with `raisecash data fetch`")
    assert str(caught.value) == (
        "SPY: 1 session of XNYS missing on 2024-07-03; refetch with `raisecash data fetch`, "
        'or set missing = "carry" (or "drop")'
    )
    two = bars(WEEK[[0, 3, 4]])
    with pytest.raises(DataError, match=r"2 sessions of XNYS missing between 2024-07-02 and 2024-07-03"):
        fill(two, "error")


def test_carry_repeats_the_last_close_as_a_flat_bar_without_volume_or_dividend() -> None:
    holed = bars(WEEK.drop(pd.Timestamp("2024-07-03")), dividends=0.5)
    history, (finding,) = fill(holed, "carry")
    assert list(history.frame.index.day) == [1, 2, 3, 5, 8]
    assert history.frame.loc["2024-07-03"].tolist() == [101, 101, 101, 101, 0, 0]
    assert (finding.kind, finding.severity, finding.first, finding.count) == (
        "missing",
        "warning",
        "2024-07-03",
        1,
    )


def test_drop_leaves_the_session_closed_and_says_so() -> None:
    holed = bars(WEEK.drop(pd.Timestamp("2024-07-03")))
    history, (finding,) = fill(holed, "drop")
    assert history is holed
    assert "left closed" in finding.message


def test_only_holes_inside_the_window_matter() -> None:
    holed = bars(WEEK.drop(pd.Timestamp("2024-07-02")))
    assert filled(holed, "error", first=pd.Timestamp("2024-07-03"), last=FAR)[1] == ()
    assert filled(holed, "error", first=LONG_AGO, last=pd.Timestamp("2024-07-01"))[1] == ()
    with pytest.raises(DataError, match="on 2024-07-02"):
        filled(holed, "error", first=pd.Timestamp("2024-07-02"), last=FAR)


def test_a_market_that_never_closes_misses_days_and_hours() -> None:
    days = pd.date_range("2024-07-01", "2024-07-10").delete([3, 4])
    history, (finding,) = fill(bars(days, "24/7"), "carry")
    assert len(history.frame) == 10
    assert (finding.first, finding.last, finding.count) == ("2024-07-04", "2024-07-05", 2)
    hours = pd.date_range("2024-07-01", periods=48, freq="h").delete([30])
    history, (finding,) = fill(bars(hours, "24/7"), "carry")
    assert (len(history.frame), finding.first) == (48, "2024-07-02 06:00:00")


def test_intraday_bars_of_an_exchange_miss_whole_sessions_and_cannot_carry_them() -> None:
    hours = pd.DatetimeIndex([day + pd.Timedelta(hours=h) for day in WEEK[[0, 1, 3]] for h in (14, 15, 16)])
    history, (finding,) = fill(bars(hours), "carry")
    assert len(history.frame) == len(hours)
    assert (finding.first, finding.count) == ("2024-07-03", 1)
    assert "cannot be carried" in finding.message


def test_without_a_calendar_nothing_is_missed() -> None:
    assert fill(bars(WEEK[[0, 4]], None), "error")[1] == ()


@settings(max_examples=60, deadline=None)
@given(gone=st.sets(st.integers(1, 58), max_size=30))
def test_carry_makes_every_session_a_bar_and_drop_none_and_neither_changes_a_bar_there_was(
    gone: set[int],
) -> None:
    sessions = sessions_between("XNYS", pd.Timestamp("2024-01-01"), pd.Timestamp("2024-06-30"))[:60]
    kept = [row for row in range(60) if row not in gone]
    holed = bars(pd.DatetimeIndex(sessions[kept]))
    carried, told = fill(holed, "carry")
    assert list(carried.frame.index) == list(sessions)
    pd.testing.assert_frame_equal(carried.frame.loc[holed.frame.index], holed.frame, check_freq=False)
    added = carried.frame.drop(holed.frame.index)
    assert (added["volume"] == 0).all()
    before = holed.frame["close"].reindex(sessions).ffill().loc[added.index]
    for field in ("open", "high", "low", "close"):
        assert added[field].tolist() == before.tolist()
    dropped, said = fill(holed, "drop")
    assert dropped is holed
    assert [f.count for f in told] == [f.count for f in said] == ([len(gone)] if gone else [])
    # What a strategy sees: carried sessions are open, dropped ones are closed only if another asset is not.
    market = align([carried, History(name="B", frame=bars(sessions).frame, source="by hand")])
    assert market.is_open["SPY"].all()
    market = align([dropped, History(name="B", frame=bars(sessions).frame, source="by hand")])
    assert (~market.is_open["SPY"]).sum() == len(gone)


def test_bars_on_a_closed_day_are_found() -> None:
    finding = kinds(bars(pd.bdate_range("2024-07-01", "2024-07-08")))["off_session"]
    assert (finding.first, finding.last, finding.count, finding.severity) == (
        "2024-07-04",
        "2024-07-04",
        1,
        "warning",
    )


def test_a_last_bar_whose_day_is_not_over_is_found() -> None:
    def found(calendar: str | None, now: str) -> list[str]:
        findings = check_prices(bars(WEEK, calendar), now=pd.Timestamp(now))
        return [f.severity for f in findings if f.kind == "unfinished"]

    assert found("XNYS", "2024-07-08 19:59") == ["warning"]  # New York closes at 20:00 UTC in summer
    assert found("XNYS", "2024-07-08 20:00") == []
    assert found("24/7", "2024-07-08 20:00") == ["warning"]  # a UTC day ends at midnight
    assert found("24/7", "2024-07-09 00:00") == []
    assert found(None, "2024-07-09 00:00") == []
    assert found("XNYS", "2024-06-01 00:00") == ["error"]  # dated in the future


def test_an_asset_that_stops_before_the_window_does_is_found() -> None:
    finding = kinds(bars(WEEK), end=pd.Timestamp("2024-07-11"))["ended"]
    assert (finding.first, finding.last, finding.count) == ("2024-07-09", "2024-07-11", 3)
    assert "ended" not in kinds(bars(WEEK), end=pd.Timestamp("2024-07-08"))


def test_a_signals_missing_session_is_told_and_nothing_is_done_about_it() -> None:
    frame = pd.DataFrame({"value": 1.0}, index=WEEK.drop(pd.Timestamp("2024-07-03")))
    signal = History(name="S", frame=frame, source="by hand", calendar="XNYS")
    (finding,) = check_signal(signal, start=WEEK[0], end=WEEK[-1])
    assert (finding.kind, finding.severity, finding.count) == ("missing", "info", 1)


@pytest.mark.parametrize(
    ("name", "calendar", "missing", "odd"),
    [
        ("SPY", "XNYS", 0, 0),  # "every GSPC date, no other"
        ("QQQ", "XNYS", 0, 0),
        ("VIX", "XNYS", 4, 33),  # bars on US holidays since 2022; four sessions of the 1990s not there
        ("BTC-USD", "24/7", 0, 0),  # "no missing days"
    ],
)
def test_the_real_files_against_their_calendars(
    real_data: Path, name: str, calendar: str, missing: int, odd: int
) -> None:
    feed = CsvFeed(path=real_data / "market" / f"{name}.csv")
    history = feed.prices(name, Request())
    history = History(name=name, frame=history.frame, source="file", calendar=calendar)
    found = kinds(history)
    assert (found["missing"].count if "missing" in found else 0) == missing
    assert (found["off_session"].count if "off_session" in found else 0) == odd
    if not missing:
        assert fill(history, "error")[1] == ()


def test_the_real_japanese_yields_have_every_session_of_tokyo(real_data: Path) -> None:
    """Two more than the exchange: it stood still on 1 October 2020, and closed on a bank day in 1998."""
    feed = CsvFeed(path=real_data / "market" / "JGB10Y.csv")
    history = feed.signal("J", Request())
    history = History(name="J", frame=history.frame, source="file", calendar="XTKS", lag=1)
    findings = check_signal(history, start=pd.Timestamp("1997-01-01"), end=pd.Timestamp("2026-06-30"))
    assert [(f.kind, f.count, f.severity) for f in findings] == [("off_session", 2, "info")]


@pytest.mark.parametrize(
    ("symbol", "calendar"),
    [
        ("SPY", "XNYS"),
        ("BRK-B", "XNYS"),
        ("BTC-USD", "24/7"),
        ("7203.T", "XTKS"),
        ("^N225", "XTKS"),
        ("^GSPC", "XNYS"),
        ("^IRX", None),
        ("USDJPY=X", None),
        ("GC=F", None),
    ],
)
def test_a_yahoo_symbol_tells_its_calendar(symbol: str, calendar: str | None) -> None:
    assert YahooFeed(symbol=symbol).known_calendar == calendar
    assert YahooFeed(symbol=symbol, calendar="XLON").known_calendar == "XLON"


def test_which_feeds_judge_their_holes() -> None:
    assert YahooFeed(symbol="SPY").judges_holes
    assert not YahooFeed(symbol="BTC-USD").judges_holes
    assert YahooFeed(symbol="BTC-USD", missing="carry").judges_holes
    assert SampleFeed(series="BTC", calendar="24/7").judges_holes
    assert not CsvFeed(path=Path("x.csv"), missing="carry").judges_holes
    assert MofFeed(tenor="10Y").known_calendar == "XTKS"


DECADE = pd.date_range("2016-01-01", "2025-12-31")


@pytest.mark.parametrize("opens", ["24/7", "XTKS", "XNYS", "XLON", "XHKG"])
@pytest.mark.parametrize("closes", ["24/7", "XTKS", "XNYS", "XLON", "XHKG"])
def test_no_market_opens_on_day_d_plus_1_before_another_has_closed_on_day_d(opens: str, closes: str) -> None:
    """The order that docs/time.md shows, for every day of ten years; a day off counts as a UTC day."""
    sessions = sessions_between(opens, DECADE[1], DECADE[-1]) if opens != "24/7" else DECADE[1:]
    assert (day_begins(opens, sessions) >= day_ends(closes, sessions - pd.Timedelta(days=1))).all()


def test_sydney_beside_bitcoin_is_warned_of_and_tokyo_is_not() -> None:
    """In Sydney's summer 10:00 there is 23:00 UTC of the day before: an hour before Bitcoin's day ends."""
    first, last = pd.Timestamp("2024-01-08"), pd.Timestamp("2024-01-19")
    histories = {
        c: History(name=c, frame=bars(sessions_between(c, first, last)).frame, source="", calendar=c)
        for c in ("XASX", "XTKS", "24/7")
    }
    (finding,) = check_assets((histories["XASX"], histories["24/7"]), first=first, last=last, clock="union")
    assert (finding.series, finding.kind, finding.count) == ("XASX", "overlap", 9)
    assert "up to 1 hours before 24/7's bar" in finding.message
    assert check_assets((histories["XTKS"], histories["24/7"]), first=first, last=last, clock="union") == ()
    assert check_assets((histories["XASX"], histories["24/7"]), first=first, last=last, clock="XASX") == ()
