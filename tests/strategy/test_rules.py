"""The parts that strategies share, each by hand on a few bars."""

from __future__ import annotations

import numpy as np
import pytest

from raisecash.errors import ParameterError
from raisecash.strategy.rules import CalmYield, EventWatch, Raised, ReentryRule
from tests.support.markets import dated_events, flat_market, quiet_market


def test_an_event_calls_for_cash_in_equal_steps_until_it_has_passed():
    """Tariff on Monday 10 June 2024, 4 days of glide, complete with the fill of the 8th, two days before.

    Decided on day d, filled on d + 1: on the 4th 1 - (5 - 2) / 4 of it, on the 7th all; back with the fill of
    the 12th, the second day after, decided on the 11th. A category of weight 0.5 calls for half.
    """
    over = flat_market("2024-06-01", "2024-06-14", dated_events(("tariff", "2024-06-10", "2024-05-01", None)))
    watch = EventWatch(glide_days=4, ready_days=2, back_after=2)
    by_day = [0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 0, 0, 0, 0]
    raised = watch.raised(over)
    assert raised.share.tolist() == by_day
    assert raised.is_full.tolist() == [share == 1 for share in by_day]
    half = watch.model_copy(update={"categories": {"tariff": 0.5}}).raised(over)
    assert half.share.tolist() == [share / 2 for share in by_day]
    assert half.is_full.tolist() == raised.is_full.tolist()


def test_what_nobody_watches_calls_for_nothing():
    over = flat_market("2024-06-01", "2024-06-14", dated_events(("fomc", "2024-06-10", "2024-05-01", None)))
    for raised in (EventWatch().raised(over), Raised.nothing(over)):
        assert raised.share.tolist() == [0.0] * 14
        assert not raised.is_full.any()


def test_a_yield_is_calm_when_it_has_fallen_far_enough_and_moves_less_than_it_mostly_did():
    """Monday 1 to Monday 8 January 2024: 1.00 .90 .80 .79 .78 and .60; changes -.10 -.10 -.01 -.01 -.18.

    The last two squared changes, rooted, are the yardstick of the fall from the highest of three, and the volatility:
    Wed .141, Thu .1005, Fri .0141, Mon .1803. Two of them are there from Thursday on.
    Fall: Thu .11 (1.09 of it), Fri .02 (1.41), Mon .19 (1.05). Calmer before: none of 2, none of 3, 3 of 4.
    """
    over = quiet_market({"JGB10Y": [1.00, 0.90, 0.80, 0.79, 0.78, 0.60]}, start="2024-01-01", days=8)
    rule = CalmYield(high_window=3, fall=1.0, volatility_window=2, history=4, min_history=2, calm=0.5)
    on = rule.is_on(over)
    assert on.index[on].day.tolist() == [4, 5, 6, 7]
    far = rule.model_copy(update={"fall": 1.2}).is_on(over)
    assert far.index[far].day.tolist() == [5, 6, 7]
    nervous = rule.model_copy(update={"calm": 0.75}).is_on(over)
    assert nervous.index[nervous].day.tolist() == [4, 5, 6, 7, 8]


def test_a_signal_that_is_not_there_is_asked_for_in_the_name_of_who_needs_it():
    over = quiet_market({"UST10Y": [4.0] * 5}, start="2024-01-01", days=5)
    with pytest.raises(ParameterError, match=r"^MyRule\.yields needs the signal 'JGB10Y', .* it has UST10Y;"):
        CalmYield().is_on(over, owner="MyRule.yields")


CURVE = np.array([100.0, 110, 88, 94, 100, 105, 110, 112])
CALLED_FOR = np.array([0.0, 0, 0, 0, 0.3, 1, 0, 0])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"when": ("events",)}, [1, 1, 1, 1, 0, 0, 1, 1]),
        # at most 5% below 110 is 104.5 and above
        ({"when": ("drawdown",), "depth": 0.05}, [1, 1, 0, 0, 0, 1, 1, 1]),
        # above the mean of the last three: 99.3, 97.3, 94, 99.7, 105, 109
        ({"when": ("trend",), "trend_window": 3}, [0, 0, 0, 0, 1, 1, 1, 1]),
        ({"when": ("events", "drawdown"), "depth": 0.05}, [1, 1, 0, 0, 0, 0, 1, 1]),
        ({"when": ("drawdown", "trend"), "trend_window": 3, "need": "any"}, [1, 1, 0, 0, 1, 1, 1, 1]),
    ],
)
def test_risk_may_return_when_the_conditions_named_hold(rule, expected):
    made = ReentryRule(**rule)
    assert made.may_return(CALLED_FOR, CURVE).astype(int).tolist() == expected
    assert made.judges_curve == (rule["when"] != ("events",))
