"""Cash ahead of dated events: worked out by hand, on the shipped catalogue and on small ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.data.events import events_known_on, load_events
from raisecash.errors import ParameterError
from raisecash.lookahead.run_time import check_lookahead
from raisecash.strategy.rules import EventWatch
from strategies.buy_and_hold import BuyAndHold
from strategies.event_glide import EventGlide
from strategies.fixed_mix import FixedMix
from tests.support.markets import dated_events, flat_market, market

CATALOGUE = load_events(Path(__file__).resolve().parents[2] / "configs" / "events" / "macro.csv")


def glide(*, reserve: float = 0.8, **watch: Any) -> EventGlide:
    """Return the strategy that watches in this way."""
    return EventGlide(watch=EventWatch(**watch), reserve=reserve)


TARIFFS = glide(categories={"tariff": 1.0}, regions=("US",), glide_days=10, reserve=0.8)


def exposure(strategy: EventGlide, over: Market) -> pd.Series:
    """Return the invested share by the day that fills the decision (the day after, on a seven-day clock)."""
    decided = strategy.target_weights(over).sum(axis=1)
    return decided.set_axis(over.next_sessions)


def test_with_the_catalogue_as_known_on_28_may_2025_cash_is_held_before_9_july():
    """US tariff dates then known ahead: 8 July (the note's own) and 9 July, the end of the pause.

    glide_days 10, ready_days 1, reserve 0.8, weight 1. On fill day f with k days to 8 July the share sold is
    1 - (k - 1) / 10: 27 June (k 11) 0, 28 June 0.1, ..., 7 July (k 1) 1, so that the account is 80% cash
    on the eve and on both days. On 10 July, a day after the later one, it is invested again.
    """
    known = events_known_on(CATALOGUE, pd.Timestamp("2025-05-28"))
    got = exposure(TARIFFS, flat_market("2025-05-28", "2025-07-25", known))
    assert got["2025-05-29":"2025-06-27"].tolist() == pytest.approx([1.0] * 30)
    glide = [0.92, 0.84, 0.76, 0.68, 0.6, 0.52, 0.44, 0.36, 0.28, 0.2]
    assert got["2025-06-28":"2025-07-07"].tolist() == pytest.approx(glide)
    assert got["2025-07-08":"2025-07-09"].tolist() == pytest.approx([0.2, 0.2])
    assert got["2025-07-10":].tolist() == pytest.approx([1.0] * 17)


def test_on_7_july_the_date_moves_to_1_august_and_the_cash_goes_back_to_work():
    """The same strategy on everything announced since.

    - 3 June: steel duties of the next day are announced; caught up with in one step for 4 June alone.
    - 7 July: the pause is extended to 1 August. The decision at that close knows it, so that 8 July is
      filled at full risk: 24 days to 1 August, and the glide of ten begins on 22 July.
    - 30 July: copper duties of 1 August are announced. 31 July: the pause moves to 7 August, copper does not: cash
      on 1 August. 2 August, 5 days before the 7th: 1 - 4 / 10 of 0.8 is sold; 6 and 7 August in cash, 8 August not.
    """
    got = exposure(TARIFFS, flat_market("2025-05-28", "2025-08-15", CATALOGUE))
    assert got["2025-06-03":"2025-06-05"].tolist() == pytest.approx([1.0, 0.2, 1.0])
    assert got["2025-07-06"] == pytest.approx(0.28)
    assert got["2025-07-07"] == pytest.approx(0.2)
    assert got["2025-07-08":"2025-07-21"].tolist() == pytest.approx([1.0] * 14)
    assert got["2025-07-22"] == pytest.approx(0.92)
    assert got["2025-07-31":"2025-08-01"].tolist() == pytest.approx([0.2, 0.2])
    assert got["2025-08-02":"2025-08-08"].tolist() == pytest.approx([0.52, 0.44, 0.36, 0.28, 0.2, 0.2, 1.0])


def test_the_account_holds_the_cash_on_the_days_themselves():
    over = flat_market("2025-05-28", "2025-08-15", CATALOGUE)
    held = simulate(TARIFFS.target_weights(over), over, engine="ledger").weights["BTC"]
    assert held["2025-07-07"] == pytest.approx(0.2)
    assert held["2025-07-08"] == pytest.approx(1.0)
    assert held["2025-08-01"] == pytest.approx(0.2)


def test_every_decision_is_the_one_made_from_what_was_known_that_day():
    """Deciding bar by bar on the past alone gives the same weights as deciding all bars at once."""
    over = flat_market("2025-05-28", "2025-08-15", CATALOGUE)
    whole = EventGlide().target_weights(over)
    for bar in over.bars:
        assert EventGlide().target_weights(over.until(bar)).loc[bar].tolist() == whole.loc[bar].tolist()


def test_no_strategy_over_the_catalogue_looks_ahead():
    years = market("2018-01-01", "2025-12-31", assets=("BTC", "SPY"))
    over = years.replaced(events=CATALOGUE)
    for strategy in (
        EventGlide(),
        glide(back_after=5, ready_days=0),
        glide(announcement_lag=2),
    ):
        weights = strategy.target_weights(over)
        assert weights.sum(axis=1).min() == pytest.approx(0.2)
        check_lookahead(strategy, over, weights, name="EventGlide")


def test_an_announcement_dated_d_is_used_at_the_close_of_d_and_later_with_a_lag():
    events = dated_events(("tariff", "2024-06-10", "2024-06-07", None))
    over = flat_market("2024-06-03", "2024-06-14", events)
    assert exposure(glide(glide_days=1), over)["2024-06-08":"2024-06-11"].tolist() == pytest.approx(
        [1.0, 0.2, 0.2, 1.0]
    )
    late = glide(glide_days=1, announcement_lag=2)  # seen at the close of the 9th, traded on the 10th
    assert exposure(late, over)["2024-06-08":"2024-06-11"].tolist() == pytest.approx([1.0, 1.0, 0.2, 1.0])
    too_late = glide(glide_days=1, announcement_lag=3)
    assert exposure(too_late, over).tolist() == [1.0] * 12


def test_on_intraday_bars_an_announcement_is_used_from_the_next_day_on():
    """A date says no time of day; the first bar of the 8th is the first surely after it."""
    events = dated_events(("tariff", "2024-06-10", "2024-06-07", None))
    over = flat_market("2024-06-06", "2024-06-12 18:00", events, freq="6h")
    decided = glide(glide_days=3, ready_days=0, reserve=1.0).target_weights(over)["BTC"]
    assert decided["2024-06-07"].tolist() == [1.0] * 4
    assert decided["2024-06-08"].tolist() == pytest.approx([2 / 3] * 4)
    assert decided["2024-06-10"].tolist() == [0.0] * 4
    assert decided["2024-06-11"].tolist() == [1.0] * 4


def test_weekdays_are_counted_on_exchange_sessions():
    """Event on Wednesday 10 July 2024, 3 sessions of glide, ready a session before, back on the second after.

    Fill on Thursday 4 July: 4 sessions ahead, 0 sold. Friday 5: 1/3. Monday 8: 2/3. Tuesday 9: all.
    Thursday 11 is the first session after, Friday 12 the second.
    """
    spy = market("2024-07-01", "2024-07-19", assets=("SPY",))
    over = spy.replaced(events=dated_events(("fiscal", "2024-07-10", "2024-01-02", None)))
    got = exposure(glide(glide_days=3, back_after=2, reserve=0.9), over)
    assert got["2024-07-04":"2024-07-12"].tolist() == pytest.approx([1.0, 0.7, 0.4, 0.1, 0.1, 0.1, 1.0])


def test_an_event_at_a_weekend_is_met_in_cash_from_friday_and_left_on_monday():
    spy = market("2024-07-01", "2024-07-19", assets=("SPY",))
    over = spy.replaced(events=dated_events(("fiscal", "2024-07-13", "2024-01-02", None)))
    got = exposure(glide(glide_days=1, reserve=1.0), over)
    assert got["2024-07-11":"2024-07-15"].tolist() == [1.0, 0.0, 1.0]


def test_the_event_that_calls_for_most_counts_and_not_their_sum():
    twice = ("tariff", "2024-06-10", "2024-01-02", None)
    events = dated_events(twice, twice, ("fiscal", "2024-06-10", "2024-01-02", None))
    strategy = glide(categories={"tariff": 0.5, "fiscal": 0.25}, glide_days=1, reserve=0.8)
    assert exposure(strategy, flat_market("2024-06-03", "2024-06-14", events)).min() == pytest.approx(0.6)


def test_a_cancelled_date_frees_the_cash_the_next_day():
    events = dated_events(("debt_ceiling", "2024-06-10", "2024-01-02", "2024-06-08"))
    got = exposure(
        glide(glide_days=3, reserve=0.9),
        flat_market("2024-06-03", "2024-06-14", events),
    )
    assert got["2024-06-07":"2024-06-10"].tolist() == pytest.approx([0.7, 0.4, 1.0, 1.0])


def test_surprises_other_regions_and_other_categories_are_not_seen():
    events = dated_events(
        ("tariff", "2024-06-10", "2024-01-02", None), ("fomc", "2024-06-12", "2024-01-02", None)
    )
    assert (exposure(glide(regions=("JP",)), flat_market("2024-06-03", "2024-06-14", events)) == 1).all()
    assert (exposure(EventGlide(), flat_market("2024-06-11", "2024-06-14", events)) == 1).all()
    surprise = events.assign(scheduled=False)
    assert (exposure(EventGlide(), flat_market("2024-06-03", "2024-06-14", surprise)) == 1).all()
    same_day = dated_events(("tariff", "2024-06-10", "2024-06-10", None))
    assert (exposure(glide(back_after=3), flat_market("2024-06-03", "2024-06-14", same_day)) == 1).all()


def test_titles_and_outcomes_cannot_matter_because_they_are_not_there():
    over = flat_market("2025-05-28", "2025-08-15", CATALOGUE)
    assert not {"title", "status", "note", "superseded_by"} & set(over.events.columns)


def test_a_base_that_never_trades_again_is_left_alone_between_events():
    events = dated_events(("tariff", "2024-06-10", "2024-01-02", None))
    over = flat_market("2024-06-03", "2024-06-20", events)
    decided = (
        EventGlide(base=BuyAndHold(), watch=EventWatch(glide_days=2), reserve=0.5)
        .target_weights(over)["BTC"]
        .dropna()
    )
    assert decided.index.day.tolist() == [3, 7, 8, 10]
    assert decided.tolist() == pytest.approx([1.0, 0.75, 0.5, 1.0])


def test_the_base_is_scaled_whatever_it_is():
    over = market("2025-05-28", "2025-08-15").replaced(events=CATALOGUE)
    base = FixedMix(weights={"BTC": 0.3, "SPY": 0.5})
    share = TARIFFS.watch.raised(over).share
    expected = base.target_weights(over).mul(1 - 0.8 * share, axis=0)
    got = EventGlide(base=base, watch=EventWatch(categories={"tariff": 1.0}, regions=("US",))).target_weights(
        over
    )
    assert np.allclose(got, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"categories": {}}, "EventGlide.watch.categories must watch something"),
        ({"categories": {"tariff": 1.5}}, "EventGlide.watch.categories must be between 0 and 1 for tariff"),
        ({"glide_days": 0}, "EventGlide.watch.glide_days must be greater than or equal to 1, got 0"),
        ({"back_after": 0}, "EventGlide.watch.back_after must be greater than or equal to 1, got 0"),
        ({"regions": ()}, "EventGlide.watch.regions"),
    ],
)
def test_parameters_have_bounds(parameters, said):
    with pytest.raises(ParameterError) as caught:
        EventGlide(watch=parameters)
    assert str(caught.value).startswith(said)
