"""Day ends: the equity, returns and cash accrual every statistic of an account starts from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.errors import DataError
from raisecash.simulation.backtest import Backtest
from raisecash.simulation.simulate import accrual

DAYS_IN_YEAR = 365.25  # elapsed calendar time


def day_end_equity(backtest: Backtest) -> pd.Series:
    """Return the account's value at the end of each calendar date that has a bar.

    Parameters
    ----------
    backtest : Backtest
        Daily, intraday or coarser bars.

    Returns
    -------
    Series of shape (n_days,)
        Equity at each date's last bar, indexed by the date (tz-naive midnight). The first row is
        the starting cash: that of the first bar, at which nothing can have traded, or, where the
        first date has several bars, a row of its own dated the day before.

    Raises
    ------
    DataError
        When equity is zero, negative or not finite on some bar: no return is defined from there.
    """
    bars, equity = backtest.bars.index, backtest.bars["equity"].to_numpy(dtype=float)
    bad = ~(np.isfinite(equity) & (equity > 0))
    if bad.any():
        first = int(bad.argmax())
        raise DataError(
            f"{backtest.name}: equity must be a positive amount at every bar for returns to be defined, "
            f"got {equity[first]} on {bars[first]}; nothing can be measured from there on, end the run earlier"
        )
    dates, is_last = _days(backtest)
    days, ends = dates[is_last], equity[is_last]
    if not is_last[0] or ends[0] != backtest.cash_at_start:
        days = np.concatenate(([days[0] - np.timedelta64(1, "D")], days))
        ends = np.concatenate(([backtest.cash_at_start], ends))
    return pd.Series(ends, index=_date_index(days), name="equity")


def day_returns(backtest: Backtest) -> pd.Series:
    """Return the simple returns from day end to day end.

    Returns
    -------
    Series of shape (n_days - 1,)
        Fractions (0.01 is 1%), each dated by the day it ends on. Empty when there is one day end.
    """
    equity = day_end_equity(backtest)
    ends = equity.to_numpy()
    return pd.Series(ends[1:] / ends[:-1] - 1, index=equity.index[1:], name="returns")


def cash_accrual(backtest: Backtest) -> pd.Series:
    """Return what one unit of cash earned over each of `day_returns`' days, under the engines' interest rule.

    Returns
    -------
    Series of shape (n_days - 1,)
        Annual cash yield known at the day end before, times the calendar days since, over 365.
        0 on a first date with several bars: no calendar day passes within it.
    """
    _, is_last = _days(backtest)
    first_bars = np.flatnonzero(np.append(True, is_last[:-1]))
    by_day = np.add.reduceat(accrual(backtest.market), first_bars)
    measured = day_end_equity(backtest).index[1:]
    return pd.Series(by_day[len(by_day) - len(measured) :], index=measured, name="cash_accrual")


def excess_returns(backtest: Backtest) -> pd.Series:
    """Return `day_returns` above the cash yield: what an account in cash earned is taken off.

    Returns
    -------
    Series of shape (n_days - 1,)
        Fractions. An all-cash account has zeros, up to rounding.
    """
    return (day_returns(backtest) - cash_accrual(backtest)).rename("excess_returns")


def elapsed_years(equity: pd.Series) -> float:
    """Return the calendar time from the first row to the last, in years of 365.25 days."""
    elapsed: pd.Timedelta = equity.index[-1] - equity.index[0]
    return elapsed.days / DAYS_IN_YEAR


def _days(backtest: Backtest) -> tuple[np.ndarray, np.ndarray]:
    """Return each bar's date, and whether it is its date's last bar; both of shape (n_bars,)."""
    dates = backtest.bars.index.to_numpy().astype("datetime64[D]")
    return dates, np.append(dates[1:] != dates[:-1], True)


def _date_index(days: np.ndarray) -> pd.DatetimeIndex:
    """Return dates as an index, in the resolution that pandas reads dates with."""
    return pd.DatetimeIndex(days.astype("datetime64[us]"), name="day")
