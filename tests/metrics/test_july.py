"""The July window, a row a year."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raisecash.metrics import july
from raisecash.metrics.track import Track
from tests.support.accounts import account

NUMBERS = ["rally", "minefield", "worst", "cash_weight"]


def july_window(backtest):
    """Return the July window of an account."""
    return july.july_window(Track.of(backtest))


def made_of(changes: dict[str, float], start: str, end: str, **others):
    """Return an account on every day of a range that takes a value on a day and keeps it."""
    days = pd.date_range(start, end)
    path = pd.Series(changes, dtype=float)
    path.index = pd.DatetimeIndex(path.index)
    return account(path.reindex(days).ffill().tolist(), days, **others)


def test_one_year_by_hand():
    """100 on 31 May, 120 by 30 June (+20%); July: 132, then 99 (-25% from 132), then 108 (-10% for the month)."""
    backtest = made_of(
        {"2021-05-01": 80, "2021-05-31": 100, "2021-06-15": 110, "2021-06-30": 120}
        | {"2021-07-05": 132, "2021-07-20": 99, "2021-07-31": 108, "2021-08-01": 50},
        "2021-05-01",
        "2021-08-31",
    )
    row = july_window(backtest).loc[2021]

    assert row["rally"] == pytest.approx(0.20)
    assert row["minefield"] == pytest.approx(-0.10)
    assert row["worst"] == pytest.approx(-0.25)
    assert not row["partial"]


def test_a_fall_on_the_first_of_july_is_a_drawdown_from_the_last_close_of_june():
    backtest = made_of({"2021-05-31": 100, "2021-07-01": 90}, "2021-05-31", "2021-07-31")

    assert july_window(backtest).loc[2021, "worst"] == pytest.approx(-0.10)


def test_cash_weight_is_the_mean_over_the_bars_of_july_alone():
    """All cash in June and August; in July half of the 31 days 0.8 and the others 0.2."""
    days = pd.date_range("2021-05-31", "2021-08-05")
    cash = [100.0 if day.month != 7 else (80.0 if day.day <= 16 else 20.0) for day in days]
    row = july_window(account([100.0] * len(days), days, cash=cash)).loc[2021]

    assert row["cash_weight"] == pytest.approx((16 * 0.8 + 15 * 0.2) / 31)


@pytest.mark.parametrize(
    ("start", "end", "defined"),
    [
        ("2021-05-31", "2021-07-31", NUMBERS),
        ("2021-06-01", "2021-07-31", ["minefield", "worst", "cash_weight"]),  # no close before 1 June
        ("2021-06-30", "2021-07-31", ["minefield", "worst", "cash_weight"]),
        ("2021-07-01", "2021-12-31", []),  # no close before 1 July
        ("2021-01-01", "2021-07-30", ["rally"]),
        ("2021-01-01", "2021-06-30", ["rally"]),
        ("2021-01-01", "2021-06-29", []),
        ("2021-01-01", "2021-03-31", []),
        ("2021-10-01", "2021-12-31", []),
    ],
)
def test_a_window_that_is_only_partly_covered_is_nan_and_flagged(start, end, defined):
    row = july_window(made_of({start: 100}, start, end)).loc[2021]

    assert [name for name in NUMBERS if not np.isnan(row[name])] == defined
    assert row["partial"] == (defined != NUMBERS)


def test_exchange_sessions_cover_a_month_up_to_its_last_weekday():
    """31 July 2021 was a Saturday: Friday the 30th is the end of an exchange's July and not of bitcoin's."""
    sessions = pd.bdate_range("2021-05-28", "2021-07-30")
    exchange = july_window(account([100.0] * len(sessions), sessions))
    crypto = july_window(made_of({"2021-05-28": 100}, "2021-05-28", "2021-07-30"))

    assert not exchange.loc[2021, "partial"]
    assert crypto.loc[2021, "partial"]


def test_every_calendar_year_of_the_account_has_a_row():
    table = july_window(made_of({"2019-12-30": 100}, "2019-12-30", "2022-01-02"))

    assert table.index.tolist() == [2019, 2020, 2021, 2022]
    assert table["partial"].tolist() == [True, False, False, True]
    assert table.columns.tolist() == ["rally", "minefield", "worst", "cash_weight", "partial"]
    assert table["partial"].dtype == bool


def test_intraday_account_is_measured_at_day_ends_and_its_cash_at_every_bar():
    """Two bars a day; the fall and rise within 10 July leaves no trace in `worst`; cash is held in the mornings."""
    hours = pd.date_range("2021-05-31", "2021-08-01", freq="12h")
    dip = pd.Timestamp("2021-07-10")
    equity = [50.0 if hour == dip else 100.0 for hour in hours]
    cash = [value if hour.hour == 0 else 0.0 for hour, value in zip(hours, equity, strict=True)]
    row = july_window(account(equity, hours, cash=cash)).loc[2021]

    assert row["worst"] == 0
    assert row["cash_weight"] == pytest.approx(0.5)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 400), st.integers(1, 900))
def test_rows_agree_with_a_plain_loop_over_dates(seed, offset, length):
    generator = np.random.default_rng(seed)
    days = pd.date_range(pd.Timestamp("2019-03-01") + pd.Timedelta(days=offset), periods=length)
    equity = (100 * np.exp(np.cumsum(generator.normal(0, 0.03, length)))).tolist()
    shares = generator.random(length)
    table = july_window(account(equity, days, cash=(shares * equity).tolist(), periods_per_year=365))

    value_on = {day.date(): value for day, value in zip(days, equity, strict=True)}
    cash_on = {day.date(): share for day, share in zip(days, shares.tolist(), strict=True)}
    for year in range(days[0].year, days[-1].year + 1):
        june = [datetime.date(year, 5, 31) + datetime.timedelta(days=n) for n in range(31)]
        in_july = [datetime.date(year, 6, 30) + datetime.timedelta(days=n) for n in range(32)]
        row = table.loc[year]
        if all(day in value_on for day in june):
            assert row["rally"] == pytest.approx(value_on[june[-1]] / value_on[june[0]] - 1)
        else:
            assert np.isnan(row["rally"])
        if all(day in value_on for day in in_july):
            values, high, worst = [value_on[day] for day in in_july], 0.0, 0.0
            for value in values:
                high = max(high, value)
                worst = min(worst, value / high - 1)
            assert row["minefield"] == pytest.approx(values[-1] / values[0] - 1)
            assert row["worst"] == pytest.approx(worst)
            assert row["cash_weight"] == pytest.approx(sum(cash_on[day] for day in in_july[1:]) / 31)
        else:
            assert row[["minefield", "worst", "cash_weight"]].isna().all()
        assert row["partial"] == (np.isnan(row["rally"]) or np.isnan(row["minefield"]))


def test_the_mean_is_over_full_years_and_needs_two_of_them():
    table = pd.DataFrame(
        {
            "rally": [0.9, 0.10, 0.20, np.nan],
            "minefield": [0.9, -0.02, -0.04, 0.5],
            "worst": [-0.5, -0.10, -0.30, -0.1],
            "cash_weight": [0.9, 0.0, 0.5, 0.9],
            "partial": [True, False, False, True],
        },
        index=pd.RangeIndex(2018, 2022, name="year"),
    )

    assert july.mean_of_full_years(table) == pytest.approx(
        {"rally": 0.15, "minefield": -0.03, "worst": -0.20, "cash_weight": 0.25}
    )
    assert july.mean_of_full_years(table.iloc[:2]) is None
