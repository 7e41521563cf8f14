"""One clock for several markets, worked out by hand."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.align import align, known_from
from raisecash.data.events import COLUMNS
from raisecash.data.history import History
from raisecash.data.request import Request
from raisecash.errors import ConfigError, DataError


def bars(name: str, times: list[str], first: float = 1.0) -> History:
    """Bars whose open, high, low, close and volume tell which bar they are: 10, 15, 5, 11 and 100 times it."""
    n = np.arange(len(times)) + first
    frame = pd.DataFrame(
        {"open": 10 * n, "high": 15 * n, "low": 5 * n, "close": 11 * n, "volume": 100 * n},
        index=pd.DatetimeIndex(times).as_unit("us"),
    )
    return History(name=name, frame=frame, source="by hand")


def values(name: str, dated: dict[str, float], lag: int = 0) -> History:
    index = pd.DatetimeIndex(list(dated)).as_unit("us")
    frame = pd.DataFrame({"value": list(dated.values())}, index=index, dtype=float)
    return History(name=name, frame=frame, source="by hand", lag=lag)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# 2024-06-13 is a Thursday, 2024-06-19 (Wednesday) an exchange holiday.
BTC = bars("BTC", [f"2024-06-{d}" for d in range(13, 21)])
SPY = bars("SPY", ["2024-06-13", "2024-06-14", "2024-06-17", "2024-06-18", "2024-06-20"])


def test_the_union_clock_has_every_day_and_a_closed_market_no_price() -> None:
    market = align([BTC, SPY])
    assert list(market.bars.day) == [13, 14, 15, 16, 17, 18, 19, 20]
    assert market.close["BTC"].tolist() == [11 * n for n in range(1, 9)]
    np.testing.assert_array_equal(market.close["SPY"], [11, 22, np.nan, np.nan, 33, 44, np.nan, 55])
    np.testing.assert_array_equal(market.is_open["SPY"], [1, 1, 0, 0, 1, 1, 0, 1])
    assert market.clock == "union"


def test_on_an_assets_clock_the_others_weekend_and_holiday_bars_are_aggregated() -> None:
    market = align([BTC, SPY], clock="SPY")
    assert list(market.bars.day) == [13, 14, 17, 18, 20]
    # BTC bars are 1..8 on the 13th..20th; Monday the 17th takes 3, 4, 5, Thursday the 20th takes 7, 8.
    assert market.open["BTC"].tolist() == [10, 20, 30, 60, 70]
    assert market.high["BTC"].tolist() == [15, 30, 75, 90, 120]
    assert market.low["BTC"].tolist() == [5, 10, 15, 30, 35]
    assert market.close["BTC"].tolist() == [11, 22, 55, 66, 88]
    assert market.volume["BTC"].tolist() == [100, 200, 1200, 600, 1500]
    assert market.close["SPY"].tolist() == [11, 22, 33, 44, 55]
    assert market.periods_per_year == 252


def test_the_first_session_of_a_window_still_takes_the_bars_since_the_session_before() -> None:
    market = align([BTC, SPY], clock="SPY", start=day("2024-06-17"))
    assert market.open["BTC"].tolist() == [30, 60, 70]


def test_a_clock_that_starts_after_the_others_takes_no_older_bars_into_its_first_session() -> None:
    late = bars("SPY", ["2024-06-17", "2024-06-18"])
    market = align([BTC, late], clock="SPY")
    assert market.open["BTC"].tolist() == [50, 60]
    assert market.high["BTC"].tolist() == [75, 90]


def test_an_unknown_volume_stays_unknown_and_a_known_one_is_summed() -> None:
    frame = BTC.frame.assign(volume=[np.nan, 1, 2, np.nan, 4, np.nan, np.nan, np.nan])
    market = align([History(name="BTC", frame=frame, source="by hand"), SPY], clock="SPY")
    np.testing.assert_array_equal(market.volume["BTC"], [np.nan, 1, 6, np.nan, np.nan])


def paying(history: History, paid: list[float]) -> History:
    return History(name=history.name, frame=history.frame.assign(dividends=paid), source="by hand")


def test_dividends_keep_their_day_and_who_has_none_is_paid_nothing() -> None:
    spy = paying(SPY, [0.0, 0.0, 1.5, 0.0, 2.5])
    market = align([BTC, spy])
    assert market.dividends["SPY"].tolist() == [0, 0, 0, 0, 1.5, 0, 0, 2.5]
    assert market.dividends["BTC"].tolist() == [0] * 8
    assert (align([BTC, SPY]).dividends == 0).all(axis=None)
    both = align([paying(BTC, [0.5] * 8), spy])
    assert both.dividends["BTC"].tolist() == [0.5] * 8


def test_dividends_between_two_sessions_of_the_clock_are_added_up() -> None:
    """BTC here pays n on its n-th day, the 13th being the first: Monday the 17th takes 3 + 4 + 5, Thursday 7 + 8."""
    coin = paying(BTC, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    market = align([coin, SPY], clock="SPY")
    assert market.dividends["BTC"].tolist() == [1, 2, 12, 6, 15]
    assert market.dividends["SPY"].tolist() == [0] * 5


def test_events_are_handed_on_and_none_are_an_empty_table() -> None:
    row = {"event_id": "A", "category": "fomc", "scheduled": True, "region": "US"}
    dates = ("event_date", "announced_on", "ended_on", "window_end")
    catalogue = pd.DataFrame([row | dict.fromkeys(dates, day("2024-06-18"))])[list(COLUMNS)]
    assert align([BTC], events=catalogue).events["event_id"].tolist() == ["A"]
    assert len(align([BTC]).events) == 0
    assert list(align([BTC]).events.columns) == list(COLUMNS)


def test_an_asset_without_a_bar_in_any_session_of_the_clock_is_named() -> None:
    """NEW trades at the weekend after the clock's last session, within a window that was asked for."""
    new, clock = bars("NEW", ["2024-06-15", "2024-06-16"]), bars("SPY", ["2024-06-13", "2024-06-14"])
    with pytest.raises(DataError, match="NEW: no bar between 2024-06-13 and 2024-06-14"):
        align([new, clock], clock="SPY", start=day("2024-06-13"), end=day("2024-06-14"))


