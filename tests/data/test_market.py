"""`Market`: what `until` shows, what a past shares with its market, and what a changed market keeps."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raisecash.data.market import FRAMES, Market
from raisecash.data.panel import Panel
from raisecash.errors import DataError

NAN, NAT = np.nan, pd.NaT
DAYS = pd.date_range("2025-05-28", periods=5)  # Wednesday to Sunday


def small() -> Market:
    """Return five days of BTC and of SPY, which is closed at the weekend, with a signal, yields and three events."""
    close = pd.DataFrame({"BTC": [10.0, 11, 12, 13, 14], "SPY": [50.0, 51, 52, NAN, NAN]}, index=DAYS)
    events = pd.DataFrame(
        {
            "event_id": ["july-9", "august-1", "fomc"],
            "event_date": pd.to_datetime(["2025-07-09", "2025-08-01", "2025-06-18"]),
            "announced_on": pd.to_datetime(["2025-05-01", "2025-05-30", "2025-05-29"]),
            "ended_on": pd.to_datetime(["2025-05-30", None, None]),
        }
    )
    return Market(
        open=close - 1,
        close=close,
        dividends=pd.DataFrame({"BTC": 0.0, "SPY": [0, 0.5, 0, 0, 0]}, index=DAYS),
        signals=pd.DataFrame({"VIX": [NAN, 19.0, 20.0, 20.0, 20.0]}, index=DAYS),
        events=events,
        cash_yield=pd.Series([0.01, 0.02, 0.03, 0.04, 0.05], index=DAYS),
    )


# What each day shows: the last rows of the prices and the signal, and the events with their end as far as it is known.
SEEN = {
    "2025-05-28": (1, [10.0, 50.0], [10.0, 50.0], NAN, {"july-9": NAT}),
    "2025-05-29": (2, [11.0, 51.0], [11.0, 51.0], 19.0, {"july-9": NAT, "fomc": NAT}),
    "2025-05-30": (
        3,
        [12.0, 52.0],
        [12.0, 52.0],
        20.0,
        {"july-9": pd.Timestamp("2025-05-30"), "august-1": NAT, "fomc": NAT},
    ),
    "2025-05-31 23:59": (
        4,
        [13.0, NAN],
        [13.0, 52.0],
        20.0,
        {"july-9": pd.Timestamp("2025-05-30"), "august-1": NAT, "fomc": NAT},
    ),
}


@pytest.mark.parametrize("t", SEEN)
def test_until_shows_the_rows_the_events_and_their_ends_that_were_known(t):
    n_bars, close, last_close, vix, ends = SEEN[t]
    past = small().until(t)
    assert past.bars.tolist() == DAYS[:n_bars].tolist()
    assert past.assets == ("BTC", "SPY")
    np.testing.assert_equal(past.close.iloc[-1].tolist(), close)
    np.testing.assert_equal(past.last_close.iloc[-1].tolist(), last_close)
    np.testing.assert_equal(past.signals["VIX"].iloc[-1], vix)
    assert past.is_open.iloc[-1].tolist() == [True, not np.isnan(close[1])]
    assert past.cash_yield.tolist() == [0.01, 0.02, 0.03, 0.04][:n_bars]
    assert past.dividends["SPY"].tolist() == [0.0, 0.5, 0.0, 0.0][:n_bars]
    shown = dict(zip(past.events["event_id"], past.events["ended_on"], strict=True))
    assert list(shown) == list(ends)
    assert all(shown[event] is end or shown[event] == end for event, end in ends.items())


def test_until_refuses_a_day_before_the_first_bar():
    with pytest.raises(DataError, match="no bar on or before 2025-05-27 00:00:00; the first is 2025-05-28"):
        small().until("2025-05-27")


def test_a_moment_finer_than_the_bars_shows_the_bars_before_it():
    whole = small()
    coarse = Market(**{name: getattr(whole, name).set_axis(DAYS.as_unit("s")) for name in ("open", "close")})
    assert len(coarse.until(pd.Timestamp("2025-05-29 23:59:59.999999")).bars) == 2


def known_by(events: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the events known on a day, row by row: announced by then, an end that had not come yet left out."""
    rows = [row for row in events.to_dict("records") if row["announced_on"] <= day]
    for row in rows:
        row["ended_on"] = row["ended_on"] if row["ended_on"] <= day else NAT
    return pd.DataFrame(rows, columns=list(events.columns)).astype(events.dtypes.to_dict())


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Draw a market of up to three assets that open and close as they like, with signals and events of its time."""
    n, m = draw(st.integers(1, 30)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    freq = draw(st.sampled_from(["D", "B", "7h"]))
    bars = pd.date_range("2024-12-28", periods=n, freq=freq)
    close = rng.uniform(1, 100, (n, m))
    close[rng.random((n, m)) < 0.3] = NAN
    names = list("ABC")[:m]
    count = draw(st.integers(0, 8))
    day = pd.Timestamp("2024-12-25").as_unit("us")
    announced = day + pd.to_timedelta(rng.integers(0, 20, count), unit="D")
    ended = pd.Series(announced + pd.to_timedelta(rng.integers(0, 20, count), unit="D"))
    events = pd.DataFrame(
        {
            "event_id": pd.Series([f"e{number}" for number in range(count)], dtype="str"),
            "announced_on": announced,
            "ended_on": ended.where(rng.random(count) < 0.6),
            "scheduled": rng.random(count) < 0.5,
        }
    )
    return Market(
        open=pd.DataFrame(close, index=bars, columns=names),
        close=pd.DataFrame(close * rng.uniform(0.9, 1.1, (n, m)), index=bars, columns=names),
        signals=pd.DataFrame({"s": rng.normal(size=n)}, index=bars),
        events=events,
        cash_yield=pd.Series(rng.normal(0, 0.01, n), index=bars),
        periods_per_year=draw(st.sampled_from([0, 12, 365])),
    )


@settings(deadline=None, max_examples=40)
@given(markets(), st.lists(st.integers(0, 29), min_size=1, max_size=6), st.booleans())
def test_until_is_a_cut_of_every_frame_at_whatever_bars_and_in_whatever_order(whole, rows, again):
    for row in rows:
        n = min(row + 1, len(whole.bars))
        t = whole.bars[n - 1]
        past = whole.until(t)
        if again:  # the past of a past, asked for a later day than it knows
            past = past.until(t + pd.Timedelta(days=3))
        for name in (*FRAMES[:6], "signals", "cash_yield"):
            expected = getattr(whole, name).iloc[:n]
            same = pdt.assert_series_equal if name == "cash_yield" else pdt.assert_frame_equal
            same(getattr(past, name), expected)
        pdt.assert_frame_equal(past.events, known_by(whole.events, t))
        pdt.assert_frame_equal(past.last_close, whole.close.iloc[:n].ffill())
        pdt.assert_frame_equal(past.is_open, whole.open.iloc[:n].notna())
        pdt.assert_index_equal(past.bars, whole.bars[:n])
        assert (past.clock, past.periods_per_year) == (whole.clock, whole.periods_per_year)
        assert past.assets == whole.assets


def reachable(past: Market) -> list[Any]:
    """Return everything a strategy can get from a market by asking it for its attributes."""
    names = {*dir(past), *vars(past)}
    return [getattr(past, name) for name in names if not name.startswith("__")]


def test_no_attribute_of_a_past_leads_to_the_market_it_was_cut_from():
    whole = small()
    past = whole.until(DAYS[1])
    found = reachable(past) + list(vars(past).values())
    assert not any(thing is whole or getattr(thing, "__self__", None) is whole for thing in found)
    tables = [thing for thing in found if isinstance(thing, pd.DataFrame | pd.Series | pd.DatetimeIndex)]
    assert len(tables) > 10
    assert max(map(len, tables)) == 2
    assert past.panel.shape == (2, 2)


def test_what_a_strategy_does_to_a_past_reaches_neither_the_market_nor_another_past():
    whole = small()
    whole.last_close  # noqa: B018  # shared with every past once it is there
    past = whole.until(DAYS[3])
    for name in ("close", "last_close", "events", "cash_yield"):
        frame = getattr(past, name)
        frame.iloc[0] = frame.iloc[-1]
    past.events["mine"] = 1
    fresh = small()
    for over in (whole, whole.until(DAYS[3])):
        pdt.assert_frame_equal(over.close, fresh.close.iloc[: len(over.bars)])
        pdt.assert_frame_equal(over.last_close, fresh.last_close.iloc[: len(over.bars)])
        assert "mine" not in over.events
        assert over.events["event_id"].iloc[0] == "july-9"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_past_is_copied_and_pickled_whole(copied):
    past = copied(small().until(DAYS[2]))
    assert type(past) is Market
    for name in FRAMES:
        expected = getattr(small().until(DAYS[2]), name)
        assert getattr(past, name).equals(expected), name
    assert len(past.last_close) == 3


def test_a_past_keeps_nothing_alive_that_nobody_holds():
    past = small().until(DAYS[2])
    reference = weakref.ref(past)
    del past
    assert reference() is None


def test_a_market_and_its_pasts_cannot_be_changed():
    for over in (small(), small().until(DAYS[2])):
        with pytest.raises(dataclasses.FrozenInstanceError):
            over.close = over.open
        with pytest.raises(AttributeError, match="'Market' object has no attribute 'opens'"):
            over.opens  # noqa: B018  # asking is the test


def test_a_market_with_another_field_keeps_what_was_computed_from_the_rest():
    whole = small()
    last_close, panel = whole.last_close, whole.panel
    other = whole.replaced(signals=whole.signals * 2)
    assert other.last_close is last_close
    assert other.panel is panel
    assert other.signals["VIX"].iloc[-1] == 40


def test_a_market_with_other_prices_keeps_nothing_that_was_computed_from_them():
    whole = small()
    assert whole.last_close["SPY"].iloc[-1] == 52
    assert whole.panel.last_close[-1, 1] == 52
    assert len(whole.until(DAYS[0]).events) == 1
    other = whole.replaced(close=whole.close * 2, events=whole.events.iloc[1:])
    assert other.last_close["SPY"].iloc[-1] == 104
    assert other.panel.last_close[-1, 1] == 104
    assert len(other.until(DAYS[0]).events) == 0
    shorter = whole.replaced(**{name: getattr(whole, name).iloc[1:] for name in FRAMES if name != "events"})
    assert len(shorter.bars) == len(shorter.is_open) == shorter.panel.shape[0] == 4


def test_every_derived_value_names_the_fields_it_is_computed_from():
    """A market is changed in one field at a time; whatever it then keeps must be what it would compute anew."""
    whole = small()
    changes = {
        "open": whole.open * 2,
        "close": whole.close * 2,
        "dividends": whole.dividends * 2,
        "cash_yield": whole.cash_yield * 2,
        "signals": whole.signals * 2,
        "events": whole.events.iloc[:1],
        "periods_per_year": 12,
    }
    for name, value in changes.items():
        whole = small()
        reachable(whole)
        kept = whole.replaced(**{name: value})
        anew = pickle.loads(pickle.dumps(kept))
        pdt.assert_frame_equal(kept.last_close, anew.last_close)
        pdt.assert_frame_equal(kept.is_open, anew.is_open)
        pdt.assert_frame_equal(kept.until(DAYS[2]).events, anew.until(DAYS[2]).events)
        for part in dataclasses.fields(Panel):
            if not part.name.startswith("_"):
                np.testing.assert_array_equal(
                    getattr(kept.panel, part.name),
                    getattr(anew.panel, part.name),
                    err_msg=f"{name}: {part.name}",
                )


def test_a_field_that_a_market_does_not_have_is_named():
    with pytest.raises(TypeError, match="Market has no field 'closes'; it has open, close, high"):
        small().replaced(closes=small().close)


@pytest.mark.parametrize(("periods", "expected"), [(365, True), (252, False), (12, False)])
def test_a_clock_has_seven_days_when_a_year_has_365_of_them(periods, expected):
    assert small().replaced(periods_per_year=periods).is_seven_days is expected
