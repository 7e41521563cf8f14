"""The contract suite on plain backtrader strategies: an honest one passes, each cheat is told by its own check."""

from __future__ import annotations

import pytest

from raisecash.contract_checks import judge
from raisecash.strategy.discovery import find_strategy

AUTHORS_FILE = """
import random

import backtrader as bt


class Cross(bt.Strategy):
    params = (("fast", 5), ("slow", 20))

    def __init__(self):
        fast, slow = (bt.ind.SMA(self.data.close, period=n) for n in (self.p.fast, self.p.slow))
        self.cross = bt.ind.CrossOver(fast, slow)

    def next(self):
        if not self.position and self.cross > 0:
            self.buy(size=1)
        elif self.position and self.cross < 0:
            self.close()


class KnowsTheEnd(bt.Strategy):
    def next(self):
        rises = self.data.close.array[-1] > self.data.close[0]
        if rises and not self.position:
            self.buy(size=1)
        elif not rises and self.position:
            self.close()


class Dice(bt.Strategy):
    def next(self):
        if random.random() < 0.05:
            self.buy(size=0.1)


class Remembers(bt.Strategy):
    runs = 0

    def __init__(self):
        type(self).runs += 1

    def next(self):
        if len(self) == 30 + type(self).runs:
            self.buy(size=0.1)


class FillsAtTheClose(bt.Strategy):
    def __init__(self):
        self.broker.set_coc(True)

    def next(self):
        if not self.position:
            self.buy(size=1)
"""
ORDERS = {"account_can_be_replayed", "places_the_same_orders_twice", "orders_ignore_future_bars"}


@pytest.fixture
def outcomes(tmp_path):
    def judged(name):
        (tmp_path / "author.py").write_text(AUTHORS_FILE)
        strategy = find_strategy(f"author.py:{name}", base_dir=tmp_path, where="test")
        return {outcome.check: outcome for outcome in judge(strategy())}

    return judged


def test_an_honest_plain_strategy_passes_every_check(outcomes):
    got = outcomes("Cross")
    assert set(got) >= ORDERS
    assert {outcome.verdict for outcome in got.values()} == {"passed"}


@pytest.mark.parametrize(
    ("name", "check", "message"),
    [
        ("KnowsTheEnd", "orders_ignore_future_bars", "KnowsTheEnd looks ahead: order "),
        ("Dice", "places_the_same_orders_twice", "is another one in a second run"),
        ("Remembers", "places_the_same_orders_twice", "is another one in a second run"),
        ("FillsAtTheClose", "account_can_be_replayed", "which it had seen"),
    ],
)
def test_a_plain_cheat_is_told_by_the_check_that_names_what_it_does(outcomes, name, check, message):
    got = outcomes(name)
    assert got[check].verdict == "failed"
    assert message in got[check].message
    assert {each for each in ORDERS if got[each].verdict == "failed"} == {check}