def test_the_window_begins_with_the_youngest_first_bar_whatever_comes_second() -> None:
    sparse = bars("OLD", ["2024-06-13", "2024-06-19"])
    young = bars("NEW", ["2024-06-14", "2024-06-15", "2024-06-20"])
    assert align([sparse, young]).bars[0] == day("2024-06-14")


def test_bars_before_the_window_stay_out_of_it() -> None:
    """OLD has two bars before the window and two in it; its second two are the window's first."""
    old = bars("OLD", ["2024-06-13", "2024-06-14", "2024-06-15", "2024-06-16"])
    market = align([BTC, old], start=day("2024-06-15"), end=day("2024-06-20"))
    np.testing.assert_array_equal(market.close["OLD"], [33, 44, np.nan, np.nan, np.nan, np.nan])
    assert market.close["BTC"].tolist() == [33, 44, 55, 66, 77, 88]


def test_a_window_of_one_bar_is_a_window() -> None:
    one = bars("ONE", ["2024-06-14"])
    assert align([BTC, one]).bars.tolist() == [day("2024-06-14")]
    assert align([BTC], start=day("2024-06-14"), end=day("2024-06-14")).bars.tolist() == [day("2024-06-14")]


def test_the_default_window_is_where_every_asset_has_a_price() -> None:
    early = bars("GLD", ["2024-06-10", "2024-06-14", "2024-06-18"])
    market = align([BTC, SPY, early])
    assert (market.bars[0], market.bars[-1]) == (day("2024-06-13"), day("2024-06-18"))


def test_an_explicit_start_may_come_before_an_asset_and_an_end_at_most_7_days_after_one() -> None:
    late = bars("NEW", ["2024-06-17", "2024-06-18"])
    market = align([BTC, late], start=day("2024-06-01"), end=day("2024-06-25"))
    assert (market.bars[0], market.bars[-1]) == (day("2024-06-13"), day("2024-06-20"))
    with pytest.raises(
        DataError, match="NEW: its last bar is 2024-06-18, more than 7 days before end = 2024-06-26"
    ):
        align([BTC, late], end=day("2024-06-26"))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"start": day("2024-06-20"), "end": day("2024-06-13")}, "must not be after end"),
        ({"start": day("2025-01-01")}, "nothing left of the window"),
        ({"end": day("2020-01-01")}, "nothing left of the window"),
        (
            {"start": day("2024-06-15"), "end": day("2024-06-16")},
            "SPY: no bar between 2024-06-15 and 2024-06-16",
        ),
    ],
)
def test_an_empty_window_is_an_error(window: dict[str, pd.Timestamp], said: str) -> None:
    with pytest.raises(DataError, match=said):
        align([BTC, SPY], **window)


