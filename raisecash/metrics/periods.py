"""Calendar periods: returns compounded by week, month, quarter and year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from raisecash.data.panel import Floats, Times

    Positions = npt.NDArray[np.intp]

Period = Literal["week", "month", "quarter", "year"]
MONTHS_IN: dict[Period, int] = {"month": 1, "quarter": 3, "year": 12}
MONTHS_IN_YEAR = 12
FIRST_YEAR = 1970  # of NumPy's dates
MONDAY = np.datetime64(
    "1969-12-29", "D"
)  # weeks are counted from a Monday on or before the first of their days


def compounded(returns: Floats, days: Times, period: Period) -> Floats:
    """Return the compounded return of every calendar period that has a return.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns as fractions, in order of time.
    days : datetime64[D] array of shape (n,)
        The day each ends on; it counts in the period of that day.
    period : {"week", "month", "quarter", "year"}
        A week is Monday to Sunday.

    Returns
    -------
    array of shape (n_periods,)
        Fractions, in order of time. The first and the last period may be partial.
    """
    return _compound(returns, _starts(days, period))


def months(returns: Floats, days: Times) -> pd.DataFrame:
    """Return the compounded return of every calendar month.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns as fractions, in order of time.
    days : datetime64[D] array of shape (n,)
        The day each ends on; it counts in the month of that day.

    Returns
    -------
    DataFrame of shape (n_years, 12)
        Fractions; a row a calendar year from the first to the last, columns 1 to 12. NaN in a month
        without a return. The first and the last month may be partial.
    """
    starts = _starts(days, "month")
    month_of = days[starts].astype("datetime64[M]").astype(np.int64)
    rows = _every_year(days)
    table = np.full((len(rows), MONTHS_IN_YEAR), np.nan)
    table[month_of // MONTHS_IN_YEAR + FIRST_YEAR - rows.start, month_of % MONTHS_IN_YEAR] = _compound(
        returns, starts
    )
    return pd.DataFrame(table, index=rows, columns=pd.RangeIndex(1, MONTHS_IN_YEAR + 1, name="month"))


def years(returns: Floats, days: Times) -> pd.Series:
    """Return the compounded return of every calendar year.

    Parameters
    ----------
    returns : array of shape (n,)
        Simple returns as fractions, in order of time.
    days : datetime64[D] array of shape (n,)
        The day each ends on; it counts in the year of that day.

    Returns
    -------
    Series of shape (n_years,)
        Fractions, indexed by the year; NaN in a year without a return. The first and the last year
        may be partial.
    """
    starts = _starts(days, "year")
    rows = _every_year(days)
    table = np.full(len(rows), np.nan)
    table[days[starts].astype("datetime64[Y]").astype(np.int64) + FIRST_YEAR - rows.start] = _compound(
        returns, starts
    )
    return pd.Series(table, index=rows, name="returns")


def best_month(month_returns: Floats) -> float:
    """Return the highest compounded return of a calendar month, a fraction; NaN without a month.

    Parameters
    ----------
    month_returns : array of shape (n_months,)
        Returns `compounded` by month, fractions; partial first and last months count as they are.
    """
    return float(month_returns.max()) if len(month_returns) else np.nan


def worst_month(month_returns: Floats) -> float:
    """Return the lowest compounded return of a calendar month, a fraction; NaN without a month.

    Parameters
    ----------
    month_returns : array of shape (n_months,)
        Returns `compounded` by month, fractions; partial first and last months count as they are.
    """
    return float(month_returns.min()) if len(month_returns) else np.nan


def win_rate_months(month_returns: Floats) -> float:
    """Return the share of calendar months with a return above zero, 0 to 1; NaN without a month.

    Parameters
    ----------
    month_returns : array of shape (n_months,)
        Returns `compounded` by month, fractions. A month at exactly 0 is in the count and is no win;
        a month without returns is not in the count.
    """
    return int(np.count_nonzero(month_returns > 0)) / len(month_returns) if len(month_returns) else np.nan


def _starts(days: Times, period: Period) -> Positions:
    """Return the position of the first day of each period that has one."""
    if not len(days):
        return np.empty(0, dtype=np.intp)
    first, last = days[0].astype("datetime64[D]"), days[-1].astype("datetime64[D]")
    if period == "week":
        monday = first - (first - MONDAY) % np.timedelta64(7, "D")
        begins = np.arange(monday, last + 1, np.timedelta64(7, "D"))
    else:
        step = MONTHS_IN[period]
        month = first.astype("datetime64[M]").astype(int) // step * step
        begins = np.arange(month, last.astype("datetime64[M]").astype(int) + 1, step)
        begins = begins.astype("datetime64[M]").astype("datetime64[D]")
    at = np.searchsorted(days, begins)  # few begins in many days: quicker than every day's period
    return at[np.diff(at, append=len(days)) > 0]


def _compound(returns: Floats, starts: Positions) -> Floats:
    """Return the compounded return from each start to the next."""
    return np.multiply.reduceat(1 + returns, starts) - 1 if len(starts) else np.empty(0)


def _every_year(days: Times) -> pd.RangeIndex:
    """Return the years from the first to the last."""
    first, last = (days[[0, -1]]).astype("datetime64[Y]").astype(int) + FIRST_YEAR if len(days) else (0, -1)
    return pd.RangeIndex(int(first), int(last) + 1, name="year")
