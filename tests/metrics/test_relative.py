"""Metrics of an account against another one, each against a formula that shares no code with it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.errors import DataError
from raisecash.metrics.measure import measure
from raisecash.metrics.relative import (
    alpha,
    beta,
    correlation,
    information_ratio,
    tracking_error,
)
from raisecash.metrics.table import RELATIVE_METRICS
from tests.support.accounts import account, path_of


def array(values):
    return np.array(values, dtype=float)


four_or_more = st.lists(st.integers(-300, 400).map(lambda n: n / 1000), min_size=4, max_size=80)


varied = four_or_more.filter(lambda values: len(set(values)) > 1)


def test_relative_metrics_by_hand():
    """x = 3%, -1%, 1% on x_b = 2%, 0, 1%: cov(x, x_b) = 2, var(x_b) = 1, var(x) = 4 (squared percent), so beta 2.

    alpha: mean(x) - 2 mean(x_b) = 1% - 2% = -1% a day. Differences 1%, -1%, 0: mean 0, std 1%.
    """
    x, x_b = array([0.03, -0.01, 0.01]), array([0.02, 0.0, 0.01])

    assert beta(x, x_b) == pytest.approx(2)
    assert alpha(x, x_b, periods_per_year=252) == pytest.approx(-2.52)
    assert correlation(x, x_b) == pytest.approx(1)
    assert tracking_error(x, x_b, periods_per_year=4) == pytest.approx(0.02)
    assert information_ratio(x, x_b, periods_per_year=4) == pytest.approx(0, abs=1e-12)
    assert information_ratio(x + 0.01, x_b, periods_per_year=4) == pytest.approx(2)


def test_account_against_an_all_cash_benchmark_has_no_beta():
    metrics, undefined = measure(account(path_of([0.01, -0.02, 0.03])), account([100.0] * 4))

    assert {name for name in RELATIVE_METRICS if name in undefined} == {"beta", "alpha", "correlation"}
    assert metrics["tracking_error"] > 0
    assert math.isfinite(metrics["information_ratio"])


def test_benchmark_itself_has_no_relative_metrics_and_says_why():
    metrics, undefined = measure(account(path_of([0.01, -0.02, 0.03, 0.01])), None)

    assert set(undefined) == set(RELATIVE_METRICS)
    assert all("this is that benchmark" in reason for reason in undefined.values())
    assert all(math.isnan(metrics[name]) for name in RELATIVE_METRICS)


def test_benchmark_over_other_days_is_an_error_that_names_the_first_odd_day():
    with pytest.raises(DataError, match=r"same days.*2020-01-05"):
        measure(account([100.0] * 4), account([100.0] * 5))


@given(varied)
def test_strategy_equal_to_its_benchmark_has_beta_one_and_alpha_zero(values):
    metrics, undefined = measure(account(path_of(values)), account(path_of(values)))

    assert metrics["beta"] == pytest.approx(1)
    assert metrics["alpha"] == pytest.approx(0, abs=1e-12)
    assert metrics["correlation"] == pytest.approx(1)
    assert metrics["tracking_error"] == 0
    assert set(undefined) & set(RELATIVE_METRICS) == {"information_ratio"}


@given(varied, st.floats(-3, 3), st.floats(-0.01, 0.01))
def test_linear_strategy_shows_its_slope_as_beta_and_its_offset_as_alpha(values, slope, offset):
    x_b = array(values)
    x = slope * x_b + offset

    assert beta(x, x_b) == pytest.approx(slope, abs=1e-9)
    assert alpha(x, x_b, periods_per_year=365) == pytest.approx(offset * 365, abs=1e-9)


@given(varied, st.sampled_from([1.0, 0.1, 3.0, -1.0, -0.3, -7.0]))
def test_correlation_with_a_multiple_is_one_or_minus_one_and_never_beyond(values, factor):
    found = correlation(array(values), array(values) * factor)

    assert found == pytest.approx(math.copysign(1, factor))
    assert -1 <= found <= 1
