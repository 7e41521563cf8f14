"""Rate shocks: beta and its robust error by hand, and what the real files say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash.errors import DataError
from raisecash.evidence.rate_shock import RateSensitivity, compounded, rate_sensitivity, rate_shock

DAYS = pd.bdate_range("2024-01-01", periods=6)  # Monday to the next Monday
YIELDS = pd.Series([4.0, 4.1, 4.0, 4.2, 4.0, 4.0], index=DAYS)  # +.1 -.1 +.2 -.2 0
RETURNS = pd.Series([0.05, 0.02, -0.01, -0.02, 0.03, 0.01], index=DAYS)  # Monday's own is not used


def test_beta_and_its_robust_error_by_hand():
    """x = .1 -.1 .2 -.2 0, mean 0, Sxx .10; y = .02 -.01 -.02 .03 .01, mean .006.

    Sxy = .002 + .001 - .004 - .006 + 0 = -.007, beta -.07: a rise of one point cost 7%.
    Residuals y - .006 + .07 x: .021 -.023 -.012 .010 .004.
    x times residual / .10: .021 .023 -.024 -.020 0; squares .000441 .000529 .000576 .0004 0, sum .001946.
    Neighbours: .021x.023 - .023x.024 + .024x.020 + 0 = .000483 - .000552 + .000480 = .000411.
    One lag weighs 1/2 and counts twice: .001946 + .000411 = .002357, times 5 / 3.
    """
    plain = rate_sensitivity(RETURNS, YIELDS, lags=0)
    assert plain.beta == pytest.approx(-0.07)
    assert plain.alpha == pytest.approx(0.006)
    assert plain.standard_error == pytest.approx(math.sqrt(0.001946 * 5 / 3))
    assert (plain.n, plain.first, plain.last) == (5, DAYS[1], DAYS[5])
    assert plain.typical_change == pytest.approx(math.sqrt(0.10 / 4))
    assert plain.r_squared == pytest.approx(0.07**2 * 0.10 / 0.00172)
    robust = rate_sensitivity(RETURNS, YIELDS, lags=1)
    assert robust.standard_error == pytest.approx(math.sqrt(0.002357 * 5 / 3))
    assert robust.t == pytest.approx(-0.07 / math.sqrt(0.002357 * 5 / 3))


def test_thirty_and_seventy_basis_points_by_hand():
    """Beta -.07 a point, error .02: -30 bp is +2.1%, give or take 1.96 x .6%; a typical change is 6 bp."""
    found = rate_shock(
        RateSensitivity(
            beta=-0.07,
            standard_error=0.02,
            alpha=0.0,
            r_squared=0.1,
            typical_change=0.06,
            n=500,
            lags=5,
            first=None,
            last=None,
        )
    )
    assert found.loc[-30.0].tolist() == pytest.approx(
        [0.021, 0.021 - 1.959964 * 0.006, 0.021 + 1.959964 * 0.006, 5.0]
    )
    assert found.loc[-70.0].tolist() == pytest.approx(
        [0.049, 0.049 - 1.959964 * 0.014, 0.049 + 1.959964 * 0.014, 70 / 6]
    )


def test_returns_between_the_yields_dates_are_compounded_over_the_weekend():
    days = pd.date_range("2024-01-05", periods=4)  # Friday to Monday
    returns = pd.Series([0.5, 0.1, 0.1, -0.2], index=days)
    got = compounded(returns, days[[0, 3]])
    assert got.tolist() == pytest.approx([1.1 * 1.1 * 0.8 - 1])
    assert got.index.tolist() == [days[3]]


def test_every_second_date_adds_the_changes_up():
    found = rate_sensitivity(RETURNS, YIELDS, every=2, lags=0)
    assert found.n == 2
    assert math.isnan(found.beta)
    assert found.last == DAYS[4]


def test_what_is_undefined_is_nan_and_what_cannot_be_meant_is_refused():
    still = rate_sensitivity(RETURNS, pd.Series(4.0, index=DAYS))
    assert math.isnan(still.beta)
    assert math.isnan(still.t)
    assert rate_shock(still).isna().all(axis=None)
    nothing = rate_sensitivity(RETURNS, YIELDS.iloc[:0])
    assert nothing.n == 0
    assert math.isnan(nothing.standard_error)
    with pytest.raises(DataError, match="every must be 1 or more and lags 0 or more, got 0"):
        rate_sensitivity(RETURNS, YIELDS, every=0)
    with pytest.raises(DataError, match="returns must be indexed by ascending and unique dates"):
        rate_sensitivity(RETURNS[::-1], YIELDS)
    with pytest.raises(DataError, match="confidence must be between 0 and 1, got 95"):
        rate_shock(still, confidence=95)


def test_the_interval_covers_the_truth_about_as_often_as_it_says_with_persistent_noise():
    """Both the changes and the noise are autocorrelated: without lags the error would be far too small."""
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2016-01-01", periods=1500)
    covered = {None: 0, 0: 0}
    for _ in range(200):
        x, noise = rng.normal(0, 1, (2, 1500))
        for t in range(1, 1500):
            x[t] += 0.6 * x[t - 1]
            noise[t] += 0.6 * noise[t - 1]
        returns = pd.Series(0.001 * (-2 * x + noise), index=days)
        yields = pd.Series(np.cumsum(0.05 * x), index=days)
        for lags in covered:
            shock = rate_shock(rate_sensitivity(returns, yields, lags=lags), [100.0]).iloc[0]
            covered[lags] += shock["low"] <= -0.04 <= shock["high"]
    assert 170 <= covered[None] <= 198
    assert covered[0] < covered[None] - 10


def test_spy_and_bitcoin_on_the_real_ten_year_yield_by_least_squares_of_numpy(real_data):
    """Over 2016 to 2025 SPY, day by day, rose with yields: on that sensitivity a fall of 70 bp was a loss."""
    folder = real_data / "market"
    dgs10 = pd.read_csv(folder / "DGS10.csv", index_col=0, parse_dates=True)["Close"]["2016":"2025"]
    for file, column in (("SPY", "Adj Close"), ("BTC-USD", "Close")):
        close = pd.read_csv(folder / f"{file}.csv", index_col=0, parse_dates=True)[column]["2016":"2025"]
        found = rate_sensitivity(close.pct_change().dropna(), dgs10)
        both = pd.DataFrame({"close": close, "dgs10": dgs10}).dropna()
        if file == "SPY":
            both = both.iloc[1:]  # the first close has no return of its own
        slope, intercept = np.polyfit(both["dgs10"].diff().iloc[1:], both["close"].pct_change().iloc[1:], 1)
        assert found.beta == pytest.approx(slope, rel=1e-6)
        assert found.alpha == pytest.approx(intercept, rel=1e-6)
        assert found.n == len(both) - 1
        shock = rate_shock(found)
        assert (shock["low"] < shock["effect"]).all()
        assert (shock["effect"] < shock["high"]).all()
        assert shock.loc[-70.0, "typical_changes"] > 10
        if file == "SPY":
            assert found.t > 2
            assert shock.loc[-70.0, "high"] < 0
