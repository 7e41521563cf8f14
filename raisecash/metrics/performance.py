"""Return and risk of one account: statistics of its equity, returns and excess returns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from raisecash.metrics.days import elapsed_years

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Times

NO_VARIANCE = 1e-12  # a spread of daily returns at or below this is rounding
TAIL = 0.05  # the worst twentieth of days: a 95% value at risk
LARGEST_LOG = math.log(np.finfo(float).max)


def mean(values: Floats) -> float:
    """Return the mean of one value or more: `numpy.mean` without its overhead, a third of measuring an account."""
    return float(np.add.reduce(values)) / len(values)


def spread(returns: Floats) -> float:
    """Return the sample standard deviation (ddof=1) of returns; NaN with fewer than two."""
    return spread_of(returns - mean(returns)) if len(returns) > 1 else math.nan


def spread_of(around: Floats) -> float:
    """Return the sample standard deviation (ddof=1) of two values or more, from their distances to the mean."""
    return math.sqrt(float(np.add.reduce(around * around)) / (len(around) - 1))


def varies(returns: Floats) -> bool:
    """Return whether there are two returns or more and their spread is more than rounding."""
    return spread(returns) > NO_VARIANCE


def growth(returns: Floats) -> Floats:
    """Return what 1 at the start has become at each day end.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    array of shape (n + 1,)
        The product of 1 + r so far; the first is 1.
    """
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def total_return(equity: Floats) -> float:
    """Return last equity / starting capital - 1, a fraction (1.0 is a doubling).

    Parameters
    ----------
    equity : array of shape (n_days,)
        Positive account values, the starting capital first.
    """
    return float(equity[-1] / equity[0] - 1)


def cagr(equity: Floats, days: Times) -> float:
    """Return the compound annual growth rate by elapsed calendar time.

    Parameters
    ----------
    equity : array of shape (n_days,)
        Positive account values, the starting capital first.
    days : datetime64 array of shape (n_days,)
        Their days.

    Returns
    -------
    float
        (last / first) ^ (365.25 / days) - 1, a fraction a year, however many rows there are. NaN when
        no calendar day has elapsed, or when so few have that the power is beyond any number.
    """
    elapsed = elapsed_years(days)
    if elapsed <= 0:
        return np.nan
    growth = math.log(equity[-1] / equity[0]) / elapsed
    return math.expm1(growth) if growth < LARGEST_LOG else np.nan


def volatility(returns: Floats, *, periods_per_year: int) -> float:
    """Return the annualised standard deviation of returns.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns from day end to day end, as fractions.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        std(r, ddof=1) x sqrt(periods_per_year), a fraction. NaN with fewer than two returns.
    """
    return spread(returns) * math.sqrt(periods_per_year)


def sharpe(excess_returns: Floats, *, periods_per_year: int) -> float:
    """Return the annualised Sharpe ratio.

    Parameters
    ----------
    excess_returns : array of shape (n,)
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
    deviation = spread(excess_returns)
    if not deviation > NO_VARIANCE:
        return np.nan
    return mean(excess_returns) / deviation * math.sqrt(periods_per_year)


def sortino(excess_returns: Floats, *, periods_per_year: int) -> float:
    """Return the annualised Sortino ratio, with the cash yield as the least acceptable return.

    Parameters
    ----------
    excess_returns : array of shape (n,)
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
    downside = math.sqrt(mean(np.minimum(excess_returns, 0) ** 2)) if len(excess_returns) else 0.0
    return mean(excess_returns) / downside * math.sqrt(periods_per_year) if downside > NO_VARIANCE else np.nan


def calmar(annual_growth: float, deepest: float) -> float:
    """Return the growth a year over the size of the deepest drawdown, both over the whole run.

    Parameters
    ----------
    annual_growth : float
        `cagr` of the account, a fraction a year.
    deepest : float
        `max_drawdown` of the account, a fraction <= 0.

    Returns
    -------
    float
        cagr / |max_drawdown|, a pure number. NaN where `cagr` is, or when the account never fell by
        more than rounding (1e-12).

    Notes
    -----
    Source: Young (1991), Futures 20(1), there over three years.
    """
    return annual_growth / -deepest if deepest < -NO_VARIANCE else np.nan


def value_at_risk(returns: Floats) -> float:
    """Return the one-day historical value at risk at 95%, as a return.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns from day end to day end, as fractions.

    Returns
    -------
    float
        The 5% quantile of the returns, interpolated linearly between order statistics, and 0 where
        that is a gain: a fraction <= 0. NaN without returns.
    """
    return min(quantile(returns, TAIL), 0.0) if len(returns) else np.nan


def expected_shortfall(returns: Floats) -> float:
    """Return the mean return of the days at or below the 5% quantile.

    Parameters
    ----------
    returns : array of shape (n,)
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
    if not len(returns):
        return np.nan
    limit = quantile(returns, TAIL)
    tail = mean(returns[returns <= limit])
    return min(tail, limit, 0.0)  # a mean of equals can round to above them


def skew(returns: Floats) -> float:
    """Return the bias-corrected skewness of returns.

    Parameters
    ----------
    returns : array of shape (n,)
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
    n = len(returns)
    z = _standardised(returns) if n >= 3 else None
    if z is None:
        return np.nan
    cubes = z * z * z  # z**3 is slow, and its last digit depends on the processor
    return math.sqrt(n * (n - 1)) / (n - 2) * mean(cubes)


def kurtosis(returns: Floats) -> float:
    """Return the bias-corrected excess kurtosis of returns: 0 for a normal distribution.

    Parameters
    ----------
    returns : array of shape (n,)
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
    n = len(returns)
    z = _standardised(returns) if n >= 4 else None
    if z is None:
        return np.nan
    squares = z * z
    excess = mean(squares * squares) - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)


def quantile(values: Floats, share: float) -> float:
    """Return a quantile, interpolated linearly between order statistics.

    The arithmetic of `numpy.quantile` without its overhead.

    Parameters
    ----------
    values : array of shape (n,)
        At least one, none NaN.
    share : float
        0 to 1.
    """
    position = share * (len(values) - 1)
    below = math.floor(position)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above))
    low, high, part = float(ordered[below]), float(ordered[above]), position - below
    return high - (high - low) * (1 - part) if part >= 0.5 else low + (high - low) * part


def _standardised(returns: Floats) -> Floats | None:
    """Return the deviations from the mean in standard deviations (divisor n); None where they do not vary."""
    around = returns - mean(returns)
    if not spread_of(around) > NO_VARIANCE:
        return None
    return around / math.sqrt(mean(around * around))
