"""From cash back to risk, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from raisecash.errors import ParameterError
from raisecash.lookahead.run_time import check_lookahead
from raisecash.strategy.rules import ReentryRule
from strategies.buy_and_hold import BuyAndHold
from strategies.fixed_mix import FixedMix
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.reentry import Reentry
from tests.support.markets import dated_events, flat_market, priced
from tests.support.strategies.plans import Planned

FLAT = [100.0] * 8
OUT = Planned(shares=(1, 0.8, 0.2, 0.2, 0.2, 0.2, 0.2, 0.9))  # in risk for two bars, out for five, in again


def shares(strategy, over):
    return strategy.target_weights(over).sum(axis=1).tolist()


def with_event(over, date, announced, ended=None):
    return over.replaced(events=dated_events(("tariff", date, announced, ended)))


def test_the_most_invested_row_comes_back_after_the_wait_when_no_event_is_near():
    """Out from the third bar on; the wait of 2 ends at the fifth. 1.0 comes back, the most the base held; then
    the base is in risk by itself with 0.9."""
    got = shares(Reentry(base=OUT, reopens=ReentryRule(wait=2)), priced(BTC=FLAT))
    assert got == pytest.approx([1, 0.8, 0.2, 0.2, 1, 1, 1, 0.9])


def test_an_event_ahead_keeps_the_account_in_cash_until_it_has_passed():
    """Event on Saturday 6 January, known since the 1st. Its glide of 10 is running at once: cash is called for until
    the decision of the 6th, which is filled on the 7th, a day after."""
    over = with_event(priced(BTC=FLAT), "2024-01-06", "2024-01-01")
    assert shares(Reentry(base=OUT, reopens=ReentryRule(wait=1)), over) == pytest.approx(
        [1, 0.8, 0.2, 0.2, 0.2, 1, 1, 0.9]
    )
    assert shares(Reentry(base=OUT, watch=None, reopens=ReentryRule(wait=1)), over) == shares(
        Reentry(base=OUT, reopens=ReentryRule(wait=1)), priced(BTC=FLAT)
    )
    cancelled = with_event(priced(BTC=FLAT), "2024-01-06", "2024-01-01", ended="2024-01-05")
    assert shares(Reentry(base=OUT, reopens=ReentryRule(wait=1)), cancelled) == pytest.approx(
        [1, 0.8, 0.2, 0.2, 1, 1, 1, 0.9]
    )


def test_drawdown_and_trend_are_those_of_the_risk_that_was_left():
    """The curve of the full position: 1, 1.1, 0.88, 0.94, 1.0, 1.05, 1.1, 1.12 times 100 per BTC.

    Drawdown: at most 5% below 110, that is 104.5: the sixth bar (105). Trend over 3 bars: the fourth (94)
    is not above (110 + 88 + 94) / 3 = 97.3, the fifth (100) is above (88 + 94 + 100) / 3 = 94.
    """
    base = Planned(shares=(1, 1, 0, 0, 0, 0, 0, 0))
    over = priced(BTC=[100, 110, 88, 94, 100, 105, 110, 112])
    recovered = Reentry(base=base, reopens=ReentryRule(wait=1, when=("drawdown",), depth=0.05))
    trending = Reentry(base=base, reopens=ReentryRule(wait=1, when=("trend",), trend_window=3))
    assert shares(recovered, over) == [1, 1, 0, 0, 0, 1, 1, 1]
    assert shares(trending, over) == [1, 1, 0, 0, 1, 1, 1, 1]
    both = {"wait": 1, "when": ("drawdown", "trend"), "depth": 0.05, "trend_window": 3}
    assert shares(Reentry(base=base, reopens=ReentryRule(**both)), over) == [1, 1, 0, 0, 0, 1, 1, 1]
    assert shares(Reentry(base=base, reopens=ReentryRule(need="any", **both)), over) == [
        1,
        1,
        0,
        0,
        1,
        1,
        1,
        1,
    ]


def test_volatility_must_be_normal_in_its_own_history():
    """Two-return volatility, from the third bar on: 0.0141, 0.1005, 0.1414, 0.1005, 0.0141 less a little.

    The shares of those so far that were lower: 0, 1/2, 2/3, 1/4, 0. At most 1/5 may be.
    """
    moves = np.array([0, 0.01, -0.01, 0.10, -0.10, 0.01, -0.0099])
    over = priced(BTC=(100 * np.cumprod(1 + moves)).tolist())
    base = Planned(shares=(1, 1, 1, 0, 0, 0, 0))
    strategy = Reentry(
        base=base,
        reopens=ReentryRule(wait=1, when=("volatility",), volatility_window=2, history=10, calm=0.2),
    )
    assert shares(strategy, over) == [1, 1, 1, 0, 0, 0, 1]


def test_risk_is_left_again_only_when_asked_to():
    """Trend over 2 bars: above at the fourth and sixth, not at the fifth and seventh."""
    base = Planned(shares=(1, 1, 0, 0, 0, 0, 0))
    over = priced(BTC=[100, 110, 100, 105, 95, 105, 95])
    rule = {"base": base, "reopens": ReentryRule(wait=1, when=("trend",), trend_window=2)}
    assert shares(Reentry(**rule), over) == [1, 1, 0, 1, 1, 1, 1]
    assert shares(Reentry(leave_again=True, **rule), over) == [1, 1, 0, 1, 0, 1, 0]


def test_a_base_that_has_not_been_in_risk_is_followed():
    over = priced(BTC=FLAT)
    assert shares(
        Reentry(base=Planned(shares=(0.3,) * 8), reopens=ReentryRule(wait=1)), over
    ) == pytest.approx([0.3] * 8)


def test_a_sleeve_is_held_instead_of_cash_while_out_of_risk():
    """BIL stands for Treasury bills and is no risk: the base's 0.5 in it do not count as invested."""
    over = priced(BTC=FLAT, BIL=FLAT)
    base = Planned(shares=(1, 1, 0.4, 0.4, 0.4, 0.4, 0.4, 1))
    rows = Reentry(base=base, reopens=ReentryRule(wait=3), sleeve="BIL", entry=0.3).target_weights(over)
    assert rows["BTC"].tolist() == pytest.approx([0.5, 0.5, 0.2, 0.2, 0.2, 0.5, 0.5, 0.5])
    assert rows["BIL"].tolist() == pytest.approx([0.5, 0.5, 0.8, 0.8, 0.8, 0.5, 0.5, 0.5])
    with pytest.raises(
        ParameterError, match=r"Reentry\.sleeve names 'SHY', which is not in the market; it has BTC, BIL"
    ):
        Reentry(sleeve="SHY").target_weights(over)


