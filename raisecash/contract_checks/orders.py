"""Checks of a plain backtrader strategy, which places orders where ours decide weights."""

from __future__ import annotations

import pandas as pd

from raisecash.contract_checks.markets import another
from raisecash.data.market import Market
from raisecash.errors import ContractError
from raisecash.messages.words import stamp
from raisecash.simulation.plain import PlainBacktest, check_plain_lookahead, simulate_plain
from raisecash.strategy.base import Strategy
from raisecash.strategy.plain import PlainStrategy

HAPPENED = {
    "order": ["placed_at", "asset", "shares", "kind", "price", "limit"],
    "fill": ["time", "asset", "shares", "price"],
}


def check_account_can_be_replayed(strategy: Strategy, market: Market) -> None:
    """No order is filled on a bar it had seen, and the fills replayed make the same account."""
    _run(strategy, market)


def check_places_the_same_orders_twice(strategy: Strategy, market: Market) -> None:
    """Run again, also after a run on another market, it places the same orders and gets the same fills."""
    first = _run(strategy, market)
    _run(strategy, another(market))
    again = _run(strategy, market)
    for what, columns in HAPPENED.items():
        one, other = _table(first, what), _table(again, what)
        for row in range(max(len(one), len(other))):
            if row >= min(len(one), len(other)) or not one[columns].iloc[row].equals(
                other[columns].iloc[row]
            ):
                at = (one if row < len(one) else other)[columns[0]].iloc[row]
                raise ContractError(
                    f"{what} {row + 1}, of {stamp(at)}, is another one in a second run on the same market; "
                    "keep everything on self, and seed random numbers"
                )


def check_orders_ignore_future_bars(strategy: Strategy, market: Market) -> None:
    """With the future cut off it places the orders, and gets the fills, that it had up to then."""
    check_plain_lookahead(_plain(strategy), _run(strategy, market))


def _run(strategy: Strategy, market: Market) -> PlainBacktest:
    return simulate_plain(_plain(strategy), market)


def _plain(strategy: Strategy) -> PlainStrategy:
    if not isinstance(strategy, PlainStrategy):
        raise ContractError(f"{type(strategy).__name__} is no plain backtrader strategy")
    return strategy


def _table(result: PlainBacktest, what: str) -> pd.DataFrame:
    return result.orders if what == "order" else result.record.fills
