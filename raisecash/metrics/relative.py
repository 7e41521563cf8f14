"""Strategy against benchmark: statistics of two accounts over the same days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from raisecash.errors import DataError
from raisecash.metrics.performance import NO_VARIANCE, mean, spread, spread_of

if TYPE_CHECKING:
    from raisecash.data.panel import Floats
    from raisecash.metrics.track import Track


def check_same_days(account: Track, benchmark: Track) -> None:
    """Raise when an account and its benchmark were not measured over the same days.

    Raises
    ------
    DataError
        Naming both, and the first day that only one of them has.
    """
    if account.days is benchmark.days:  # as over one market, unless one has traded at the first bar
        return
    days, others = account.return_days, benchmark.return_days
    if np.array_equal(days, others):
        return
    odd = np.setxor1d(days, others)
    where = (
        f"the first day that only one of them has is {odd[0]}"
        if len(odd)
        else "a day is repeated or out of order"
    )
    raise DataError(
        f"{account.name} and its benchmark {benchmark.name} must be measured over the same days, got {len(days)} and "
        f"{len(others)} returns; {where}; run both over one market"
    )


def beta(excess_returns: Floats, benchmark_excess: Floats) -> float:
    """Return the slope of the account's excess returns on the benchmark's.

    Parameters
    ----------
    excess_returns, benchmark_excess : array of shape (n,)
        Simple returns above the cash yield, as fractions, over the same days.

    Returns
    -------
    float
        cov(x, x_b) / var(x_b), a pure number. NaN when there are fewer than two returns or the
        benchmark's do not vary.

    Notes
    -----
    Source: Sharpe (1964), Journal of Finance 19(3).
    """
    if len(excess_returns) < 2:
        return np.nan
    around, around_b = _around(excess_returns), _around(benchmark_excess)
    if not spread_of(around_b) > NO_VARIANCE:
        return np.nan
    return float(around_b @ around / (around_b @ around_b))


def alpha(excess_returns: Floats, benchmark_excess: Floats, *, periods_per_year: int) -> float:
    """Return Jensen's alpha a year: the mean excess return that beta times the benchmark does not explain.

    Parameters
    ----------
    excess_returns, benchmark_excess : array of shape (n,)
        Simple returns above the cash yield, as fractions, over the same days.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        mean(x - beta x_b) x periods_per_year, a fraction a year, not compounded. NaN where `beta` is.

    Notes
    -----
    Source: Jensen (1968), Journal of Finance 23(2).
    """
    slope = beta(excess_returns, benchmark_excess)
    if not math.isfinite(slope):
        return np.nan
    return mean(excess_returns - slope * benchmark_excess) * periods_per_year


def correlation(returns: Floats, benchmark_returns: Floats) -> float:
    """Return Pearson's correlation of the two accounts' returns, -1 to 1.

    Parameters
    ----------
    returns, benchmark_returns : array of shape (n,)
        Simple returns as fractions, over the same days.

    Returns
    -------
    float
        cov(r, r_b) / (std(r) std(r_b)). NaN when there are fewer than two returns or one of the two
        does not vary.
    """
    if len(returns) < 2:
        return np.nan
    around, around_b = _around(returns), _around(benchmark_returns)
    if not (spread_of(around) > NO_VARIANCE and spread_of(around_b) > NO_VARIANCE):
        return np.nan
    found = float(around @ around_b) / math.sqrt((around @ around) * (around_b @ around_b))
    return min(max(found, -1.0), 1.0)  # rounding can carry it past a bound


def tracking_error(returns: Floats, benchmark_returns: Floats, *, periods_per_year: int) -> float:
    """Return the annualised volatility of the return difference.

    Parameters
    ----------
    returns, benchmark_returns : array of shape (n,)
        Simple returns as fractions, over the same days.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    float
        std(r - r_b, ddof=1) x sqrt(periods_per_year), a fraction. NaN with fewer than two returns.
    """
    return spread(returns - benchmark_returns) * math.sqrt(periods_per_year)


def information_ratio(returns: Floats, benchmark_returns: Floats, *, periods_per_year: int) -> float:
    """Return the annualised mean return difference over the tracking error.

    Parameters
    ----------
    returns, benchmark_returns : array of shape (n,)
        Simple returns as fractions, over the same days.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    float
        mean(r - r_b) x periods_per_year / tracking_error. NaN when there are fewer than two returns
        or the difference does not vary.

    Notes
    -----
    Source: Grinold & Kahn (2000), Active Portfolio Management, 2nd ed., ch. 5.
    """
    apart = returns - benchmark_returns
    deviation = spread(apart)
    if not deviation > NO_VARIANCE:
        return np.nan
    return mean(apart) * periods_per_year / (deviation * math.sqrt(periods_per_year))


def volatility_factor(returns: Floats, benchmark_returns: Floats) -> float:
    """Return by what to multiply an account's returns for its benchmark's volatility.

    Parameters
    ----------
    returns, benchmark_returns : array of shape (n,)
        Simple returns as fractions.

    Returns
    -------
    float
        std(r_b, ddof=1) / std(r, ddof=1). NaN when there are fewer than two returns or one of the two
        does not vary.
    """
    own, other = spread(returns), spread(benchmark_returns)
    return other / own if own > NO_VARIANCE and other > NO_VARIANCE else math.nan


def _around(returns: Floats) -> Floats:
    """Return the distances of returns to their mean."""
    return returns - mean(returns)
