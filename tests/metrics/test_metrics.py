"""The metrics of the outside contract: by hand, by law, and where they are undefined."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.metrics.measure import measure
from raisecash.metrics.performance import (
    cagr,
    calmar,
    expected_shortfall,
    growth,
    kurtosis,
    quantile,
    sharpe,
    skew,
    sortino,
    spread,
    total_return,
    value_at_risk,
    volatility,
)
from raisecash.metrics.relative import (
    beta,
    correlation,
    information_ratio,
    volatility_factor,
)
from raisecash.metrics.table import METRICS, RELATIVE_METRICS
from tests.support.accounts import account, path_of
from tests.support.contract import CONTRACT_METRICS


def array(values):
    return np.array(values, dtype=float)


four_or_more = st.lists(st.integers(-300, 400).map(lambda n: n / 1000), min_size=4, max_size=80)


varied = four_or_more.filter(lambda values: len(set(values)) > 1)


def test_metrics_have_the_contracts_names_in_its_order():
    metrics, _ = measure(account([100.0, 101.0, 99.0]), None)

    assert list(metrics) == list(METRICS) == CONTRACT_METRICS
    assert all(type(value) is float for value in metrics.values())


def test_doubling_in_365_daily_rows_is_a_growth_of_100_percent_a_year():
    """By rows over 252 it would be 61%."""
    metrics, _ = measure(account(path_of([2 ** (1 / 365) - 1] * 365), "2021-01-01"), None)

    assert metrics["total_return"] == pytest.approx(1.0)
    assert metrics["cagr"] == pytest.approx(2 ** (365.25 / 365) - 1)
    assert metrics["cagr"] == pytest.approx(1.0, abs=1e-3)


def test_growth_goes_by_elapsed_time_and_not_by_rows():
    weeks = np.datetime64("2020-01-06") + 7 * np.arange(105)
    equity = np.linspace(100, 150, 105)

    assert cagr(equity, weeks) == pytest.approx(cagr(equity[[0, -1]], weeks[[0, -1]]))
    assert cagr(equity, weeks) == pytest.approx(1.5 ** (365.25 / 728) - 1)


def test_ratios_by_hand():
    """x = 2%, -1%, 3%, 0: mean 1%, squared deviations 1 + 4 + 4 + 1 = 10 bp^2, so std(ddof=1) = sqrt(10/3)%.

    Downside: sqrt(1/4)% = 0.5%, over all four days. On four periods a year the root is 2.
    """
    x = array([0.02, -0.01, 0.03, 0.0])

    assert volatility(x, periods_per_year=4) == pytest.approx(2 * math.sqrt(10 / 3) / 100)
    assert sharpe(x, periods_per_year=4) == pytest.approx(2 / math.sqrt(10 / 3))
    assert sortino(x, periods_per_year=4) == pytest.approx(2 * 0.01 / 0.005)


def test_calmar_by_hand():
    """From 100 over 150 and 75 (-50%) to 121 in 1,461 days, four years of 365.25: growth 1.21^(1/4) - 1."""
    days = pd.DatetimeIndex(["2020-01-01", "2020-06-01", "2020-12-01", "2024-01-01"])
    metrics, _ = measure(account([100.0, 150.0, 75.0, 121.0], days), None)

    assert metrics["calmar"] == pytest.approx((math.sqrt(1.1) - 1) / 0.5)
    assert calmar(0.1, -0.5) == pytest.approx(0.2)


def test_tail_by_hand():
    """21 returns -10%, -9%, ..., +10%: the 5% quantile is order statistic 1 + 20 x 0.05 = 2, so -9%; the mean of two is -9.5%."""
    r = array([n / 100 for n in range(-10, 11)])

    assert value_at_risk(r) == pytest.approx(-0.09)
    assert expected_shortfall(r) == pytest.approx(-0.095)


def test_quantile_between_two_returns_is_interpolated():
    """11 returns: position 1 + 10 x 0.05 = 1.5, halfway from -10% to -9%; only -10% is at or below it."""
    r = array([n / 100 for n in range(-10, 1)])

    assert value_at_risk(r) == pytest.approx(-0.095)
    assert expected_shortfall(r) == pytest.approx(-0.10)


def test_tail_of_an_account_that_only_gains_is_zero_and_never_a_positive_loss():
    gains = array([0.001, 0.002, 0.003])

    assert value_at_risk(gains) == 0
    assert expected_shortfall(gains) == 0


def test_skew_and_kurtosis_have_the_published_values():
    """The example in the documentation of the spreadsheet functions SKEW and KURT."""
    published = array([3, 4, 5, 2, 3, 4, 5, 6, 4, 7])

    assert skew(published) == pytest.approx(0.359543071, abs=5e-10)
    assert kurtosis(published) == pytest.approx(-0.151799637, abs=5e-10)


def test_account_figures_by_hand():
    """Traded 50 + 50 over a mean equity of 100 in 365 days: 0.5 one way in 365/365.25 of a year."""
    days = pd.DatetimeIndex(["2021-01-01", "2021-07-01", "2022-01-01"])
    backtest = account(
        [100.0, 90.0, 110.0],
        days,
        cash=[100.0, 45.0, 11.0],
        traded=[0.0, 50.0, 50.0],
        commission=[0.0, 0.5, 0.25],
        interest=[0.0, 1.0, -0.25],
    )
    metrics, _ = measure(backtest, None)

    assert metrics["turnover"] == pytest.approx(0.5 * 365.25 / 365)
    assert metrics["average_cash_weight"] == pytest.approx((1.0 + 0.5 + 0.1) / 3)
    assert metrics["commission"] == 0.75
    assert metrics["interest"] == 0.75
    assert metrics["final_equity"] == 110.0


def test_sharpe_is_above_the_cash_yield_and_volatility_is_not():
    """Cash at 36.5% earns 0.1% a day; what is left of 1.1% and 0.1% is 1% and 0."""
    metrics, _ = measure(account(path_of([0.011, 0.001]), cash_yield=0.365, periods_per_year=365), None)

    assert metrics["sharpe"] == pytest.approx(0.005 / statistics.stdev([0.01, 0.0]) * math.sqrt(365))
    assert metrics["volatility"] == pytest.approx(statistics.stdev([0.011, 0.001]) * math.sqrt(365))


def test_negative_cash_yield_counts_too():
    earning, costing = (measure(account(path_of([0.01, -0.01]), cash_yield=y), None)[0] for y in (0.0, -0.05))

    assert costing["sharpe"] > earning["sharpe"]


def test_intraday_account_is_annualised_by_its_day_ends():
    """The same day ends, with and without bars in between, give the same return-based metrics."""
    returns = [0.02, -0.01, 0.015, -0.03, 0.01, 0.005]
    daily = account(path_of(returns), "2023-12-31", periods_per_year=365)
    ends = pd.date_range("2024-01-01 23:00", periods=6, freq="D")
    noons = pd.date_range("2024-01-01 12:00", periods=6, freq="D")
    path = pd.concat(
        [pd.Series(path_of(returns)[1:], index=ends), pd.Series([100.0] + [70.0] * 5, index=noons)]
    )
    path = path.sort_index()
    intraday = account(path.tolist(), path.index, periods_per_year=365)
    by_path = METRICS[: METRICS.index("average_cash_weight")]

    a, b = measure(daily, None)[0], measure(intraday, None)[0]
    assert [a[name] for name in by_path] == [b[name] for name in by_path]


def test_all_cash_account_has_nulls_and_reasons_but_no_infinity():
    """Interest only: returns vary with the yield, excess returns do not, and there is no drawdown."""
    yields, equity = [0.01 * (1 + t % 3) for t in range(400)], [100_000.0]
    for y in yields[:-1]:
        equity.append(equity[-1] * (1 + y / 365))
    backtest = account(equity, cash=equity, cash_yield=yields)
    metrics, undefined = measure(backtest, None)

    nulls = {name for name, value in metrics.items() if math.isnan(value)}
    assert nulls == {"sharpe", "sortino", "calmar", *RELATIVE_METRICS}
    assert not any(math.isinf(value) for value in metrics.values())
    assert undefined["sharpe"] == "the returns above the cash yield do not vary"
    assert undefined["sortino"] == "no return is below the cash yield"
    assert metrics["average_cash_weight"] == 1
    assert metrics["turnover"] == 0


@pytest.mark.parametrize("n_bars", [1, 2, 3, 4])
def test_every_undefined_metric_has_a_reason_however_short_the_account(n_bars):
    backtest = account([100.0, 90.0, 95.0, 80.0][:n_bars])
    metrics, undefined = measure(backtest, backtest)

    assert set(undefined) == {name for name, value in metrics.items() if math.isnan(value)}
    assert all(undefined.values())
    assert not any(math.isinf(value) for value in metrics.values())


def test_one_bar_account_has_a_total_and_no_rate():
    metrics, undefined = measure(account([100.0]), None)

    assert metrics["total_return"] == 0
    assert metrics["final_equity"] == 100
    assert undefined["cagr"] == "needs 1 or more returns from day end to day end, got 0"
    assert math.isnan(metrics["turnover"])


def test_growth_beyond_any_number_is_undefined_and_not_infinite():
    metrics, undefined = measure(account([1.0, 1000.0]), None)

    assert math.isnan(metrics["cagr"])
    assert undefined["cagr"] == "too few days have elapsed to speak of a year"


@given(varied, st.sampled_from([2.0**-10, 0.5, 8.0, 2.0**20]))
def test_the_currency_does_not_matter(values, factor):
    """Powers of two scale without rounding, so everything but money is equal to the last bit."""
    here, _ = measure(account(path_of(values)), None)
    there, _ = measure(account(path_of(values, start=100 * factor)), None)

    assert there.pop("final_equity") == here.pop("final_equity") * factor
    assert list(there.values()) == pytest.approx(list(here.values()), rel=0, abs=0, nan_ok=True)


@given(varied, st.floats(0.1, 10))
def test_ratios_ignore_leverage_of_the_excess_returns(values, factor):
    x = array(values)

    assert sharpe(x * factor, periods_per_year=365) == pytest.approx(sharpe(x, periods_per_year=365))
    assert sortino(x * factor, periods_per_year=365) == pytest.approx(
        sortino(x, periods_per_year=365), nan_ok=True
    )
    assert skew(x * factor) == pytest.approx(skew(x), abs=1e-9)
    assert kurtosis(x * factor) == pytest.approx(kurtosis(x), abs=1e-9)


@given(varied)
def test_the_order_of_returns_does_not_matter_to_any_metric_without_a_path(values):
    forward, backward = array(values), array(values[::-1])

    for metric in (sharpe, sortino, volatility):
        assert metric(forward, periods_per_year=252) == pytest.approx(
            metric(backward, periods_per_year=252), nan_ok=True, rel=1e-9, abs=1e-12
        )
    for metric in (skew, kurtosis, value_at_risk, expected_shortfall):
        assert metric(forward) == pytest.approx(metric(backward), abs=1e-9)


@given(varied)
def test_signs_and_bounds(values):
    metrics, _ = measure(account(path_of(values)), None)

    assert -1 <= metrics["max_drawdown"] <= 0
    assert metrics["expected_shortfall"] <= metrics["value_at_risk"] <= 0
    assert metrics["worst_month"] <= metrics["best_month"]
    assert 0 <= metrics["win_rate_months"] <= 1
    assert (metrics["cagr"] > 0) == (metrics["total_return"] > 0) or abs(metrics["total_return"]) < 1e-12


@given(varied, varied)
def test_moments_agree_with_exact_fractions(values, others):
    """Sums in exact rational arithmetic, roots at the very end."""
    n = min(len(values), len(others))
    r, b = ([Fraction(round(v * 1000), 1000) for v in side[:n]] for side in (values, others))
    if len(set(r)) == 1 or len(set(b)) == 1:
        return
    mean_r, mean_b = sum(r) / n, sum(b) / n
    m2, m3, m4 = (sum((v - mean_r) ** k for v in r) / n for k in (2, 3, 4))
    cov = sum((v - mean_r) * (w - mean_b) for v, w in zip(r, b, strict=True)) / (n - 1)
    var_b = sum((w - mean_b) ** 2 for w in b) / (n - 1)
    x, x_b = array([float(v) for v in r]), array([float(w) for w in b])

    assert volatility(x, periods_per_year=252) == pytest.approx(math.sqrt(m2 * n / (n - 1) * 252))
    assert skew(x) == pytest.approx(math.sqrt(n * (n - 1)) / (n - 2) * float(m3) / float(m2) ** 1.5, abs=1e-9)
    g2 = m4 / m2**2 - 3
    assert kurtosis(x) == pytest.approx(
        float(Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * g2 + 6)), abs=1e-9
    )
    assert beta(x, x_b) == pytest.approx(float(cov / var_b), abs=1e-9)
    assert correlation(x, x_b) == pytest.approx(float(cov) / math.sqrt(m2 * n / (n - 1) * var_b), abs=1e-9)


@given(varied)
def test_total_return_is_the_product_of_the_returns(values):
    exact = math.prod((1 + Fraction(round(v * 1000), 1000) for v in values), start=Fraction(1)) - 1

    assert total_return(array(path_of(values))) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)


@given(
    st.lists(st.integers(-300, 400).map(lambda n: n / 1000), min_size=1, max_size=80),
    st.sampled_from([0.05, 0.25, 0.5]) | st.floats(0, 1),
)
def test_quantile_and_deviation_are_numpys_to_the_last_bit(values, share):
    x = array(values)

    assert quantile(x, share) == float(np.quantile(x, share))
    if len(values) > 1:
        assert spread(x) == float(np.std(x, ddof=1))


@pytest.mark.parametrize(("deviation", "varies"), [(0.9e-12, False), (1.1e-12, True)])
def test_a_spread_of_a_trillionth_or_less_counts_as_none(deviation, varies):
    """Two returns d apart have the deviation d over root two."""
    x, loud = array([0.0, deviation * math.sqrt(2)]), array([0.01, -0.01])

    assert math.isfinite(sharpe(x, periods_per_year=252)) == varies
    assert math.isfinite(beta(loud, x)) == varies
    assert math.isfinite(correlation(x, loud)) == math.isfinite(correlation(loud, x)) == varies
    assert math.isfinite(information_ratio(x, array([0.0, 0.0]), periods_per_year=252)) == varies
    assert math.isfinite(volatility_factor(x, loud)) == varies
    assert math.isfinite(calmar(0.1, -deviation)) == varies
    assert math.isfinite(sortino(array([-deviation]), periods_per_year=252)) == varies
    assert math.isfinite(skew(array([0.0, 0.0, deviation * math.sqrt(3)]))) == varies


def test_deviation_of_fewer_than_two_returns_is_undefined():
    assert all(math.isnan(spread(array(values))) for values in ([], [0.1]))


def test_growth_is_the_product_so_far_from_one_on():
    assert growth(array([0.5, -0.5, 1.0])).tolist() == [1.0, 1.5, 0.75, 1.5]
    assert growth(array([])).tolist() == [1.0]


def test_volatility_factor_by_hand():
    """2% and -2% against 1% and -1%: half the size has the benchmark's volatility."""
    assert volatility_factor(array([0.02, -0.02]), array([0.01, -0.01])) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("own", "other"), [([0.01], [0.02]), ([0.01, 0.01], [0.01, 0.02]), ([0.01, 0.02], [0.01, 0.01])]
)
def test_volatility_factor_needs_two_accounts_that_vary(own, other):
    assert math.isnan(volatility_factor(array(own), array(other)))
