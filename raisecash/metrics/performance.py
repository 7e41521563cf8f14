"""Return and risk of one account: statistics of its equity, returns and excess returns."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from raisecash.metrics.drawdowns import max_drawdown
from raisecash.metrics.returns import elapsed_years

NO_VARIANCE = 1e-12  # a spread of daily returns at or below this is rounding
TAIL = 0.05  # the worst twentieth of days: a 95% value at risk
LARGEST_LOG = math.log(np.finfo(float).max)


def varies(returns: np.ndarray) -> bool:
    """Return whether there are two returns or more and their spread is more than rounding."""
    return len(returns) > 1 and float(np.std(returns, ddof=1)) > NO_VARIANCE


def total_return(equity: pd.Series) -> float:
    """Return last equity / starting capital - 1, a fraction (1.0 is a doubling).

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values, the starting capital first.
    """
    return float(equity.iloc[-1] / equity.iloc[0] - 1)


def cagr(equity: pd.Series) -> float:
    """Return the compound annual growth rate by elapsed calendar time.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values indexed by day, the starting capital first.

    Returns
    -------
    float
        (last / first) ^ (365.25 / days) - 1, a fraction a year, however many rows there are. NaN when
        no calendar day has elapsed, or when so few have that the power is beyond any number.
    """
    elapsed = elapsed_years(equity)
    if elapsed <= 0:
        return np.nan
    growth = math.log(equity.iloc[-1] / equity.iloc[0]) / elapsed
    return math.expm1(growth) if growth < LARGEST_LOG else np.nan


def volatility(returns: pd.Series, *, periods_per_year: int) -> float:
    """Return the annualised standard deviation of returns.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns from day end to day end, as fractions.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        std(r, ddof=1) x sqrt(periods_per_year), a fraction. NaN with fewer than two returns.
    """
    return (
        float(np.std(returns.to_numpy(), ddof=1)) * math.sqrt(periods_per_year)
        if len(returns) > 1
        else np.nan
    )


def sharpe(excess_returns: pd.Series, *, periods_per_year: int) -> float:
    """Return the annualised Sharpe ratio.

    Parameters
    ----------
    excess_returns : Series of shape (n,)
        Simple returns above the cash yield, as fractions.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        mean(x) / std(x, ddof=1) x sqrt(periods_per_year). NaN when there are fewer than two returns
        or they do not vary (standard deviation at or below 1e-12).

    Notes
    -----
    Source: Sharpe (1994), Journal of Portfolio Management 21(1).
    """
    x = excess_returns.to_numpy(dtype=float)
    return float(np.mean(x) / np.std(x, ddof=1)) * math.sqrt(periods_per_year) if varies(x) else np.nan


def sortino(excess_returns: pd.Series, *, periods_per_year: int) -> float:
    """Return the annualised Sortino ratio, with the cash yield as the least acceptable return.

    Parameters
    ----------
    excess_returns : Series of shape (n,)
        Simple returns above the cash yield, as fractions.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        mean(x) / sqrt(mean(min(x, 0)^2)) x sqrt(periods_per_year); the mean under the root is over
        all days, not the losing ones alone. NaN without returns, or when none is below zero by more
        than rounding (root at or below 1e-12).

    Notes
    -----
    Source: Sortino & Price (1994), Journal of Investing 3(3).
    """
    x = excess_returns.to_numpy(dtype=float)
    downside = math.sqrt(float(np.mean(np.minimum(x, 0) ** 2))) if len(x) else 0.0
    return float(np.mean(x)) / downside * math.sqrt(periods_per_year) if downside > NO_VARIANCE else np.nan


def calmar(equity: pd.Series) -> float:
    """Return `cagr` over the size of the deepest drawdown, both over the whole run.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values indexed by day, the starting capital first.

    Returns
    -------
    float
        cagr / |max_drawdown|, a pure number. NaN where `cagr` is, or when the account never fell by
        more than rounding (1e-12).

    Notes
    -----
    Source: Young (1991), Futures 20(1), there over three years.
    """
    depth = max_drawdown(equity)
    return cagr(equity) / -depth if depth < -NO_VARIANCE else np.nan


def value_at_risk(returns: pd.Series) -> float:
    """Return the one-day historical value at risk at 95%, as a return.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    float
        The 5% quantile of the returns, interpolated linearly between order statistics, and 0 where
        that is a gain: a fraction <= 0. NaN without returns.
    """
    return min(float(np.quantile(returns.to_numpy(), TAIL)), 0.0) if len(returns) else np.nan


def expected_shortfall(returns: pd.Series) -> float:
    """Return the mean return of the days at or below the 5% quantile.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    float
        Mean of the returns at or below the linearly interpolated 5% quantile, and 0 where that is a
        gain: a fraction <= 0, never above `value_at_risk`. NaN without returns.

    Notes
    -----
    Source: Acerbi & Tasche (2002), Journal of Banking & Finance 26(7).
    """
    r = returns.to_numpy(dtype=float)
    if not len(r):
        return np.nan
    quantile = float(np.quantile(r, TAIL))
    return min(float(np.mean(r[r <= quantile])), quantile, 0.0)  # a mean of equals can round to above them


def skew(returns: pd.Series) -> float:
    """Return the bias-corrected skewness of returns.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    float
        G1 = sqrt(n (n - 1)) / (n - 2) x m3 / m2^(3/2), with mk the k-th central moment (divisor n).
        NaN with fewer than three returns, or when they do not vary.

    Notes
    -----
    Source: Joanes & Gill (1998), The Statistician 47(1).
    """
    r = returns.to_numpy(dtype=float)
    n = len(r)
    if n < 3 or not varies(r):
        return np.nan
    z = _standardised(r)
    return math.sqrt(n * (n - 1)) / (n - 2) * float(np.mean(z**3))


def kurtosis(returns: pd.Series) -> float:
    """Return the bias-corrected excess kurtosis of returns: 0 for a normal distribution.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    float
        G2 = (n - 1) / ((n - 2) (n - 3)) x ((n + 1) (m4 / m2^2 - 3) + 6), with mk the k-th central
        moment (divisor n). NaN with fewer than four returns, or when they do not vary.

    Notes
    -----
    Source: Joanes & Gill (1998), The Statistician 47(1).
    """
    r = returns.to_numpy(dtype=float)
    n = len(r)
    if n < 4 or not varies(r):
        return np.nan
    excess = float(np.mean(_standardised(r) ** 4)) - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)


def _standardised(r: np.ndarray) -> np.ndarray:
    """Return the deviations from the mean in standard deviations (divisor n)."""
    z: np.ndarray = (r - r.mean()) / r.std()
    return z
