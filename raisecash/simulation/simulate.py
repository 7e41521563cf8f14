"""`simulate`: a table of target weights becomes a `Backtest`, on either engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from raisecash.errors import InputError
from raisecash.execution.terms import CASH_AT_START, Terms
from raisecash.execution.weights import check_weights
from raisecash.simulation.backtest import Backtest

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.data.market import Market
    from raisecash.execution.costs import Costs
    from raisecash.execution.rebalance import Rebalance
    from raisecash.execution.weights import CheckedWeights

Engine = Literal["backtrader", "ledger"]


def simulate(
    targets: pd.DataFrame,
    market: Market,
    costs: Costs | None = None,
    rebalance: Rebalance | None = None,
    *,
    engine: Engine = "backtrader",
    cash: float = CASH_AT_START,
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
        Both give the same account; the ledger is compiled.
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
    checked = check_weights(targets, market, name=name)
    terms = Terms.of(market.assets, costs, rebalance, cash=cash, lots=lots)
    return simulate_checked(checked, market, terms, engine=engine, name=name)


def simulate_checked(
    weights: CheckedWeights, market: Market, terms: Terms, *, engine: Engine, name: str
) -> Backtest:
    """Return what a checked table would have done to an account under checked terms.

    For whoever runs one table more than once: `check_weights` and `Terms.of` are paid for once.

    Parameters
    ----------
    weights : CheckedWeights
        From `check_weights`, for the same market.
    market : Market
    terms : Terms
    engine : {"backtrader", "ledger"}
    name : str
        Who decided, for messages.

    Raises
    ------
    InputError
        For an unknown engine.
    """
    if engine == "ledger":
        from raisecash.engines import ledger

        account = ledger.run(market.panel, terms, weights)
    elif engine == "backtrader":
        from raisecash.engines import backtrader

        account = backtrader.run(market.panel, terms, weights)
    else:
        raise InputError(f"engine must be 'backtrader' or 'ledger', got {engine!r}")
    return Backtest(name=name, engine=engine, market=market, terms=terms, decided=weights, account=account)
