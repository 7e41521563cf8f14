"""Calendar periods: returns compounded by month and by year."""

from __future__ import annotations

import numpy as np
import pandas as pd

MONTHS_IN_YEAR = 12


def months(returns: pd.Series) -> pd.DataFrame:
    """Return the compounded return of every calendar month.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns as fractions, in order of time; each counts in the month it ends in.

    Returns
    -------
    DataFrame of shape (n_years, 12)
        Fractions; a row a calendar year from the first to the last, columns 1 to 12. NaN in a month
        without a return. The first and the last month may be partial.
    """
    index = pd.DatetimeIndex(returns.index)
    years_of, months_of = index.year.to_numpy(), index.month.to_numpy()
    starts, compounded = _compound(returns, years_of * MONTHS_IN_YEAR + months_of)
    rows = _every_year(years_of)
    table = np.full((len(rows), MONTHS_IN_YEAR), np.nan)
    if len(starts):
        table[years_of[starts] - rows[0], months_of[starts] - 1] = compounded
    return pd.DataFrame(table, index=rows, columns=pd.RangeIndex(1, MONTHS_IN_YEAR + 1, name="month"))


def years(returns: pd.Series) -> pd.Series:
    """Return the compounded return of every calendar year.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns as fractions, in order of time; each counts in the year it ends in.

    Returns
    -------
    Series of shape (n_years,)
        Fractions, indexed by the year; NaN in a year without a return. The first and the last year
        may be partial.
    """
    years_of = pd.DatetimeIndex(returns.index).year.to_numpy()
    starts, compounded = _compound(returns, years_of)
    rows = _every_year(years_of)
    table = np.full(len(rows), np.nan)
    if len(starts):
        table[years_of[starts] - rows[0]] = compounded
    return pd.Series(table, index=rows, name="returns")


def month_returns(returns: pd.Series) -> np.ndarray:
    """Return the compounded returns of the months that have one, in order; shape (n_months,)."""
    table = months(returns).to_numpy(dtype=float).ravel()
    defined: np.ndarray = table[~np.isnan(table)]
    return defined


def best_month(returns: pd.Series) -> float:
    """Return the highest compounded return of a calendar month, a fraction; NaN without a month.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns as fractions; partial first and last months count as they are.
    """
    by_month = month_returns(returns)
    return float(by_month.max()) if len(by_month) else np.nan


def worst_month(returns: pd.Series) -> float:
    """Return the lowest compounded return of a calendar month, a fraction; NaN without a month.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns as fractions; partial first and last months count as they are.
    """
    by_month = month_returns(returns)
    return float(by_month.min()) if len(by_month) else np.nan


def win_rate_months(returns: pd.Series) -> float:
    """Return the share of calendar months with a return above zero, 0 to 1; NaN without a month.

    Parameters
    ----------
    returns : Series of shape (n,)
        Simple returns as fractions. A month at exactly 0 is in the count and is no win; a month
        without returns is not in the count.
    """
    by_month = month_returns(returns)
    return float(np.mean(by_month > 0)) if len(by_month) else np.nan


def _compound(returns: pd.Series, period_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each period starts and its compounded return; `period_of` never decreases."""
    if not len(period_of):
        return np.empty(0, dtype=np.intp), np.empty(0)
    starts = np.flatnonzero(np.diff(period_of, prepend=period_of[0] - 1))
    return starts, np.multiply.reduceat(1 + returns.to_numpy(dtype=float), starts) - 1


def _every_year(years_of: np.ndarray) -> pd.RangeIndex:
    """Return the years from the first to the last."""
    span = (int(years_of[0]), int(years_of[-1]) + 1) if len(years_of) else (0, 0)
    return pd.RangeIndex(*span, name="year")
