"""Selling into strength, worked out by hand."""

from __future__ import annotations

import pytest

from raisecash.lookahead.run_time import check_lookahead
from strategies.take_profit import TakeProfit
from tests.support.markets import priced
from tests.support.strategies.plans import Planned

RISE = [100, 119, 120, 130, 140, 150, 136, 135, 161, 162]


def shares(strategy, over):
    return strategy.target_weights(over).sum(axis=1).tolist()


def test_a_quarter_is_sold_at_each_step_and_bought_back_after_a_pullback():
    """Reference 100, gain 0.2: steps at 120 and 140. High 150, pullback 0.1: at 135, not at 136, it arms again with
    reference 135, so that the next step is at 162, not at 161."""
    got = shares(TakeProfit(gain=0.2, take=0.25, steps=2, pullback=0.1), priced(BTC=RISE))
    assert got == pytest.approx([1, 1, 0.75, 0.75, 0.5, 0.5, 0.5, 1, 1, 0.75])


def test_a_jump_takes_all_its_steps_at_once_and_no_more_than_there_are():
    over = priced(BTC=[100, 200, 300])
    assert shares(TakeProfit(gain=0.2, take=0.25, steps=3), over) == pytest.approx([1, 0.25, 0.25])
    assert shares(TakeProfit(gain=0.2, take=0.6, steps=3), over) == pytest.approx([1, 0, 0])


def test_without_a_pullback_only_a_new_position_arms_it():
    """The plan is out on the fifth bar (0.4 is not above entry) and in again on the sixth, at 100: next step at 120."""
    over = priced(BTC=[100, 120, 90, 100, 100, 100, 119, 120])
    base = Planned(shares=(1, 1, 1, 1, 0.4, 1, 1, 1))
    got = shares(TakeProfit(base=base, gain=0.2, take=0.5, steps=1, pullback=None), over)
    assert got == pytest.approx([1, 0.5, 0.5, 0.5, 0.4, 1, 1, 0.5])


def test_the_gain_is_that_of_the_base_and_not_of_its_assets():
    """A base that is half invested earns half: 1.2 when BTC stands at 140."""
    over = priced(BTC=[100, 139, 140])
    got = shares(TakeProfit(base=Planned(shares=(0.5,) * 3), gain=0.2, take=0.5, entry=0.4), over)
    assert got == pytest.approx([0.5, 0.5, 0.25])


def test_it_does_not_look_ahead():
    over = priced(BTC=RISE)
    strategy = TakeProfit()
    check_lookahead(strategy, over, strategy.target_weights(over), name="TakeProfit")