def test_a_window_between_two_sessions_of_the_clock_is_an_error() -> None:
    with pytest.raises(DataError, match="no bar between 2024-06-15 and 2024-06-16"):
        align([BTC, SPY], clock="SPY", start=day("2024-06-15"), end=day("2024-06-16"))


def test_assets_that_never_trade_at_the_same_time_are_an_error() -> None:
    old = bars("OLD", ["2010-01-04", "2010-01-05"])
    with pytest.raises(DataError, match="OLD ends 2010-01-05, BTC starts 2024-06-13"):
        align([old, BTC])


def test_daily_and_intraday_bars_do_not_mix() -> None:
    hourly = bars("ETH", ["2024-06-13 00:00", "2024-06-13 01:00", "2024-06-13 02:00"])
    with pytest.raises(DataError, match="BTC has daily bars and ETH intraday ones"):
        align([BTC, hourly])
    minutes = bars("SOL", ["2024-06-13 00:00", "2024-06-13 00:01", "2024-06-13 00:02"])
    with pytest.raises(DataError, match="intraday bars must have one length"):
        align([hourly, minutes])


def test_an_intraday_end_day_is_included() -> None:
    hourly = bars("ETH", ["2024-06-13 22:00", "2024-06-13 23:00", "2024-06-14 00:00", "2024-06-14 01:00"])
    market = align([hourly], end=day("2024-06-13"))
    assert market.bars[-1] == day("2024-06-13 23:00")


def test_an_end_with_a_time_of_day_ends_there() -> None:
    hourly = bars("ETH", ["2024-06-13 22:00", "2024-06-13 23:00", "2024-06-14 00:00", "2024-06-14 01:00"])
    assert align([hourly], end=day("2024-06-13 23:00")).bars[-1] == day("2024-06-13 23:00")


def test_a_lone_intraday_bar_has_no_length_that_could_disagree() -> None:
    hourly = bars("ETH", ["2024-06-13 22:00", "2024-06-13 23:00", "2024-06-14 00:00"])
    market = align([hourly, bars("NEW", ["2024-06-13 23:00"])])
    assert market.bars.tolist() == [day("2024-06-13 23:00")]
    with pytest.raises(DataError, match="intraday bars must have one length"):
        align([hourly, bars("NEW", ["2024-06-13 23:00", "2024-06-13 23:30"])])


def test_an_unknown_clock_and_no_assets_are_errors() -> None:
    with pytest.raises(ConfigError, match="got 'SPX'; did you mean 'SPY'"):
        align([BTC, SPY], clock="SPX")
    with pytest.raises(ConfigError, match="no assets"):
        align([])


def test_periods_per_year_follow_the_whole_histories_and_not_the_window() -> None:
    btc = bars("BTC", [str(d.date()) for d in pd.date_range("2024-01-01", "2024-06-30")])
    spy = bars("SPY", [str(d.date()) for d in pd.bdate_range("2024-01-01", "2024-06-30")])
    week = {"start": day("2024-06-10"), "end": day("2024-06-14")}
    assert align([btc, spy], **week).periods_per_year == 365
    assert align([btc, spy], clock="SPY", **week).periods_per_year == 252
    assert align([spy], **week).periods_per_year == 252


def test_a_value_is_seen_from_its_date_plus_lag_on_and_stays() -> None:
    # Dated Thursday 13, Friday 14 and (a weekend figure) Saturday 15 June.
    dated = {"2024-06-13": 1.0, "2024-06-14": 2.0, "2024-06-15": 3.0}
    market = align([BTC], [values("L0", dated), values("L1", dated, lag=1), values("L2", dated, lag=2)])
    nan = np.nan  #                                              Th  Fr  Sa  Su  Mo  Tu We Th
    np.testing.assert_array_equal(market.signals["L0"], [1, 2, 3, 3, 3, 3, 3, 3])
    # One business day after Friday is Monday; after Saturday, counted from Friday, Monday too.
    np.testing.assert_array_equal(market.signals["L1"], [nan, 1, 1, 1, 3, 3, 3, 3])
    np.testing.assert_array_equal(market.signals["L2"], [nan, nan, nan, nan, 1, 3, 3, 3])


