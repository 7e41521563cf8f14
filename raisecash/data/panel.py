"""`Panel`: a market as bare arrays, built once and shared by every account that is kept over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.datetime64]

Every = Literal["none", "week", "month", "quarter", "year"]
PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
DAYS_IN_INTEREST_YEAR = 365.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """Everything of a market that an account depends on; n bars, m assets, d calendar dates with a bar.

    No array can be written to: thousands of accounts share them. `market.panel` builds it once.

    Attributes
    ----------
    assets : tuple of str
    times : datetime64 array of shape (n,)
    open, close : array of shape (n, m)
        NaN where closed.
    last_close : array of shape (n, m)
        The newest close at each bar; 0 before an asset's first, when none of it can be held.
    dividends : array of shape (n, m) or (0, m)
        Money per share held at the bar before; without a row when nothing pays any.
    accrual : array of shape (n,)
        Interest credited at bar t per unit of cash held before it: the yield known at the bar
        before, times the calendar days since it, over 365; 0 at the first bar.
    day_ends : int array of shape (d,)
        Each date's last bar.
    days : datetime64[D] array of shape (d,)
        Its date.
    day_accrual : array of shape (d,)
        The sum of `accrual` over each date's bars.
    periods_per_year : int
        Day ends in a year.
    """

    assets: tuple[str, ...]
    times: Times
    open: Floats
    close: Floats
    last_close: Floats
    dividends: Floats
    accrual: Floats
    day_ends: Ints
    days: Times
    day_accrual: Floats
    periods_per_year: int
    _starts: dict[Every, Bools] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        bars: pd.DatetimeIndex,
        *,
        open: pd.DataFrame,
        close: pd.DataFrame,
        last_close: pd.DataFrame,
        dividends: pd.DataFrame,
        cash_yield: pd.Series,
        periods_per_year: int,
    ) -> Panel:
        """Return the panel of a market's own fields, copied."""
        times = bars.to_numpy()
        dates = times.astype("datetime64[D]")
        is_last = np.append(dates[1:] != dates[:-1], True)
        earned = _accrual(bars, cash_yield)
        paid = _floats(dividends)
        panel = cls(
            assets=tuple(str(name) for name in open.columns),
            times=times,
            open=_floats(open),
            close=_floats(close),
            last_close=_floats(last_close.fillna(0.0)),
            dividends=paid if paid.any() else paid[:0],
            accrual=earned,
            day_ends=np.flatnonzero(is_last),
            days=dates[is_last],
            day_accrual=np.add.reduceat(earned, np.flatnonzero(np.append(True, is_last[:-1]))),
            periods_per_year=int(periods_per_year),
        )
        for values in vars(panel).values():
            if isinstance(values, np.ndarray):
                values.flags.writeable = False
        return panel

    @property
    def shape(self) -> tuple[int, int]:
        """Bars and assets."""
        return len(self.times), len(self.assets)

    @cached_property
    def interest(self) -> Floats:
        """The same as `accrual`, without a row when nothing is ever earned: shape (n,) or (0,)."""
        return self.accrual if self.accrual.any() else self.accrual[:0]

    def starts_period(self, every: Every) -> Bools:
        """Return whether each bar is the first of a new week (from Monday), month, quarter or year: shape (n,)."""
        if every not in self._starts:
            self._starts[every] = _starts_period(self.times, every)
        return self._starts[every]


def _accrual(bars: pd.DatetimeIndex, cash_yield: pd.Series) -> Floats:
    """Return the interest a unit of cash earns into each bar, shape (n_bars,); 0 at the first."""
    days = np.diff(bars.normalize().to_numpy()).astype("timedelta64[D]").astype(float)
    earned = np.zeros(len(bars))
    earned[1:] = cash_yield.to_numpy(dtype=float)[:-1] * days / DAYS_IN_INTEREST_YEAR
    return earned


def _floats(frame: pd.DataFrame) -> Floats:
    """Return a frame's figures in an array of their own, row by row."""
    return np.array(frame.to_numpy(dtype=float), order="C", copy=True)


def _starts_period(times: Times, every: Every) -> Bools:
    """Return whether each bar is the first of a new period."""
    starts = np.zeros(len(times), dtype=bool)
    if every != "none":
        period = pd.DatetimeIndex(times).to_period(PERIODS[every])
        starts[1:] = np.asarray(period[1:] != period[:-1])
    starts.flags.writeable = False
    return starts
