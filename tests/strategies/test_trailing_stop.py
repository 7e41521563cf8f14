"""Locking in, worked out by hand."""

from __future__ import annotations

import pytest

from raisecash.lookahead.run_time import check_lookahead
from strategies.trailing_stop import TrailingStop
from tests.support.markets import priced
from tests.support.strategies.plans import Planned

PATH = [100, 120, 103, 102, 90, 98, 99, 110, 93]


def shares(strategy, over):
    return strategy.target_weights(over).sum(axis=1).tolist()


def test_it_sells_at_a_close_fifteen_percent_below_the_highest_and_returns_on_a_rebound():
    """Highest 120: 102 sells, 103 does not. Lowest 90: 99 is 10% above, 98 is not. Then the highest is 110 and
    93.5 the level: 93 sells again."""
    strategy = TrailingStop(stop=0.15, rearm="rebound", rebound=0.1)
    assert shares(strategy, priced(BTC=PATH)) == pytest.approx([1, 1, 1, 0, 0, 0, 1, 1, 0])


def test_it_returns_after_some_bars_when_told_to_wait():
    strategy = TrailingStop(stop=0.15, rearm="wait", wait=2, reserve=0.75)
    assert shares(strategy, priced(BTC=PATH)) == pytest.approx([1, 1, 1, 0.25, 0.25, 1, 1, 1, 0.25])


def test_otherwise_it_waits_for_a_new_position_of_the_base():
    """The base leaves on the sixth bar and is in again on the seventh, where the highest begins at 99."""
    base = Planned(shares=(1, 1, 1, 1, 1, 0, 1, 1, 1))
    got = shares(TrailingStop(base=base, stop=0.15, rearm="entry"), priced(BTC=PATH))
    assert got == pytest.approx([1, 1, 1, 0, 0, 0, 1, 1, 0])
    assert shares(TrailingStop(stop=0.15, rearm="entry"), priced(BTC=PATH)) == [1, 1, 1, 0, 0, 0, 0, 0, 0]


def test_a_base_that_holds_without_deciding_is_sold_and_bought_back():
    """Rows without a decision stay without one except where the stop sells and arms again."""
    once = Planned(shares=(1, *(None,) * 8))
    rows = TrailingStop(base=once, stop=0.15, rebound=0.1).target_weights(priced(BTC=PATH))["BTC"].dropna()
    assert rows.index.day.tolist() == [1, 4, 7, 9]
    assert rows.tolist() == [1, 0, 1, 0]


def test_it_does_not_look_ahead():
    over = priced(BTC=PATH)
    strategy = TrailingStop()
    check_lookahead(strategy, over, strategy.target_weights(over), name="TrailingStop")
