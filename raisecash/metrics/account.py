"""What the account itself did: cash held, value traded, commission paid, interest earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from raisecash.metrics.days import elapsed_years
from raisecash.metrics.performance import mean

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Times


def average_cash_weight(cash_weights: Floats) -> float:
    """Return the mean of cash / equity over all bars, a fraction.

    The first bar, which is all cash because nothing can have traded yet, is one of them.

    Parameters
    ----------
    cash_weights : array of shape (n_bars,)
        Cash over equity at each bar's close, fractions.
    """
    return mean(cash_weights)


def turnover(traded: Floats, equity: Floats, days: Times) -> float:
    """Return the one-way turnover a year, as a multiple of equity (1.0: the account bought and sold once).

    Parameters
    ----------
    traded, equity : array of shape (n_bars,)
        Value of buys and sells at each bar, and account value at its close, in money.
    days : datetime64 array of shape (n_days,)
        Day ends, the day of the starting cash first.

    Returns
    -------
    float
        Value of all buys and sells, halved, over mean equity at the bars' closes, over the calendar
        years elapsed (days / 365.25). NaN when no calendar day has elapsed.
    """
    elapsed = elapsed_years(days)
    if elapsed <= 0:
        return np.nan
    return float(np.add.reduce(traded)) / 2 / mean(equity) / elapsed


def commission(paid: Floats) -> float:
    """Return the commission paid over the whole run, in money, from that of each bar."""
    return float(np.add.reduce(paid))


def interest(credited: Floats) -> float:
    """Return the interest credited over the whole run, in money, from that of each bar; negative under negative yields."""
    return float(np.add.reduce(credited))


def final_equity(equity: Floats) -> float:
    """Return the account's value at the last close, open positions at their last price, in money."""
    return float(equity[-1])
