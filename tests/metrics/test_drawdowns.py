"""Drawdowns: depth, length, and the ones that are still open."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.metrics.drawdowns import drawdown, longest_drawdown_days, max_drawdown, worst_drawdowns
from raisecash.metrics.track import Track
from tests.support.accounts import account, path_of

DAYS = pd.date_range("2020-01-01", periods=100).to_numpy().astype("datetime64[D]")
equities = st.lists(st.integers(1, 30), min_size=1, max_size=60)


def table_of(values, days=DAYS, **others):
    """Return the worst drawdowns of an equity path on consecutive days."""
    return worst_drawdowns(drawdown(np.array(values, dtype=float)), days[: len(values)], **others)


def longest(values, days=DAYS):
    """Return the longest drawdown of an equity path on consecutive days."""
    return longest_drawdown_days(drawdown(np.array(values, dtype=float)), days[: len(values)])


def deepest(values):
    """Return the deepest drawdown of an equity path."""
    return max_drawdown(drawdown(np.array(values, dtype=float)))


def by_walking(days, values):
    """Oracle: walk the path once; return (peak, trough, recovery or None, depth, days) in order of time."""
    episodes, open_one, high, high_day = [], None, values[0], days[0]
    for day, value in zip(days, values, strict=True):
        if value >= high:
            if open_one:
                episodes.append((*open_one[:2], day, open_one[2]))
                open_one = None
            high, high_day = value, day
        elif open_one is None or value / high - 1 < open_one[2]:
            open_one = (high_day, day, value / high - 1)
    if open_one:
        episodes.append((*open_one[:2], None, open_one[2]))
    return [
        (peak, trough, back, depth, ((back or days[-1]) - peak).days)
        for peak, trough, back, depth in episodes
    ]


def test_drawdown_is_measured_from_the_highest_value_so_far():
    assert drawdown(np.array([100.0, 120, 90, 120, 60])).tolist() == pytest.approx([0, 0, -0.25, 0, -0.5])


def test_drawdown_that_starts_on_the_first_return_is_counted():
    """Ten days of -5% are a drawdown of 1 - 0.95^10 = 40.13% from the starting capital, ten days long."""
    track = Track.of(account(path_of([-0.05] * 10)))
    table = worst_drawdowns(track.drawdown, track.days)

    assert max_drawdown(track.drawdown) == pytest.approx(0.95**10 - 1)
    assert longest_drawdown_days(track.drawdown, track.days) == 10
    assert len(table) == 1
    assert table.loc[0, "peak"] == pd.Timestamp("2020-01-01")


def test_intraday_loss_on_the_first_day_is_a_drawdown_from_the_starting_cash():
    hours = pd.DatetimeIndex(["2024-01-01 08:00", "2024-01-01 20:00", "2024-01-02 20:00"])

    assert max_drawdown(Track.of(account([100.0, 90.0, 95.0], hours)).drawdown) == pytest.approx(-0.10)


def test_open_drawdown_has_no_recovery_and_lasts_to_the_last_bar():
    table = table_of([100, 80, 90, 95])

    assert table["recovery"].isna().all()
    assert table.loc[0, "trough"] == pd.Timestamp("2020-01-02")
    assert table.loc[0, "days"] == 3


def test_two_drawdowns_by_hand():
    """110 -> 99 (-10%) and back after 4 calendar days over a weekend; 120 -> 90 (-25%), open for 2 days."""
    days = pd.DatetimeIndex(
        ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12"]
    )
    equity = [100.0, 110.0, 99.0, 110.0, 120.0, 96.0, 90.0]
    table = table_of(equity, days.to_numpy())

    assert table["depth"].tolist() == pytest.approx([-0.25, -0.10])
    assert table["peak"].tolist() == [days[4], days[1]]
    assert table["trough"].tolist() == [days[6], days[2]]
    assert table["recovery"].iloc[1] == days[3]
    assert pd.isna(table["recovery"].iloc[0])
    assert table["days"].tolist() == [2, 4]
    assert longest(equity, days.to_numpy()) == 4


def test_account_that_never_fell_has_no_drawdowns():
    equity = [100, 100, 101]
    table = table_of(equity)

    assert deepest(equity) == 0
    assert longest(equity) == 0
    assert table.columns.tolist() == ["peak", "trough", "recovery", "depth", "days"]
    assert table.empty
    assert table["recovery"].dtype.kind == "M"


def test_only_the_n_deepest_are_listed_and_the_earlier_of_equals_first():
    table = table_of([100, 90, 100, 80, 100, 80, 100], n=2)

    assert table["depth"].tolist() == pytest.approx([-0.2, -0.2])
    assert table["trough"].tolist() == [pd.Timestamp("2020-01-04"), pd.Timestamp("2020-01-06")]


def test_ten_are_listed_unless_another_number_is_asked_for():
    twelve_falls = [100, *(value for depth in range(1, 13) for value in (100 - depth, 100))]

    assert table_of(twelve_falls)["depth"].tolist() == pytest.approx([-n / 100 for n in range(12, 2, -1)])


@given(equities)
def test_every_drawdown_agrees_with_one_walk_along_the_path(values):
    days = [pd.Timestamp(day).to_pydatetime() for day in DAYS[: len(values)]]
    expected = sorted(by_walking(days, values), key=lambda episode: episode[3])
    table = table_of(values, n=len(values))

    assert len(table) == len(expected)
    for row, (peak, trough, back, depth, length) in zip(table.itertuples(), expected, strict=True):
        assert (row.peak, row.trough, row.days) == (peak, trough, length)
        assert row.depth == pytest.approx(depth)
        assert pd.isna(row.recovery) if back is None else row.recovery == back
    assert longest(values) == max((episode[4] for episode in expected), default=0)
    assert deepest(values) == pytest.approx(min((episode[3] for episode in expected), default=0.0))


@given(equities, st.sampled_from([0.25, 2.0, 1024.0]))
def test_the_currency_does_not_matter(values, factor):
    """Powers of two scale without rounding, so the tables are equal to the last bit."""
    pd.testing.assert_frame_equal(table_of(values), table_of([value * factor for value in values]))
