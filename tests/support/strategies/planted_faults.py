"""Honest strategies that break where a market is not what they were tried on. FAULTS says which check must notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import PrivateAttr

from raisecash import Strategy
from tests.support.strategies.planted_cheats import invested


class NeedsTwoAssets(Strategy):
    """Hold the first asset as far as the second one has a price."""

    def target_weights(self, market):
        return invested(market, market.last_close.iloc[:, 1].notna())


class DividesByTheSpread(Strategy):
    """Hold less the further the price is from its middle, in units of how far it ever was."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        low, high = price.cummin(), price.cummax()
        if len(market.bars) > 1 and high.iloc[-1] == low.iloc[-1]:
            raise ZeroDivisionError("the price has never moved")
        return invested(market, np.zeros(len(market.bars)))


class NeedsBitcoinEveryTenDays(Strategy):
    """Take it that a market which never closes is never closed for long."""

    def target_weights(self, market):
        opened = market.is_open["BTC"].to_numpy().nonzero()[0]
        if len(opened) > 1 and np.diff(opened).max() > 10:
            raise IndexError("no bar of BTC in ten days")
        return invested(market, np.zeros(len(market.bars)))


class AsksForTheFirstPrice(Strategy):
    """Ask for the first price of a market in which nothing may ever trade."""

    def target_weights(self, market):
        first = market.close.stack().dropna().iloc[0]
        return invested(market, np.full(len(market.bars), float(first > 0)))


class KeepsAFunction(Strategy):
    """Keep a rule that no other process can be sent."""

    _rule: Callable[[Any], Any] = PrivateAttr(default_factory=lambda: lambda share: share)

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), self._rule(0.5)))


class PrintsItsTitle(Strategy):
    """Print a title where a call belongs."""

    def target_weights(self, market):
        return invested(market, np.zeros(len(market.bars)))

    def __repr__(self):
        return "<a rule for the patient>"


FAULTS = {
    NeedsTwoAssets: ("runs_on_one_asset",),
    DividesByTheSpread: ("runs_on_constant_prices",),
    NeedsBitcoinEveryTenDays: ("runs_with_gaps",),
    AsksForTheFirstPrice: ("runs_when_all_is_closed",),
    KeepsAFunction: (
        "survives_pickling",
        "prints_as_its_own_call",
        "decides_the_same_in_a_fresh_process",
        "reads_nothing_but_the_market",
    ),
    PrintsItsTitle: ("prints_as_its_own_call",),
}