def test_on_hourly_bars_a_dated_value_is_seen_from_the_next_midnight_on() -> None:
    hourly = bars("ETH", ["2024-06-13 22:00", "2024-06-13 23:00", "2024-06-14 00:00", "2024-06-14 01:00"])
    signals = [values("DAILY", {"2024-06-13": 7.0}), values("TIMED", {"2024-06-13 23:00": 8.0})]
    market = align([hourly], signals)
    np.testing.assert_array_equal(market.signals["DAILY"], [np.nan, np.nan, 7, 7])
    np.testing.assert_array_equal(market.signals["TIMED"], [np.nan, 8, 8, 8])


def test_on_daily_bars_a_timed_value_is_seen_the_next_day() -> None:
    market = align([BTC], [values("TIMED", {"2024-06-14 08:00": 8.0})])
    np.testing.assert_array_equal(market.signals["TIMED"], [np.nan, np.nan, 8, 8, 8, 8, 8, 8])


def test_a_signal_first_known_after_the_last_bar_is_an_error() -> None:
    with pytest.raises(DataError, match=r"LATE .* first value is known on 2024-07-02"):
        align([BTC], [values("LATE", {"2024-07-01": 1.0}, lag=1)])


def test_a_signal_first_known_on_the_last_bar_is_in_time() -> None:
    market = align([BTC], [values("LATE", {"2024-06-20": 1.0})])
    assert market.signals["LATE"].tolist()[-1] == 1.0
    assert market.signals["LATE"].isna().sum() == 7


def test_a_value_stamped_with_a_time_keeps_it_through_its_lag() -> None:
    """Of Thursday 13 June 08:00, a business day late: from Friday 08:00 on, so in Saturday's daily bar first."""
    timed = values("TIMED", {"2024-06-13 08:00": 8.0}, lag=1)
    assert known_from(timed, daily=False).tolist() == [day("2024-06-14 08:00")]
    assert align([BTC], [timed]).signals["TIMED"].first_valid_index() == day("2024-06-15")


@pytest.mark.parametrize("lag", [1, 3, 20])
def test_a_lone_value_waits_for_the_sessions_of_its_exchange(lag: int) -> None:
    """Of Friday 2 May 2025: the 5th and the 6th were holidays in Tokyo, and no other weekday up to July.

    1, 3 and 20 weekdays after it: the 5th, the 7th and the 30th; as many sessions: the 7th, the 9th and 3 June.
    """
    frame = pd.DataFrame({"value": [1.26]}, index=pd.DatetimeIndex(["2025-05-02"]))
    tokyo = History(name="JGB10Y", frame=frame, source="by hand", lag=lag, calendar="XTKS")
    seen = {1: "2025-05-07", 3: "2025-05-09", 20: "2025-06-03"}[lag]
    assert known_from(tokyo, daily=True).tolist() == [day(seen)]
    always = History(name="JGB10Y", frame=frame, source="by hand", lag=lag, calendar="24/7")
    weekdays = {1: "2025-05-05", 3: "2025-05-07", 20: "2025-05-30"}[lag]
    assert known_from(always, daily=True).tolist() == [day(weekdays)]


def test_a_value_on_a_session_when_saturdays_were_sessions_still_waits_for_the_next_weekday() -> None:
    """Tokyo was open on Saturday 23 January 1988; Friday's value with a lag of a business day is Monday's all the same."""
    frame = pd.DataFrame({"value": [4.4]}, index=pd.DatetimeIndex(["1988-01-22"]))
    tokyo = History(name="JGB10Y", frame=frame, source="by hand", lag=1, calendar="XTKS")
    assert known_from(tokyo, daily=True).tolist() == [day("1988-01-25")]


def test_seen_times_never_descend() -> None:
    every_day = values("S", {str(d.date()): 1.0 for d in pd.date_range("2024-01-01", "2024-02-01")}, lag=3)
    assert known_from(every_day, daily=True).is_monotonic_increasing


def test_a_cash_yield_in_per_cent_becomes_a_fraction_known_from_its_lag_on() -> None:
    dated = values("cash_yield", {"2024-06-12": 5.0, "2024-06-14": 6.0}, lag=1)
    market = align([BTC], cash_yield=dated)
    assert market.cash_yield.tolist() == [0.05, 0.05, 0.05, 0.05, 0.06, 0.06, 0.06, 0.06]
    fractions = values("cash_yield", {"2024-06-12": 0.05})
    assert align([BTC], cash_yield=fractions, unit="fraction").cash_yield.iloc[0] == 0.05
    assert align([BTC], cash_yield=0.04).cash_yield.tolist() == [0.04] * 8


