"""`simulate`: a table of target weights becomes a `Backtest`, on either engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from raisecash.engines.plan import PLAIN_REASONS, REASONS, Plan
from raisecash.errors import InputError
from raisecash.execution.terms import Costs, Every, Rebalance
from raisecash.execution.weights import check_weights
from raisecash.simulation.backtest import FILL_COLUMNS, MONEY, PER_ASSET, UNFILLED_COLUMNS, Backtest

if TYPE_CHECKING:
    from raisecash.data.market import Market
    from raisecash.engines.plan import Account, Floats

Engine = Literal["backtrader", "ledger"]
PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def simulate(
    targets: pd.DataFrame,
    market: Market,
    costs: Costs | None = None,
    rebalance: Rebalance | None = None,
    *,
    engine: Engine = "backtrader",
    cash: float = 100_000.0,
    lots: Mapping[str, float] | float = 0.0,
    name: str = "targets",
) -> Backtest:
    """Return what a table of target weights would have done to an account.

    Parameters
    ----------
    targets : DataFrame of shape (n_rows, n_assets)
        Fractions of equity decided at each close, filled at each market's next open; a missing row
        or a row of NaN keeps what is held. From a strategy, a benchmark or a spreadsheet alike.
    market : Market
    costs : Costs, default free of costs
    rebalance : Rebalance, default on every change of target
    engine : {"backtrader", "ledger"}
        Both give the same account; the ledger is compiled and thousands of times faster.
    cash : float
        Money at the start.
    lots : float or mapping of asset to float
        Lot size; 0 for fractional shares.
    name : str
        Who decided, for messages.

    Returns
    -------
    Backtest

    Raises
    ------
    WeightsError
        When a row breaks the contract (see `check_weights`).
    InputError
        For an unknown engine, cash that is not positive, or a lot of an unknown asset.
    """
    costs, rebalance = costs or Costs(), rebalance or Rebalance()
    table = check_weights(targets, market, name=name)
    plan = make_plan(table, market, costs, rebalance, cash, lots)
    if engine == "ledger":
        from raisecash.engines import ledger

        account = ledger.run(plan)
    elif engine == "backtrader":
        from raisecash.engines import backtrader

        account = backtrader.run(plan)
    else:
        raise InputError(f"engine must be 'backtrader' or 'ledger', got {engine!r}")
    return backtest_of(account, plan, market, costs, rebalance, engine=engine, name=name, index=table.index)


def backtest_of(
    account: Account,
    plan: Plan,
    market: Market,
    costs: Costs,
    rebalance: Rebalance,
    *,
    engine: Engine,
    name: str,
    index: pd.Index[Any],
) -> Backtest:
    """Return an engine's account as the backtest it is."""
    return Backtest(
        name=name,
        engine=engine,
        market=market,
        costs=costs,
        rebalance=rebalance,
        cash_at_start=plan.cash,
        lots=dict(zip(market.assets, plan.lots.tolist(), strict=True)),
        bars=_bars(account, plan, index),
        fills=_fills(account, plan),
        unfilled=_unfilled(account, plan),
    )


def make_plan(
    table: pd.DataFrame,
    market: Market,
    costs: Costs,
    rebalance: Rebalance,
    cash: float,
    lots: Mapping[str, float] | float,
) -> Plan:
    """Return the arrays both engines run on."""
    if not (math.isfinite(cash) and cash > 0):
        raise InputError(f"cash must be a positive amount of money, got {cash!r}")
    weights = np.ascontiguousarray(table.to_numpy(dtype=float))
    return Plan(
        assets=market.assets,
        times=market.bars.to_numpy(),
        open=np.ascontiguousarray(market.open.to_numpy(dtype=float)),
        close=np.ascontiguousarray(market.close.to_numpy(dtype=float)),
        last_close=np.ascontiguousarray(market.last_close.fillna(0.0).to_numpy(dtype=float)),
        weights=weights,
        decides=~np.isnan(weights).any(axis=1),
        starts_period=starts_period(market.bars, rebalance.every),
        dividends=_dividends(market),
        accrual=accrual(market),
        lots=_lots(lots, market),
        cash=float(cash),
        commission=costs.commission,
        slippage=costs.slippage,
        on_change=rebalance.on_change,
        drift=rebalance.drift,
    )


