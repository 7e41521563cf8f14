"""Statistics of the last so many returns, day by day: arrays in, arrays of the same length out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from raisecash.metrics.performance import NO_VARIANCE

if TYPE_CHECKING:
    from raisecash.data.panel import Floats


def rolling_volatility(returns: Floats, window: int, *, periods_per_year: int) -> Floats:
    """Return the annualised standard deviation of the last `window` returns.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns from day end to day end, as fractions.
    window : int
        Returns looked back on, the day's own included.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    array of shape (n,)
        std(r, ddof=1) x sqrt(periods_per_year), a fraction; 0 where they vary by rounding only
        (1e-12 or less). NaN before the first full window, and throughout for windows below two.
    """

    def deviation(rows: Floats) -> Floats:
        found = np.std(rows, axis=1, ddof=1)
        return np.where(found <= NO_VARIANCE, 0.0, found) * math.sqrt(periods_per_year)

    return _rolling(deviation, window, returns)


def rolling_sharpe(excess_returns: Floats, window: int, *, periods_per_year: int) -> Floats:
    """Return the annualised Sharpe ratio (`performance.sharpe`) of the last `window` returns.

    Parameters
    ----------
    excess_returns : array of shape (n,)
        Simple returns above the cash yield, as fractions.
    window : int
        Returns looked back on, the day's own included.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    array of shape (n,)
        NaN where the returns of the window do not vary, before the first full window, and throughout
        for windows below two.

    Notes
    -----
    Source: Sharpe (1994), Journal of Portfolio Management 21(1).
    """

    def ratio(rows: Floats) -> Floats:
        return _over(rows.mean(axis=1), np.std(rows, axis=1, ddof=1)) * math.sqrt(periods_per_year)

    return _rolling(ratio, window, excess_returns)


def rolling_sortino(excess_returns: Floats, window: int, *, periods_per_year: int) -> Floats:
    """Return the annualised Sortino ratio (`performance.sortino`) of the last `window` returns.

    Parameters
    ----------
    excess_returns : array of shape (n,)
        Simple returns above the cash yield, as fractions.
    window : int
        Returns looked back on, the day's own included.
    periods_per_year : int
        Day ends in a year.

    Returns
    -------
    array of shape (n,)
        NaN where no return of the window is below zero by more than rounding, before the first full
        window, and throughout for windows below two.

    Notes
    -----
    Source: Sortino & Price (1994), Journal of Investing 3(3).
    """

    def ratio(rows: Floats) -> Floats:
        downside = np.sqrt(np.mean(np.minimum(rows, 0.0) ** 2, axis=1))
        return _over(rows.mean(axis=1), downside) * math.sqrt(periods_per_year)

    return _rolling(ratio, window, excess_returns)


def rolling_beta(excess_returns: Floats, benchmark_excess: Floats, window: int) -> Floats:
    """Return the slope (`relative.beta`) of the last `window` excess returns on the benchmark's.

    Parameters
    ----------
    excess_returns, benchmark_excess : array of shape (n,)
        Simple returns above the cash yield, as fractions, over the same days.
    window : int
        Returns looked back on, the day's own included.

    Returns
    -------
    array of shape (n,)
        cov(x, x_b) / var(x_b); 0 where the account's own returns do not vary. NaN where the
        benchmark's do not, before the first full window, and throughout for windows below two.

    Notes
    -----
    Source: Sharpe (1964), Journal of Finance 19(3).
    """

    def slope(rows: Floats, benchmark_rows: Floats) -> Floats:
        around = benchmark_rows - benchmark_rows.mean(axis=1, keepdims=True)
        squares = (around**2).mean(axis=1)
        products = (around * rows).mean(axis=1)
        flat = np.std(benchmark_rows, axis=1, ddof=1) <= NO_VARIANCE
        still = np.std(rows, axis=1, ddof=1) <= NO_VARIANCE  # cash: what is left of it is rounding
        return np.where(flat, np.nan, np.where(still, 0.0, products) / np.where(flat, 1.0, squares))

    return _rolling(slope, window, excess_returns, benchmark_excess)


def _over(above: Floats, below: Floats) -> Floats:
    """Return a ratio, NaN where the lower part is only rounding."""
    flat = below <= NO_VARIANCE
    return np.where(flat, np.nan, above / np.where(flat, 1.0, below))


def _rolling(statistic: Callable[..., Floats], window: int, *series: Floats) -> Floats:
    """Return a statistic of each window of equally long series, NaN before the first full one."""
    n = len(series[0])
    result = np.full(n, np.nan)
    if n >= window >= 2:
        result[window - 1 :] = statistic(*(sliding_window_view(values, window) for values in series))
    return result
