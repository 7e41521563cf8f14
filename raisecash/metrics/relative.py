"""Strategy against benchmark: statistics of two accounts over the same days."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from raisecash.errors import DataError
from raisecash.metrics.performance import varies


def beta(excess_returns: pd.Series, benchmark_excess: pd.Series) -> float:
    """Return the slope of the account's excess returns on the benchmark's.

    Parameters
    ----------
    excess_returns, benchmark_excess : Series of shape (n,)
        Simple returns above the cash yield, as fractions, over the same days.

    Returns
    -------
    float
        cov(x, x_b) / var(x_b), a pure number. NaN when there are fewer than two returns or the
        benchmark's do not vary.

    Raises
    ------
    DataError
        When the days differ.

    Notes
    -----
    Source: Sharpe (1964), Journal of Finance 19(3).
    """
    x, x_b = _pair(excess_returns, benchmark_excess)
    if not varies(x_b):
        return np.nan
    around = x_b - x_b.mean()
    return float(around @ (x - x.mean()) / (around @ around))


def alpha(excess_returns: pd.Series, benchmark_excess: pd.Series, *, periods_per_year: int) -> float:
    """Return Jensen's alpha a year: the mean excess return that beta times the benchmark does not explain.

    Parameters
    ----------
    excess_returns, benchmark_excess : Series of shape (n,)
        Simple returns above the cash yield, as fractions, over the same days.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.

    Returns
    -------
    float
        mean(x - beta x_b) x periods_per_year, a fraction a year, not compounded. NaN where `beta` is.

    Raises
    ------
    DataError
        When the days differ.

    Notes
    -----
    Source: Jensen (1968), Journal of Finance 23(2).
    """
    slope = beta(excess_returns, benchmark_excess)
    x, x_b = _pair(excess_returns, benchmark_excess)
    return float(np.mean(x - slope * x_b)) * periods_per_year if math.isfinite(slope) else np.nan


def correlation(returns: pd.Series, benchmark_returns: pd.Series) -> float:
    """Return Pearson's correlation of the two accounts' returns, -1 to 1.

    Parameters
    ----------
    returns, benchmark_returns : Series of shape (n,)
        Simple returns as fractions, over the same days.

    Returns
    -------
    float
        cov(r, r_b) / (std(r) std(r_b)). NaN when there are fewer than two returns or one of the two
        does not vary.

    Raises
    ------
    DataError
        When the days differ.
    """
    r, r_b = _pair(returns, benchmark_returns)
    if not (varies(r) and varies(r_b)):
        return np.nan
    around, around_b = r - r.mean(), r_b - r_b.mean()
    found = around @ around_b / math.sqrt((around @ around) * (around_b @ around_b))
    return float(min(max(found, -1.0), 1.0))  # rounding can carry it past a bound


def tracking_error(returns: pd.Series, benchmark_returns: pd.Series, *, periods_per_year: int) -> float:
    """Return the annualised volatility of the return difference.

    Parameters
    ----------
    returns, benchmark_returns : Series of shape (n,)
        Simple returns as fractions, over the same days.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    float
        std(r - r_b, ddof=1) x sqrt(periods_per_year), a fraction. NaN with fewer than two returns.

    Raises
    ------
    DataError
        When the days differ.
    """
    r, r_b = _pair(returns, benchmark_returns)
    return float(np.std(r - r_b, ddof=1)) * math.sqrt(periods_per_year) if len(r) > 1 else np.nan


def information_ratio(returns: pd.Series, benchmark_returns: pd.Series, *, periods_per_year: int) -> float:
    """Return the annualised mean return difference over the tracking error.

    Parameters
    ----------
    returns, benchmark_returns : Series of shape (n,)
        Simple returns as fractions, over the same days.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    float
        mean(r - r_b) x periods_per_year / tracking_error. NaN when there are fewer than two returns
        or the difference does not vary.

    Raises
    ------
    DataError
        When the days differ.

    Notes
    -----
    Source: Grinold & Kahn (2000), Active Portfolio Management, 2nd ed., ch. 5.
    """
    r, r_b = _pair(returns, benchmark_returns)
    if not varies(r - r_b):
        return np.nan
    error = tracking_error(returns, benchmark_returns, periods_per_year=periods_per_year)
    return float(np.mean(r - r_b)) * periods_per_year / error


def _pair(account: pd.Series, benchmark: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return both as arrays, or raise when they are not over the same days."""
    if not account.index.equals(benchmark.index):
        odd = account.index.symmetric_difference(benchmark.index)
        where = (
            f"the first day that only one of them has is {odd[0]}"
            if len(odd)
            else "a day is repeated or out of order"
        )
        raise DataError(
            f"an account and its benchmark must be measured over the same days, got {len(account)} and "
            f"{len(benchmark)} returns; {where}; run both over one market"
        )
    return account.to_numpy(dtype=float), benchmark.to_numpy(dtype=float)
