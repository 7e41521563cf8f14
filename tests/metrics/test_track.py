"""An account at day ends: equity, returns, and the cash accrual that is taken off them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from raisecash import load_config, run_study
from raisecash.errors import DataError
from raisecash.metrics.measure import measure
from raisecash.metrics.track import Track
from raisecash.runs.summary import summary
from reports.comparison.page import comparison_page
from reports.tear_sheet.data import sheet_of
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from tests.support.accounts import account
from tests.support.study_factory import make_market, make_study

HOURS = pd.DatetimeIndex(
    ["2024-01-01 08:00", "2024-01-01 20:00", "2024-01-02 08:00", "2024-01-02 20:00", "2024-01-05 08:00"]
)


def test_daily_returns_start_on_the_second_bar():
    track = Track.of(account([100.0, 110.0, 99.0]))

    assert track.returns.tolist() == pytest.approx([0.10, -0.10])
    assert track.return_days.astype(str).tolist() == ["2020-01-02", "2020-01-03"]


def test_intraday_equity_is_taken_at_day_ends_with_the_starting_cash_in_front():
    """100 at the start, 90 at the end of day one, 99 of day two, 99 of day five."""
    track = Track.of(account([100.0, 90.0, 80.0, 99.0, 99.0], HOURS))

    assert track.equity.tolist() == [100.0, 90.0, 99.0, 99.0]
    assert track.days.astype(str).tolist() == ["2023-12-31", "2024-01-01", "2024-01-02", "2024-01-05"]
    assert track.returns.tolist() == pytest.approx([-0.10, 0.10, 0.0])


def test_intraday_first_day_with_one_bar_is_the_starting_cash_itself():
    track = Track.of(account([100.0, 80.0, 99.0], HOURS[1:4]))

    assert track.equity.tolist() == [100.0, 99.0]
    assert track.days[0] == np.datetime64("2024-01-01")


def test_loss_before_the_first_close_is_not_lost():
    track = Track.of(account([95.0, 96.0], cash_at_start=100.0))

    assert track.equity.tolist() == [100.0, 95.0, 96.0]
    assert track.days.astype(str).tolist() == ["2019-12-31", "2020-01-01", "2020-01-02"]
    assert track.drawdown.tolist() == pytest.approx([0.0, -0.05, -0.04])


def test_cash_accrues_at_the_yield_known_the_day_before_for_each_calendar_day():
    """Friday to Monday is three days at Friday's 3.65%: 0.0003; Monday to Tuesday one at Monday's 7.3%: 0.0002."""
    sessions = pd.DatetimeIndex(["2024-01-05", "2024-01-08", "2024-01-09"])
    track = Track.of(account([100.0, 101.0, 101.0], sessions, cash_yield=[0.0365, 0.073, 9.9]))

    assert track.accrual.tolist() == pytest.approx([0.0003, 0.0002])
    assert track.excess.tolist() == pytest.approx([0.0097, -0.0002])


def test_intraday_cash_accrues_by_calendar_days_and_nothing_within_the_first():
    """Only the first bar of a date has a calendar day behind it: 0, one day at 7.3%, three days at 3.65%."""
    track = Track.of(account([100.0] * 5, HOURS, cash_yield=[9.9, 0.073, 9.9, 0.0365, 9.9]))

    assert track.accrual.tolist() == pytest.approx([0.0, 0.0002, 0.0003])


@pytest.mark.parametrize("index", [pd.date_range("2024-01-05", periods=5), HOURS])
def test_account_that_only_earns_the_cash_yield_has_no_excess_return(index):
    """The interest rule of the engines, bar by bar, in plain Python."""
    yields, cash = [0.05, 0.04, 0.03, 0.02, 0.01], [100_000.0]
    for t in range(1, 5):
        days = (index[t].date() - index[t - 1].date()).days
        cash.append(cash[-1] * (1 + yields[t - 1] * days / 365))
    track = Track.of(account(cash, index, cash=cash, cash_yield=yields))

    assert np.abs(track.excess).max() < 1e-15


@pytest.mark.parametrize("wiped_out", [0.0, -3.0, float("nan"), float("inf")])
def test_equity_that_is_not_a_positive_amount_is_refused_with_its_date(wiped_out):
    with pytest.raises(DataError, match=r"by hand: equity must be a positive amount.*2020-01-02"):
        Track.of(account([100.0, wiped_out, 100.0]))


def test_an_account_of_pennies_is_measured_like_any_other():
    track = Track.of(account([0.5, 0.4], cash=[0.5, 0.1]))

    assert track.returns.tolist() == pytest.approx([-0.2])
    assert track.cash_weights.tolist() == pytest.approx([1.0, 0.25])


def test_the_account_itself_is_left_as_it_was():
    backtest = account([100.0, 90.0, 80.0, 99.0, 99.0], HOURS, cash_yield=0.01)
    before = backtest.bars.copy(deep=True)
    measure(backtest, None)

    pd.testing.assert_frame_equal(backtest.bars, before)


@pytest.fixture
def made(monkeypatch):
    """Return the names of the accounts whose day ends were computed, as they are."""
    names: list[str] = []
    of = Track.of

    def counted(backtest):
        names.append(backtest.name)
        return of(backtest)

    monkeypatch.setattr(Track, "of", counted)
    return names


def test_a_result_and_all_its_pages_need_the_day_ends_of_an_account_once(made):
    study = make_study(
        {"hold": BuyAndHold()}, {"cash": Cash()}, market=make_market("2020-01-01", "2020-12-31")
    )
    assert made == ["cash", "hold"]

    summary(study)
    comparison_page(study)
    for result in study.results:
        sheet_of(study, result)
        assert len(result.returns) == len(result.excess_returns) == len(result.drawdown) - 1
    assert made == ["cash", "hold"]


def test_a_whole_run_computes_the_day_ends_of_each_account_once(made, folder):
    study = run_study(load_config(folder / "study.toml"))

    assert sorted(made) == sorted(result.name for result in study.results)


def test_series_of_an_account_are_dated_by_the_day_they_end_on():
    track = Track.of(account([100.0, 110.0, 99.0]))
    days = pd.DatetimeIndex(["2020-01-01", "2020-01-02", "2020-01-03"])

    assert track.by_day(track.returns, "returns").index.equals(days[1:])
    assert track.by_day(track.drawdown, "drawdown").index.equals(days)
    assert track.by_day(track.drawdown, "drawdown").name == "drawdown"
