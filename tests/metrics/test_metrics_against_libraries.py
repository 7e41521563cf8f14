"""Our numbers beside scipy's, pandas' and, where it is right, quantstats'; and where it is not, the difference."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash.metrics.drawdowns import worst_drawdowns
from raisecash.metrics.measure import measure
from raisecash.metrics.periods import months, years
from raisecash.metrics.track import Track
from tests.support.accounts import account, path_of

pytestmark = pytest.mark.filterwarnings("default")  # the libraries' own warnings are not ours to fail on


def day_returns(backtest):
    """Return an account's returns as the libraries take them."""
    track = Track.of(backtest)
    return track.by_day(track.returns, "returns")


@pytest.fixture(scope="module")
def pair():
    """Two correlated accounts of fat-tailed returns over three and a half years of every day."""
    generator = np.random.default_rng(7)
    market = generator.standard_t(4, 1278) * 0.015 + 0.0006
    other = 0.7 * market + generator.standard_t(5, 1278) * 0.008
    return (
        account(path_of(side.tolist(), 1e5), "2019-02-03", periods_per_year=365) for side in (other, market)
    )


@pytest.fixture(scope="module")
def measured(pair):
    strategy, benchmark = pair
    return measure(strategy, benchmark)[0], day_returns(strategy), day_returns(benchmark)


def test_moments_and_regression_agree_with_scipy(measured):
    from scipy import stats

    ours, r, b = measured
    line = stats.linregress(b, r)

    assert ours["skew"] == pytest.approx(stats.skew(r, bias=False))
    assert ours["kurtosis"] == pytest.approx(stats.kurtosis(r, bias=False))
    assert ours["beta"] == pytest.approx(line.slope)
    assert ours["alpha"] == pytest.approx(line.intercept * 365)
    assert ours["correlation"] == pytest.approx(line.rvalue)


def test_months_and_years_agree_with_pandas_resampling(measured):
    _, r, _ = measured
    by_month = (1 + r).resample("ME").prod() - 1
    by_year = (1 + r).resample("YE").prod() - 1

    days = r.index.to_numpy().astype("datetime64[D]")
    table = months(r.to_numpy(), days).to_numpy().ravel()
    assert table[~np.isnan(table)].tolist() == pytest.approx(by_month.tolist())
    assert years(r.to_numpy(), days).tolist() == pytest.approx(by_year.tolist())


@pytest.mark.slow
def test_quantstats_agrees_where_it_is_right(measured):
    """Given returns on one naive index and the periods of the clock."""
    from quantstats import stats

    ours, r, b = measured

    assert ours["total_return"] == pytest.approx(stats.comp(r))
    assert ours["volatility"] == pytest.approx(stats.volatility(r, periods=365))
    assert ours["sharpe"] == pytest.approx(stats.sharpe(r, periods=365))
    assert ours["sortino"] == pytest.approx(stats.sortino(r, periods=365))
    assert ours["max_drawdown"] == pytest.approx(stats.max_drawdown(r))
    assert ours["skew"] == pytest.approx(stats.skew(r))
    assert ours["kurtosis"] == pytest.approx(stats.kurtosis(r))
    assert ours["beta"] == pytest.approx(stats.greeks(r, b, periods=365)["beta"])
    assert ours["best_month"] == pytest.approx(stats.best(r, aggregate="ME"))
    assert ours["worst_month"] == pytest.approx(stats.worst(r, aggregate="ME"))


@pytest.mark.slow
def test_quantstats_is_still_wrong_where_we_compute_for_ourselves():
    """If one of these fails, a new quantstats was repaired: good news, and a line of documentation to change."""
    from quantstats import stats

    doubling = account(path_of([2 ** (1 / 365) - 1] * 365), "2021-01-01")
    assert stats.cagr(day_returns(doubling)) == pytest.approx(0.6137, abs=1e-4)
    assert measure(doubling, None)[0]["cagr"] == pytest.approx(1.0, abs=1e-3)

    falling = account(path_of([-0.05] * 10))
    assert stats.drawdown_details(stats.to_drawdown_series(day_returns(falling))).empty
    track = Track.of(falling)
    assert worst_drawdowns(track.drawdown, track.days)["depth"].tolist() == pytest.approx([0.95**10 - 1])

    rng = np.random.default_rng(3)
    one, two = (account(path_of(rng.normal(0, 0.01, 300).tolist())) for _ in range(2))
    difference = day_returns(one) - day_returns(two)
    theirs = stats.information_ratio(day_returns(one), day_returns(two))
    ours = measure(one, two)[0]["information_ratio"]
    assert theirs == pytest.approx(difference.mean() / difference.std())
    assert ours == pytest.approx(theirs * math.sqrt(one.market.periods_per_year))
    track = Track.of(one)
    assert pd.isna(months(track.returns, track.return_days).loc[2020, 12])
