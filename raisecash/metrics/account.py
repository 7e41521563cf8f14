"""What the account itself did: cash held, value traded, commission paid, interest earned."""

from __future__ import annotations

import numpy as np

from raisecash.metrics.returns import day_end_equity, elapsed_years
from raisecash.simulation.backtest import Backtest


def average_cash_weight(backtest: Backtest) -> float:
    """Return the mean over all bars of cash / equity at the close, a fraction.

    The first bar, which is all cash because nothing can have traded yet, is one of them.
    """
    cash, equity = backtest.cash.to_numpy(dtype=float), backtest.equity.to_numpy(dtype=float)
    return float(np.mean(cash / equity))


def turnover(backtest: Backtest) -> float:
    """Return the one-way turnover a year, as a multiple of equity (1.0: the account bought and sold once).

    Returns
    -------
    float
        Value of all buys and sells, halved, over mean equity at the bars' closes, over the calendar
        years elapsed (days / 365.25). NaN when no calendar day has elapsed.
    """
    elapsed = elapsed_years(day_end_equity(backtest))
    if elapsed <= 0:
        return np.nan
    traded = float(backtest.bars["traded"].to_numpy(dtype=float).sum())
    return traded / 2 / float(backtest.equity.to_numpy(dtype=float).mean()) / elapsed


def commission(backtest: Backtest) -> float:
    """Return the commission paid over the whole run, in money."""
    return float(backtest.bars["commission"].to_numpy(dtype=float).sum())


def interest(backtest: Backtest) -> float:
    """Return the interest credited on cash over the whole run, in money; negative under negative yields."""
    return float(backtest.bars["interest"].to_numpy(dtype=float).sum())


def final_equity(backtest: Backtest) -> float:
    """Return the account's value at the last close, open positions at their last price, in money."""
    return float(backtest.equity.iloc[-1])
