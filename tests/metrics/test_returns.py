"""Day ends, returns and the cash accrual that is taken off them."""

from __future__ import annotations

import pandas as pd
import pytest

from raisecash.errors import DataError
from raisecash.metrics.returns import cash_accrual, day_end_equity, day_returns, excess_returns
from tests.support.accounts import account

HOURS = pd.DatetimeIndex(
    ["2024-01-01 08:00", "2024-01-01 20:00", "2024-01-02 08:00", "2024-01-02 20:00", "2024-01-05 08:00"]
)


def test_daily_returns_start_on_the_second_bar():
    returns = day_returns(account([100.0, 110.0, 99.0]))

    assert returns.tolist() == pytest.approx([0.10, -0.10])
    assert returns.index.tolist() == [pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-03")]


def test_intraday_equity_is_taken_at_day_ends_with_the_starting_cash_in_front():
    """100 at the start, 90 at the end of day one, 99 of day two, 99 of day five."""
    backtest = account([100.0, 90.0, 80.0, 99.0, 99.0], HOURS)
    equity = day_end_equity(backtest)

    assert equity.tolist() == [100.0, 90.0, 99.0, 99.0]
    assert [f"{day:%m-%d %H:%M}" for day in equity.index] == [
        "12-31 00:00",
        "01-01 00:00",
        "01-02 00:00",
        "01-05 00:00",
    ]
    assert day_returns(backtest).tolist() == pytest.approx([-0.10, 0.10, 0.0])


def test_intraday_first_day_with_one_bar_is_the_starting_cash_itself():
    equity = day_end_equity(account([100.0, 80.0, 99.0], HOURS[1:4]))

    assert equity.tolist() == [100.0, 99.0]
    assert equity.index[0] == pd.Timestamp("2024-01-01")


def test_loss_before_the_first_close_is_not_lost():
    equity = day_end_equity(account([95.0, 96.0], cash_at_start=100.0))

    assert equity.tolist() == [100.0, 95.0, 96.0]


def test_cash_accrues_at_the_yield_known_the_day_before_for_each_calendar_day():
    """Friday to Monday is three days at Friday's 3.65%: 0.0003; Monday to Tuesday one at Monday's 7.3%: 0.0002."""
    sessions = pd.DatetimeIndex(["2024-01-05", "2024-01-08", "2024-01-09"])
    backtest = account([100.0, 101.0, 101.0], sessions, cash_yield=[0.0365, 0.073, 9.9])

    assert cash_accrual(backtest).tolist() == pytest.approx([0.0003, 0.0002])
    assert excess_returns(backtest).tolist() == pytest.approx([0.0097, -0.0002])


def test_intraday_cash_accrues_by_calendar_days_and_nothing_within_the_first():
    """Only the first bar of a date has a calendar day behind it: 0, one day at 7.3%, three days at 3.65%."""
    backtest = account([100.0] * 5, HOURS, cash_yield=[9.9, 0.073, 9.9, 0.0365, 9.9])

    assert cash_accrual(backtest).tolist() == pytest.approx([0.0, 0.0002, 0.0003])


@pytest.mark.parametrize("index", [pd.date_range("2024-01-05", periods=5), HOURS])
def test_account_that_only_earns_the_cash_yield_has_no_excess_return(index):
    """The interest rule of the engines, bar by bar, in plain Python."""
    yields, cash = [0.05, 0.04, 0.03, 0.02, 0.01], [100_000.0]
    for t in range(1, 5):
        days = (index[t].date() - index[t - 1].date()).days
        cash.append(cash[-1] * (1 + yields[t - 1] * days / 365))
    excess = excess_returns(account(cash, index, cash=cash, cash_yield=yields))

    assert excess.abs().max() < 1e-15


@pytest.mark.parametrize("wiped_out", [0.0, -3.0, float("nan"), float("inf")])
def test_equity_that_is_not_a_positive_amount_is_refused_with_its_date(wiped_out):
    with pytest.raises(DataError, match=r"by hand: equity must be a positive amount.*2020-01-02"):
        day_end_equity(account([100.0, wiped_out, 100.0]))


def test_the_account_itself_is_left_as_it_was():
    backtest = account([100.0, 90.0, 80.0, 99.0, 99.0], HOURS, cash_yield=0.01)
    before = backtest.bars.copy(deep=True)
    excess_returns(backtest)

    pd.testing.assert_frame_equal(backtest.bars, before)