def _dividends(market: Market) -> Floats:
    """Return the money per share paid at each bar; no row at all when nothing is ever paid."""
    paid = np.ascontiguousarray(market.dividends.to_numpy(dtype=float))
    return paid if paid.any() else paid[:0]


def accrual(market: Market) -> Floats:
    """Return the interest a unit of cash earns into each bar, shape (n_bars,); 0 at the first.

    The yield known at the bar before, times the calendar days since it, over 365.
    """
    days = np.diff(market.bars.normalize().to_numpy()).astype("timedelta64[D]").astype(float)
    earned = np.zeros(len(market.bars))
    earned[1:] = market.cash_yield.to_numpy(dtype=float)[:-1] * days / 365.0
    return earned


def starts_period(bars: pd.DatetimeIndex, every: Every) -> np.ndarray:
    """Return whether each bar is the first of a new week (from Monday), month, quarter or year: bool array."""
    starts = np.zeros(len(bars), dtype=bool)
    if every != "none":
        period = bars.to_period(PERIODS[every])
        starts[1:] = np.asarray(period[1:] != period[:-1])
    return starts


def _lots(lots: Mapping[str, float] | float, market: Market) -> Floats:
    """Return a lot size an asset."""
    if not isinstance(lots, Mapping):
        lots = dict.fromkeys(market.assets, lots)
    for asset, lot in lots.items():
        if asset not in market.assets:
            raise InputError(
                f"lot for {asset!r}, which is not in the market; it has {', '.join(market.assets)}"
            )
        if not (math.isfinite(lot) and lot >= 0):
            raise InputError(
                f"lot of {asset} must be 0 (fractional) or a positive number of shares, got {lot!r}"
            )
    return np.array([float(lots.get(asset, 0.0)) for asset in market.assets])


def _bars(account: Account, plan: Plan, index: pd.Index[Any]) -> pd.DataFrame:
    """Return one row a bar: the account, then weight, shares and target of each asset."""
    shares = account.book[:, len(MONEY) :]
    weights = shares * plan.last_close / account.book[:, :1]
    names = [*MONEY, *(f"{kind}.{asset}" for kind in PER_ASSET for asset in plan.assets)]
    values = np.hstack([account.book[:, : len(MONEY)], weights, shares, plan.weights])
    return pd.DataFrame(values, index=index, columns=names)


def _fills(account: Account, plan: Plan) -> pd.DataFrame:
    """Return one row a fill."""
    bar, asset, decided, shares, price, commission = account.fills.T
    values = (_bar(bar, plan), _asset(asset, plan), shares, price, commission, _bar(decided, plan))
    return pd.DataFrame(dict(zip(FILL_COLUMNS, values, strict=True)))


def _unfilled(account: Account, plan: Plan) -> pd.DataFrame:
    """Return one row an order that was not filled in full."""
    bar, asset, decided, wanted, filled, reason = account.unfilled.T
    reasons = pd.array([(REASONS + PLAIN_REASONS)[int(code)] for code in reason], dtype="str")
    values = (_bar(bar, plan), _asset(asset, plan), wanted, filled, _bar(decided, plan), reasons)
    return pd.DataFrame(dict(zip(UNFILLED_COLUMNS, values, strict=True)))


def _bar(numbers: Floats, plan: Plan) -> np.ndarray:
    """Return bar times for bar numbers."""
    return plan.times[numbers.astype(np.int64)]


def _asset(numbers: Floats, plan: Plan) -> pd.api.extensions.ExtensionArray:
    """Return asset names for asset numbers."""
    return pd.array([plan.assets[int(number)] for number in numbers], dtype="str")
