"""`MonthDay` and yearly windows, 29 February and the year's end included."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash import MonthDay, in_window


def test_29_february_is_the_28th_in_a_common_year():
    leap_day = MonthDay("02-29")
    assert leap_day.on(2024) == pd.Timestamp("2024-02-29")
    assert leap_day.on(2023) == pd.Timestamp("2023-02-28")
    assert leap_day.on(2100) == pd.Timestamp("2100-02-28")


@pytest.mark.parametrize(
    "text", ["2-29", "02-30", "13-01", "00-10", "04-31", "07-01\n", "07/01", "", "2025-07-01"]
)
def test_text_that_is_no_day_of_any_year_is_refused(text):
    with pytest.raises(ValueError, match="must be a day"):
        MonthDay(text)


def test_next_from_counts_the_day_itself_and_rolls_into_the_next_year():
    days = pd.DatetimeIndex(["2024-06-30", "2024-07-01", "2024-07-02"])
    assert MonthDay("07-01").next_from(days).tolist() == list(
        pd.DatetimeIndex(["2024-07-01", "2024-07-01", "2025-07-01"])
    )


def test_a_window_that_wraps_the_year_end_is_winter():
    days = pd.DatetimeIndex(
        ["2024-10-31", "2024-11-01", "2024-12-31", "2025-01-01", "2025-04-30", "2025-05-01"]
    )
    assert in_window(days, MonthDay("11-01"), MonthDay("05-01")).tolist() == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_equal_ends_make_an_empty_window():
    days = pd.date_range("2023-01-01", "2024-12-31")
    assert not in_window(days, MonthDay("07-01"), MonthDay("07-01")).any()


month_days = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")


@given(day=st.dates(dt.date(1999, 1, 1), dt.date(2101, 12, 31)), start=month_days, end=month_days)
def test_a_window_and_its_complement_share_every_day(day, start, end):
    """Worked out on (month, day) pairs, the text itself, without a date library."""
    today = f"{day:%m-%d}"
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    first, last = (text if leap or text != "02-29" else "02-28" for text in (start, end))
    wraps = start > end
    inside = (today >= first or today < last) if wraps else first <= today < last
    assert in_window(pd.DatetimeIndex([day]), MonthDay(start), MonthDay(end)).tolist() == [inside]
