"""`Track`: what every statistic of an account starts from, at day ends, as arrays computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.errors import DataError
from raisecash.metrics.days import date_index
from raisecash.metrics.drawdowns import drawdown
from raisecash.metrics.periods import compounded

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Times
    from raisecash.simulation.backtest import Backtest


@dataclass(frozen=True, eq=False, kw_only=True)
class Track:
    """An account at the ends of n + 1 days, and over its m bars where a statistic needs each of them.

    Attributes
    ----------
    name : str
        Whose account it is.
    periods_per_year : int
        Day ends in a year: 252 for exchange sessions, 365 for a seven-day clock.
    is_seven_days : bool
        Whether its clock is the seven-day one.
    days : datetime64[D] array of shape (n + 1,)
        The calendar dates with a bar. The first row is the starting cash: that of the first bar, at
        which nothing can have traded, or, where the first date has several bars or has traded at
        once, a row of its own dated the day before.
    equity : array of shape (n + 1,)
        Account value at each date's last bar; positive.
    returns : array of shape (n,)
        Simple returns from day end to day end, as fractions (0.01 is 1%); row t ends on `days[t + 1]`.
    accrual : array of shape (n,)
        What one unit of cash earned over each of these returns, under the engines' interest rule:
        the yield known at the day end before, times the calendar days since, over 365. 0 on a first
        date with several bars: no calendar day passes within it.
    excess : array of shape (n,)
        `returns` above `accrual`: what an account in cash earned is taken off, so that an all-cash
        account has zeros, up to rounding.
    times : datetime64 array of shape (m,)
        The bars.
    bar_equity, cash, traded, commission, interest : array of shape (m,)
        The account at each bar's close, and what was traded, paid and credited at the bar, in money.
    """

    name: str
    periods_per_year: int
    is_seven_days: bool
    days: Times
    equity: Floats
    returns: Floats
    accrual: Floats
    excess: Floats
    times: Times
    bar_equity: Floats
    cash: Floats
    traded: Floats
    commission: Floats
    interest: Floats

    @classmethod
    def of(cls, backtest: Backtest) -> Track:
        """Return the track of an account on daily, intraday or coarser bars.

        Raises
        ------
        DataError
            When equity is zero, negative or not finite on some bar: no return is defined from there.
        """
        panel, account = backtest.market.panel, backtest.account
        equity = account.equity
        bad = ~(np.isfinite(equity) & (equity > 0))
        if bad.any():
            first = int(bad.argmax())
            raise DataError(
                f"{backtest.name}: equity must be a positive amount at every bar for returns to be defined, got "
                f"{equity[first]} on {pd.Timestamp(panel.times[first])}; nothing can be measured from there on, end the run earlier"
            )
        days, ends = panel.days, equity[panel.day_ends]
        if panel.day_ends[0] != 0 or ends[0] != backtest.cash_at_start:
            days = np.concatenate((days[:1] - np.timedelta64(1, "D"), days))
            ends = np.concatenate(([backtest.cash_at_start], ends))
        returns = ends[1:] / ends[:-1] - 1
        accrual = panel.day_accrual[len(panel.days) - len(returns) :]
        return cls(
            name=backtest.name,
            periods_per_year=panel.periods_per_year,
            is_seven_days=backtest.market.is_seven_days,
            days=days,
            equity=ends,
            returns=returns,
            accrual=accrual,
            excess=returns - accrual,
            times=panel.times,
            bar_equity=equity,
            cash=account.cash,
            traded=account.traded,
            commission=account.commission,
            interest=account.interest,
        )

    @property
    def return_days(self) -> Times:
        """The day each return ends on, shape (n,)."""
        return self.days[1:]

    @cached_property
    def drawdown(self) -> Floats:
        """The loss since the highest value so far, the starting cash included: shape (n + 1,), fractions <= 0."""
        return drawdown(self.equity)

    @cached_property
    def month_returns(self) -> Floats:
        """The compounded returns of the calendar months that have one, in order: shape (n_months,)."""
        return compounded(self.returns, self.return_days, "month")

    @cached_property
    def cash_weights(self) -> Floats:
        """Cash over equity at each bar's close, shape (m,), fractions."""
        return self.cash / self.bar_equity

    def by_day(self, values: Floats, name: str) -> pd.Series:
        """Return n values as a series dated by the day each return ends on, or n + 1 by all days."""
        days = self.days[len(self.days) - len(values) :]
        return pd.Series(values, index=date_index(days), name=name)
