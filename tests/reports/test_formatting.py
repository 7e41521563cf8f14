"""Numbers and dates read as people expect them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.pages.formatting import (
    counted,
    day,
    days,
    moment,
    money,
    number,
    percent,
    rough_percent,
    shares,
    small,
)
from tests.support.page_reader import number_on_page


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (percent(0.1234), "12.3%"),
        (percent(-0.4136), "−41.4%"),
        (percent(-0.0004), "0.0%"),
        (percent(-0.0187, 2), "−1.87%"),
        (percent(18.06), "1,806%"),
        (rough_percent(-0.4136), "−41%"),
        (rough_percent(0.0882), "8.8%"),
        (rough_percent(0.09996), "10%"),
        (rough_percent(0.0), "0%"),
        (money(812_345.4), "812,345"),
        (money(37.5), "37.50"),
        (money(0.0), "0"),
        (money(-1200), "−1,200"),
        (number(-0.001), "0.00"),
        (number(float("inf")), "∞"),
        (days(1204.0), "1,204"),
        (shares(0.5), "0.5"),
        (shares(-12.0), "−12"),
        (shares(1e-9), "0"),
        (small(3.1e-13), "3.1e-13"),
        (small(0.0), "0"),
        (day(pd.Timestamp("2020-03-16")), "2020-03-16"),
        (day(pd.Timestamp("2020-03-16 14:00")), "2020-03-16 14:00"),
        (moment(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)), "2026-01-02 03:04 UTC"),
        (moment(datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=9)))), "2026-01-01 18:04 UTC"),
        (moment(datetime(2026, 1, 2, 3, 4)), "2026-01-02 03:04 UTC"),
        (counted(0, "order"), "no orders"),
        (counted(1, "order"), "1 order"),
        (counted(2000, "order"), "2,000 orders"),
    ],
)
def test_a_value_reads_as_a_person_would_write_it(shown, text):
    assert shown == text


@pytest.mark.parametrize("show", [percent, rough_percent, money, number, days, shares, day])
@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT])
def test_what_is_not_defined_is_an_en_dash(show, missing):
    assert show(missing) == "–"


@given(st.floats(-1e6, 1e6), st.sampled_from([percent, money, number]))
def test_what_is_shown_is_the_value_up_to_its_last_digit(value, show):
    said, rounding = number_on_page(show(value))
    assert said == pytest.approx(value, rel=1e-12, abs=rounding)


@given(st.floats(-1e3, 1e3))
def test_nothing_that_rounds_to_zero_has_a_sign(value):
    text = number(value, 1)
    assert "−" not in text or any(digit in text for digit in "123456789")
