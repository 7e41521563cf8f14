"""Rolling statistics: the plain statistic of each window, and NaN before the first full one."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.metrics import performance, relative
from raisecash.metrics.rolling import rolling_beta, rolling_sharpe, rolling_sortino, rolling_volatility

ALL = (rolling_volatility, rolling_sharpe, rolling_sortino)
samples = st.lists(st.integers(-300, 400).map(lambda n: n / 1000), min_size=1, max_size=40).map(np.array)


def test_three_windows_by_hand():
    """Windows of two: (2%, -1%), (-1%, 3%), (3%, 3%): means 0.5%, 1%, 3%; deviations 3%, 4% and 0 over root two.

    Downside, over both days: 1% / root two, twice, and none. Four periods a year double everything.
    """
    x, two = np.array([0.02, -0.01, 0.03, 0.03]), math.sqrt(2)

    volatility = rolling_volatility(x, 2, periods_per_year=4)
    assert volatility[1:].tolist() == pytest.approx([2 * 0.03 / two, 2 * 0.04 / two, 0.0])
    sharpe = rolling_sharpe(x, 2, periods_per_year=4)
    assert sharpe[1:].tolist() == pytest.approx([2 * 0.5 / 3 * two, 2 * 1 / 4 * two, math.nan], nan_ok=True)
    sortino = rolling_sortino(x, 2, periods_per_year=4)
    assert sortino[1:].tolist() == pytest.approx([2 * 0.5 * two, 2 * 1 * two, math.nan], nan_ok=True)
    for line in (volatility, sharpe, sortino):
        assert np.isnan(line[0])


def test_beta_of_two_windows_by_hand():
    """x = 2 x_b + 1% in the first three days: slope 2. Then (0, 1%, 3%) is held against (0, 1%, 0): slope 0."""
    x_b = np.array([0.02, 0.0, 0.01, 0.0])
    x = np.array([0.05, 0.01, 0.03, 0.05])

    assert rolling_beta(x, x_b, 3).tolist() == pytest.approx([math.nan, math.nan, 2.0, 0.0], nan_ok=True)


@given(samples, st.integers(2, 12), st.sampled_from([4, 252, 365]))
def test_each_window_has_the_statistic_that_a_whole_account_of_it_would_have(x, window, a_year):
    pairs = (
        (rolling_sharpe, performance.sharpe),
        (rolling_sortino, performance.sortino),
        (rolling_volatility, performance.volatility),
    )
    for rolling, whole in pairs:
        line = rolling(x, window, periods_per_year=a_year)
        assert len(line) == len(x)
        assert np.isnan(line[: window - 1]).all()
        for end in range(window, len(x) + 1):
            expected = whole(x[end - window : end], periods_per_year=a_year)
            assert line[end - 1] == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=1e-12)


@given(samples, samples, st.integers(2, 12))
def test_rolling_beta_is_that_of_each_window(x, x_b, window):
    n = min(len(x), len(x_b))
    line = rolling_beta(x[:n], x_b[:n], window)
    for end in range(window, n + 1):
        own, other = x[end - window : end], x_b[end - window : end]
        varies = statistics.pstdev(own) > 0
        expected = relative.beta(own, other) if varies else (math.nan if np.ptp(other) == 0 else 0.0)
        assert line[end - 1] == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=1e-12)


def test_rolling_statistics_agree_with_pandas():
    rng = np.random.default_rng(11)
    x, x_b = rng.normal(0.0004, 0.01, (2, 400))
    rolling, other = pd.Series(x).rolling(126), pd.Series(x_b).rolling(126)

    np.testing.assert_allclose(rolling_volatility(x, 126, periods_per_year=252), rolling.std() * 252**0.5)
    np.testing.assert_allclose(
        rolling_sharpe(x, 126, periods_per_year=252), rolling.mean() / rolling.std() * 252**0.5
    )
    np.testing.assert_allclose(rolling_beta(x, x_b, 126), rolling.cov(pd.Series(x_b)) / other.var())


@pytest.mark.parametrize("statistic", ALL)
@pytest.mark.parametrize(("n", "window"), [(0, 5), (4, 5), (5, 1), (5, 0)])
def test_without_a_full_window_of_two_or_more_there_is_no_value(statistic, n, window):
    line = statistic(np.linspace(-0.01, 0.02, n), window, periods_per_year=252)

    assert len(line) == n
    assert np.isnan(line).all()


def test_a_window_as_long_as_the_returns_has_one_value():
    line = rolling_volatility(np.array([0.01, -0.01, 0.02]), 3, periods_per_year=1)

    assert np.isnan(line).tolist() == [True, True, False]


def test_what_varies_by_rounding_only_has_no_volatility_ratio_or_slope():
    noise = 0.001 + np.array([0.0, 1e-16, -1e-16, 2e-16, 0.0, 1e-16])
    loud = np.array([0.01, -0.02, 0.03, 0.01, -0.01, 0.02])

    assert rolling_volatility(noise, 3, periods_per_year=365)[2:].tolist() == [0.0] * 4
    assert np.isnan(rolling_sharpe(noise, 3, periods_per_year=365)).all()
    assert np.isnan(rolling_sortino(-noise + 0.001, 3, periods_per_year=365)).all()
    assert np.isnan(rolling_beta(loud, noise, 3)).all()
    assert rolling_beta(noise, loud, 3)[2:].tolist() == [0.0] * 4