def test_a_cash_yield_unknown_at_the_first_bar_says_where_to_start() -> None:
    dated = values("cash_yield", {"2024-06-14": 5.0}, lag=1)
    with pytest.raises(DataError, match="known from 2024-06-17 on: set start = 2024-06-17"):
        align([BTC], cash_yield=dated)


def test_a_cash_yield_known_from_the_second_bar_on_is_not_known_at_the_first() -> None:
    with pytest.raises(DataError, match="known from 2024-06-14 on: set start = 2024-06-14"):
        align([BTC], cash_yield=values("cash_yield", {"2024-06-14": 5.0}))


def test_one_impossible_yield_among_others_is_named_with_its_bar() -> None:
    dated = {"2024-06-12": 5.0, "2024-06-15": 100.0, "2024-06-18": 5.0}
    with pytest.raises(DataError, match=r"a cash yield of 100% on 2024-06-15 with unit"):
        align([BTC], cash_yield=values("cash_yield", dated))
    with pytest.raises(DataError, match=r"a cash yield of -150% on 2024-06-13"):
        align([BTC], cash_yield=values("cash_yield", {"2024-06-12": -150.0}))
    just_below = align([BTC], cash_yield=values("cash_yield", {"2024-06-12": 99.0}))
    assert just_below.cash_yield.tolist() == [0.99] * 8


@pytest.mark.parametrize("fraction", [1.0, -1.0, 1.5, -1.5])
def test_a_cash_yield_of_all_the_money_cannot_be_meant(fraction: float) -> None:
    with pytest.raises(ConfigError, match="cash_yield must be a fraction between -1 and 1"):
        align([BTC], cash_yield=fraction)


def test_a_cash_yield_in_the_wrong_unit_is_an_error() -> None:
    with pytest.raises(DataError, match=r'450% .* set unit = "percent"'):
        align([BTC], cash_yield=values("cash_yield", {"2024-06-12": 4.5}), unit="fraction")
    with pytest.raises(ConfigError, match=r"0\.04 is 4%"):
        align([BTC], cash_yield=4.0)


def test_ten_assets_and_eleven_years_align_at_once() -> None:
    """A coarse guard, ten times the measured time; the benchmark holds the real bound."""
    days = [str(d.date()) for d in pd.date_range("2015-01-01", "2025-12-31")]
    histories = [bars(f"A{i}", days) for i in range(9)]
    histories.append(bars("SPY", [str(d.date()) for d in pd.bdate_range("2015-01-01", "2025-12-31")]))
    began = time.process_time()  # of this process: a busy machine is slow, not wrong
    align(histories, clock="SPY")
    align(histories)
    assert time.process_time() - began < 1.0


def test_real_bars_agree_with_a_row_by_row_reading(real_data: Path) -> None:
    """BTC on SPY's sessions, recomputed bar by bar in plain Python for one year."""
    folder = real_data / "market"
    btc = CsvFeed(path=folder / "BTC-USD.csv").prices("BTC", Request())
    spy = CsvFeed(path=folder / "SPY.csv").prices("SPY", Request())
    market = align([btc, spy], clock="SPY", start=day("2020-01-01"), end=day("2020-12-31"))
    sessions = [t for t in spy.frame.index if day("2019-12-20") <= t <= day("2020-12-31")]
    near = btc.frame.loc["2019-12-01":"2020-12-31"]
    rows = {t.to_pydatetime(): row for t, row in zip(near.index, near.to_numpy(), strict=True)}
    checked = 0
    for before, session in itertools.pairwise(sessions):
        if session < day("2020-01-01"):
            continue
        taken = [row for t, row in rows.items() if before < t <= session]
        expected = [
            taken[0][0],
            max(r[1] for r in taken),
            min(r[2] for r in taken),
            taken[-1][3],
            sum(r[4] for r in taken),
        ]
        got = [getattr(market, f).loc[session, "BTC"] for f in ("open", "high", "low", "close", "volume")]
        assert got == pytest.approx(expected, rel=1e-15)
        checked += 1
    assert checked == len(market.bars) == 253
