"""The July window: what an account did in the June rally and in the July after it, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.metrics.drawdowns import drawdown, max_drawdown

if TYPE_CHECKING:
    from raisecash.data.panel import Floats
    from raisecash.metrics.track import Track

JUNE, JULY, AUGUST = "06-01", "07-01", "08-01"  # first days of the rally month, the window, and what follows


def july_window(account: Track) -> pd.DataFrame:
    """Return how the account went through June and July, a row a calendar year.

    Parameters
    ----------
    account : Track

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
    bar_dates = account.times.astype("datetime64[D]")
    every_day = account.is_seven_days
    first_year, last_year = (bar_dates[[0, -1]].astype("datetime64[Y]").astype(int) + 1970).tolist()
    years = range(first_year, last_year + 1)
    rows = []
    for year in years:
        june = _covered(account, _day(year, JUNE), _day(year, JULY), every_day=every_day)
        july = _covered(account, _day(year, JULY), _day(year, AUGUST), every_day=every_day)
        first, after = np.searchsorted(bar_dates, [_day(year, JULY), _day(year, AUGUST)])
        rows.append(
            {
                "rally": np.nan if june is None else june[-1] / june[0] - 1,
                "minefield": np.nan if july is None else july[-1] / july[0] - 1,
                "worst": np.nan if july is None else max_drawdown(drawdown(july)),
                "cash_weight": np.nan if july is None else account.cash_weights[first:after].mean(),
                "partial": june is None or july is None,
            }
        )
    return pd.DataFrame(rows, index=pd.RangeIndex(years.start, years.stop, name="year"))


def mean_of_full_years(july: pd.DataFrame) -> dict[str, float] | None:
    """Return the mean of each figure over the years that are not partial; None with fewer than two of them.

    Parameters
    ----------
    july : DataFrame
        What `july_window` gives.
    """
    full = july[~july["partial"].astype(bool)].drop(columns="partial")
    return {str(kind): float(full[kind].mean()) for kind in full} if len(full) > 1 else None


def _covered(account: Track, start: np.datetime64, end: np.datetime64, *, every_day: bool) -> Floats | None:
    """Return equity from the last day before `start` to the last before `end`; None where it is not all there.

    A window is all there when something precedes it, lies in it, and reaches its last day: the last
    calendar day on a seven-day clock, the last weekday on any other.
    """
    days = account.days
    first, after = np.searchsorted(days, [start, end])
    last_day = end - np.timedelta64(1, "D")
    if not every_day:
        last_day = np.busday_offset(last_day, 0, roll="backward")
    if first == 0 or first == after or days[-1] < last_day:
        return None
    return account.equity[first - 1 : after]


def _day(year: int, month_day: str) -> np.datetime64:
    """Return a day of a year."""
    return np.datetime64(f"{year}-{month_day}", "D")
