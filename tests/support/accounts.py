"""Accounts made by hand: an equity path becomes a `Backtest` without any engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from raisecash import Market
from raisecash.engines.account import Account
from raisecash.execution.terms import Terms
from raisecash.execution.weights import CheckedWeights
from raisecash.simulation.backtest import Backtest


def account(
    equity: Sequence[float],
    index: Any = "2020-01-01",
    *,
    cash: Sequence[float] | float = 0.0,
    traded: Sequence[float] | float = 0.0,
    commission: Sequence[float] | float = 0.0,
    interest: Sequence[float] | float = 0.0,
    cash_yield: Sequence[float] | float = 0.0,
    cash_at_start: float | None = None,
    periods_per_year: int = 0,
    name: str = "by hand",
) -> Backtest:
    """Return an account with this equity; `index` is its bar times, or the first of consecutive days."""
    if isinstance(index, str):
        index = pd.date_range(index, periods=len(equity))
    bars = pd.DatetimeIndex(index)
    prices = pd.DataFrame({"X": np.ones(len(bars))}, index=bars)
    yields = np.broadcast_to(np.asarray(cash_yield, dtype=float), len(bars))
    market = Market(
        open=prices,
        close=prices,
        cash_yield=pd.Series(yields, index=bars, name="cash_yield"),
        periods_per_year=periods_per_year,
    )
    columns = {
        "equity": equity,
        "cash": cash,
        "interest": interest,
        "commission": commission,
        "traded": traded,
    }
    book = pd.DataFrame(columns | {"dividends": 0.0}, index=bars, dtype=float)
    book["shares"] = book["equity"] - book["cash"]
    start = float(equity[0]) if cash_at_start is None else cash_at_start
    return Backtest(
        name=name,
        engine="ledger",
        market=market,
        terms=Terms.of(market.assets, cash=start),
        decided=CheckedWeights.none(market),
        account=Account(book=np.array(book, order="F"), fills=np.empty((0, 6)), unfilled=np.empty((0, 6))),
    )


def path_of(returns: Sequence[float], start: float = 100.0) -> list[float]:
    """Return the equity path of simple returns, the starting capital first."""
    path = [start]
    for r in returns:
        path.append(path[-1] * (1 + r))
    return path
