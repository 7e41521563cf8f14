"""Calendar months and years."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.metrics.periods import best_month, compounded, months, win_rate_months, worst_month, years


def arrays(by_day: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return returns and the days they end on."""
    return np.array(list(by_day.values()), dtype=float), np.array(list(by_day), dtype="datetime64[D]")


def days_of(index: pd.DatetimeIndex) -> np.ndarray:
    return index.to_numpy().astype("datetime64[D]")


def test_months_compound_and_months_without_data_are_nan_not_zero():
    """+10% and -10% in one January make -1%; nothing is known about February."""
    table = months(*arrays({"2020-01-10": 0.10, "2020-01-31": -0.10, "2020-03-02": 0.02}))

    assert table.loc[2020, 1] == pytest.approx(-0.01)
    assert table.loc[2020, 3] == pytest.approx(0.02)
    assert table.columns.tolist() == list(range(1, 13))
    assert np.isnan(table.loc[2020, 2])
    assert table.notna().sum().sum() == 2


def test_year_between_two_years_of_data_is_a_row_of_nan():
    returns = arrays({"2018-12-31": 0.5, "2020-01-01": 0.1})

    assert months(*returns).index.tolist() == [2018, 2019, 2020]
    assert months(*returns).loc[2019].isna().all()
    assert years(*returns).isna().tolist() == [False, True, False]


def test_a_return_belongs_to_the_month_it_ends_in():
    assert months(*arrays({"2020-02-03": 0.07})).loc[2020, 2] == pytest.approx(0.07)


def test_years_are_compounded_not_summed():
    """-20% and then +25% is 0, where a sum says +5%."""
    found = years(*arrays({"2018-02-01": -0.20, "2018-06-01": 0.25, "2019-01-01": 0.03}))

    assert found.loc[2018] == pytest.approx(0.0, abs=1e-15)
    assert found.loc[2019] == pytest.approx(0.03)


def test_no_returns_make_empty_tables_and_undefined_month_statistics():
    empty = arrays({})
    by_month = compounded(*empty, "month")

    assert months(*empty).shape == (0, 12)
    assert years(*empty).shape == (0,)
    assert by_month.shape == (0,)
    assert all(np.isnan(statistic(by_month)) for statistic in (best_month, worst_month, win_rate_months))


def test_best_worst_and_win_rate_by_hand():
    """Four months: +2%, 0, -3%, +1%. Two of four are wins; a month at exactly zero is not."""
    returns = arrays({"2020-01-31": 0.02, "2020-02-28": 0.0, "2020-04-30": -0.03, "2020-05-29": 0.01})
    by_month = compounded(*returns, "month")

    assert best_month(by_month) == pytest.approx(0.02)
    assert worst_month(by_month) == pytest.approx(-0.03)
    assert win_rate_months(by_month) == 0.5


@given(st.lists(st.integers(-500, 900), min_size=1, max_size=400), st.integers(1, 9))
def test_months_and_years_compound_to_the_total_return(thousandths, step):
    """Exact arithmetic: the product over the months, and over the years, is the product over all bars."""
    exact = math.prod((1 + Fraction(n, 1000) for n in thousandths), start=Fraction(1))
    days = pd.date_range("2019-11-20", periods=len(thousandths), freq=f"{step}D")
    returns = np.array([n / 1000 for n in thousandths]), days_of(days)

    assert np.nanprod(1 + months(*returns).to_numpy()) == pytest.approx(float(exact), rel=1e-9)
    assert np.nanprod(1 + years(*returns).to_numpy()) == pytest.approx(float(exact), rel=1e-9)
    for period in ("week", "month", "quarter", "year"):
        assert np.prod(1 + compounded(*returns, period)) == pytest.approx(float(exact), rel=1e-9)


@given(st.lists(st.floats(-0.5, 0.9), min_size=1, max_size=300), st.integers(1, 40))
def test_months_agree_with_a_dictionary_filled_day_by_day(values, step):
    days = pd.date_range("2015-06-10", periods=len(values), freq=f"{step}D")
    growth: dict[tuple[int, int], float] = {}
    for day, value in zip(days, values, strict=True):
        growth[day.year, day.month] = growth.get((day.year, day.month), 1.0) * (1 + value)
    table = months(np.array(values), days_of(days))

    assert table.notna().sum().sum() == len(growth)
    for (year, month), factor in growth.items():
        assert table.loc[year, month] == pytest.approx(factor - 1, rel=1e-9, abs=1e-12)


PERIOD_OF = {
    "week": lambda day: day - datetime.timedelta(days=day.weekday()),
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "year": lambda day: day.year,
}


@pytest.mark.parametrize("period", PERIOD_OF)
@given(
    values=st.lists(st.floats(-0.5, 0.9), min_size=1, max_size=200),
    first=st.dates(datetime.date(1968, 1, 1), datetime.date(2030, 1, 1)),
    step=st.integers(1, 40),
)
def test_every_period_agrees_with_a_dictionary_filled_day_by_day(period, values, first, step):
    days = [first + datetime.timedelta(days=step * n) for n in range(len(values))]
    growth: dict[object, float] = {}
    for day, value in zip(days, values, strict=True):
        key = PERIOD_OF[period](day)
        growth[key] = growth.get(key, 1.0) * (1 + value)

    found = compounded(np.array(values), np.array(days, dtype="datetime64[D]"), period)
    assert found.tolist() == pytest.approx([factor - 1 for factor in growth.values()], rel=1e-9, abs=1e-12)
