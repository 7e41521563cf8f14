"""Checks on markets of other shapes: columns turned, history begun later, and markets that are hardly one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from raisecash.contract_checks.decisions import decided, same_weights
from raisecash.contract_checks.markets import (
    all_closed,
    constant,
    from_bar,
    one_asset,
    one_bar,
    other_column_order,
    with_gaps,
)
from raisecash.data.market import Market
from raisecash.errors import ContractError, ParameterError, RaisecashError
from raisecash.execution.weights import check_weights
from raisecash.messages.blame import phrase_of
from raisecash.messages.words import stamp
from raisecash.strategy.base import Strategy

STARTS = 10  # bars at which the market begins instead: a threshold is passed at few of them


def check_column_order_does_not_matter(strategy: Strategy, market: Market) -> None:
    """Assets and signals in another order get the same weights."""
    weights, turned = decided(strategy, market), decided(strategy, other_column_order(market))
    same_weights(
        weights,
        turned,
        when="with the columns in another order",
        so="name columns instead of counting them, and break ties by name",
    )


def check_start_date_does_not_matter(strategy: Strategy, market: Market) -> None:
    """After `warm_up_bars` bars the weights are those of a market that began earlier."""
    promised = strategy.warm_up_bars or 0
    weights, is_known = decided(strategy, market), market.last_close.notna().to_numpy()
    for start in np.unique(np.linspace(1, 0.9 * len(market.bars), STARTS).astype(int)):
        later = from_bar(market, start)
        # The bar from which on both know the same prices: a history may begin on a day of closed markets.
        unknown = (is_known[start:] & ~later.last_close.notna().to_numpy()).any(axis=1)
        first = start + promised + (int(np.flatnonzero(unknown)[-1]) + 1 if unknown.any() else 0)
        if first >= len(market.bars):
            continue
        same_weights(
            weights.loc[market.bars[first] :],
            decided(strategy, later),
            when=f"in a market that begins on {stamp(market.bars[start])}, more than its {promised} warm-up bars earlier",
            so="make warm_up_bars the bars it really needs; None promises nothing",
        )


def check_runs_on_one_bar(strategy: Strategy, market: Market) -> None:
    """A market of a single bar gets weights."""
    _run(strategy, market, one_bar, what="one bar")


def check_runs_on_one_asset(strategy: Strategy, market: Market) -> None:
    """A market of a single asset gets weights, or a ParameterError that names what is missing."""
    _run(strategy, market, one_asset, what="one asset")


def check_runs_on_constant_prices(strategy: Strategy, market: Market) -> None:
    """A market in which nothing moves gets weights."""
    _run(strategy, market, constant, what="constant prices")


def check_runs_with_gaps(strategy: Strategy, market: Market) -> None:
    """A market with long closures and late signals gets weights."""
    _run(strategy, market, with_gaps, what="long gaps")


def check_runs_when_all_is_closed(strategy: Strategy, market: Market) -> None:
    """A market in which nothing ever trades gets weights, all of them 0 or undecided."""
    _run(strategy, market, all_closed, what="every market closed")


def _run(strategy: Strategy, market: Market, form: Callable[[Market], Market], *, what: str) -> None:
    """Raise ContractError when there are no valid weights on a form of the market."""
    other = form(market)
    gone = [asset for asset in market.assets if asset not in other.assets]
    try:
        check_weights(decided(strategy, other), other, name=type(strategy).__name__)
    except RaisecashError as error:
        if gone and isinstance(error, ParameterError):
            return
        raise ContractError(f"on {what}: {error}") from error
    except KeyError as error:
        if any(asset in str(error) for asset in gone):
            return  # it asks for an asset by name: without it there is no rule
        raise ContractError(f"on {what} it raised {phrase_of(error)}") from error
    except Exception as error:
        raise ContractError(
            f"on {what} it raised {phrase_of(error)}; "
            "hold nothing, or decide nothing, where there is too little to decide on"
        ) from error
