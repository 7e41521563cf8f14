"""The July window: what an account did in the June rally and in the July after it, year by year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.metrics.drawdowns import max_drawdown
from raisecash.metrics.returns import day_end_equity
from raisecash.simulation.backtest import Backtest

JUNE, JULY, AUGUST = "06-01", "07-01", "08-01"  # first days of the rally month, the window, and what follows


def july_window(backtest: Backtest) -> pd.DataFrame:
    """Return how the account went through June and July, a row a calendar year.

    Parameters
    ----------
    backtest : Backtest

    Returns
    -------
    DataFrame of shape (n_years, 5)
        Indexed by `year`, from the first calendar year with a bar to the last.

        - `rally`: return from the last close before 1 June to the last of June, a fraction.
        - `minefield`: return from the last close of June to the last of July, a fraction.
        - `worst`: deepest drawdown within July, the last close of June being the first peak; <= 0.
        - `cash_weight`: mean of cash / equity over July's bars, a fraction.
        - `partial`: whether the account does not cover June and July from the close before to the end.

        `rally` is NaN where June is not covered in full, the next three where July is not.
    """
    equity = day_end_equity(backtest)
    bar_dates = backtest.bars.index.to_numpy().astype("datetime64[D]")
    cash_weights = backtest.cash.to_numpy(dtype=float) / backtest.equity.to_numpy(dtype=float)
    every_day = backtest.market.is_seven_days
    years = range(backtest.bars.index[0].year, backtest.bars.index[-1].year + 1)
    rows = []
    for year in years:
        june = _covered(equity, _day(year, JUNE), _day(year, JULY), every_day=every_day)
        july = _covered(equity, _day(year, JULY), _day(year, AUGUST), every_day=every_day)
        first, after = np.searchsorted(bar_dates, [_day(year, JULY), _day(year, AUGUST)])
        rows.append(
            {
                "rally": np.nan if june is None else june.iloc[-1] / june.iloc[0] - 1,
                "minefield": np.nan if july is None else july.iloc[-1] / july.iloc[0] - 1,
                "worst": np.nan if july is None else max_drawdown(july),
                "cash_weight": np.nan if july is None else cash_weights[first:after].mean(),
                "partial": june is None or july is None,
            }
        )
    return pd.DataFrame(rows, index=pd.RangeIndex(years.start, years.stop, name="year"))


def _covered(
    equity: pd.Series, start: np.datetime64, end: np.datetime64, *, every_day: bool
) -> pd.Series | None:
    """Return equity from the last day before `start` to the last before `end`; None where it is not all there.

    A window is all there when something precedes it, lies in it, and reaches its last day: the last
    calendar day on a seven-day clock, the last weekday on any other.
    """
    days = equity.index.to_numpy().astype("datetime64[D]")
    first, after = np.searchsorted(days, [start, end])
    last_day = end - np.timedelta64(1, "D")
    if not every_day:
        last_day = np.busday_offset(last_day, 0, roll="backward")
    if first == 0 or first == after or days[-1] < last_day:
        return None
    return equity.iloc[first - 1 : after]


def _day(year: int, month_day: str) -> np.datetime64:
    """Return a day of a year."""
    return np.datetime64(f"{year}-{month_day}", "D")