def test_a_sleeve_without_a_price_yet_is_cash():
    over = priced(BTC=FLAT, BIL=[np.nan] * 4 + [100.0] * 4)
    base = Planned(shares=(1, 0, 0, 0, 0, 0, 0, 0))
    rows = Reentry(base=base, reopens=ReentryRule(wait=100), sleeve="BIL").target_weights(over)
    assert rows["BIL"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_base_that_never_leaves_is_left_holding():
    over = priced(BTC=FLAT)
    pd.testing.assert_frame_equal(
        Reentry(base=BuyAndHold()).target_weights(over), BuyAndHold().target_weights(over)
    )
    pd.testing.assert_frame_equal(Reentry().target_weights(over), FixedMix().target_weights(over))


def test_the_calendar_strategy_comes_back_before_the_next_rally():
    over = flat_market("2023-05-01", "2024-05-01")
    got = Reentry(base=RallyThenRaiseCash(reserve=1.0), reopens=ReentryRule(wait=20)).target_weights(over)[
        "BTC"
    ]
    # The glide falls to 0.5 with the fill of 26 June (5 of 10 days left), decided on the 25th: out from then on.
    assert got["2023-06-24"] == pytest.approx(0.6)
    assert got["2023-06-25"] == pytest.approx(0.5)
    assert got["2023-07-14"] == 0
    assert got["2023-07-15":].tolist() == [1.0] * 292


def test_it_does_not_look_ahead():
    rng = np.random.default_rng(1)
    over = priced(BTC=(100 * np.exp(np.cumsum(rng.normal(0, 0.02, 400)))).tolist())
    base = Planned(shares=tuple((rng.random(400) < 0.97).cumprod().tolist()))
    strategy = Reentry(
        base=base, reopens=ReentryRule(when=("trend", "volatility", "drawdown"), need="any", wait=5)
    )
    check_lookahead(strategy, over, strategy.target_weights(over), name="Reentry")
