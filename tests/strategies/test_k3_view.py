"""The whole view: what opens, closes and reopens the rally, and each part switched off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from raisecash import Market
from raisecash.data.events import load_events
from raisecash.errors import ParameterError
from raisecash.lookahead.run_time import check_lookahead
from raisecash.strategy.rules import CalmYield, EventWatch, ReentryRule
from strategies.event_glide import EventGlide
from strategies.k3_view import K3View
from tests.support.markets import dated_events, flat_market

CATALOGUE = load_events(Path(__file__).resolve().parents[2] / "configs" / "events" / "macro.csv")
YIELD = CalmYield(high_window=10, volatility_window=3, min_history=5, history=20)
FIVE_DAYS = EventWatch(glide_days=5)


def year_with(*events: tuple[str, str]) -> Market:
    """Return BTC at 10 over 2024, a yield that falls and rests every forty days, and fiscal dates with announcements."""
    table = dated_events(*(("fiscal", date, announced, None) for date, announced in events))
    over = flat_market("2024-01-01", "2024-12-31", table)
    day = np.arange(len(over.bars)) % 40
    level = np.where(day < 20, 1 + 0.05 * (day % 3), 0.6 + 0.01 * (day % 2))
    return over.replaced(signals=pd.DataFrame({"JGB10Y": level}, index=over.bars))


def exposure(strategy, over):
    return strategy.target_weights(over).sum(axis=1)


YEAR = year_with(("2024-05-31", "2024-01-02"), ("2024-09-30", "2024-01-02"))
STABLE = YIELD.is_on(YEAR)


def test_the_rally_opens_with_the_first_stable_yield_and_then_stays_open():
    opened = STABLE.idxmax()
    got = exposure(K3View(watch=None, reserve=0.7, opens=YIELD), YEAR)
    assert got[:opened].tolist()[:-1] == pytest.approx([0.3] * (YEAR.bars.get_loc(opened)))
    assert (got[opened:] == 1).all()
    assert not STABLE[opened:].all()  # the yield moves again, the rally stays


def test_events_close_it_and_what_was_raised_stays_raised():
    """Cash is complete with the fill of 30 May; without re-entry the next stabilization reopens it."""
    got = exposure(K3View(opens=YIELD, watch=FIVE_DAYS, reopens=None, reserve=0.7), YEAR)
    assert got["2024-05-24"] == pytest.approx(1.0)
    assert got["2024-05-25":"2024-05-29"].tolist() == pytest.approx([0.86, 0.72, 0.58, 0.44, 0.3])
    since = STABLE["2024-05-29":]
    was_off = (~since).cummax()  # not stable at some bar from the close on
    reopened = (since & was_off & (since.index >= "2024-05-31")).idxmax()
    assert got["2024-05-30" : reopened - pd.Timedelta(days=1)].tolist() == pytest.approx(
        [0.3] * (reopened - pd.Timestamp("2024-05-30")).days
    )
    assert got[reopened] == 1


def test_reentry_reopens_it_after_the_wait_where_no_stabilization_came_first():
    """Closed by the decision of 29 May; 10 bars later, on 8 June, no event calls for cash and risk is held again."""
    strategy = K3View(opens=YIELD, watch=FIVE_DAYS, reopens=ReentryRule(wait=10), reserve=0.7)
    got = exposure(strategy, YEAR)
    assert got["2024-06-07"] == pytest.approx(0.3)
    assert got["2024-06-08"] == 1
    assert not (STABLE & (~STABLE["2024-05-29":]).cummax())["2024-05-31":"2024-06-08"].any()


def test_without_stabilization_it_is_open_from_the_first_bar_and_comes_back_with_the_wait():
    got = exposure(K3View(opens=None, watch=FIVE_DAYS, reopens=ReentryRule(wait=10), reserve=0.7), YEAR)
    assert got[:"2024-05-24"].tolist() == [1.0] * 145
    assert got["2024-05-29":"2024-06-07"].tolist() == pytest.approx([0.3] * 10)
    assert got["2024-06-08":"2024-09-23"].tolist() == [1.0] * 108


def test_with_neither_stabilization_nor_reentry_it_is_the_event_glide():
    """What closes it reopens it by passing; the two differ only where a glide that was complete is cut short."""
    got = K3View(opens=None, watch=FIVE_DAYS, reopens=None).target_weights(YEAR)
    pd.testing.assert_frame_equal(got, EventGlide(watch=FIVE_DAYS).target_weights(YEAR))


def test_a_glide_cut_short_by_a_moved_date_closes_nothing():
    over = year_with(("2024-05-31", "2024-01-02"))
    moved = over.replaced(events=over.events.assign(ended_on=pd.Timestamp("2024-05-27")))
    got = exposure(K3View(opens=None, watch=FIVE_DAYS, reopens=ReentryRule(wait=10), reserve=0.7), moved)
    assert got["2024-05-26"] == pytest.approx(0.72)
    assert got["2024-05-27":].tolist() == [1.0] * 219


def test_a_complete_glide_stays_raised_when_the_date_then_moves():
    """On 7 July 2025 the pause is extended; EventGlide is back on the 8th, the view waits."""
    over = flat_market("2025-05-28", "2025-08-15", CATALOGUE)
    watch = EventWatch(categories={"tariff": 1.0}, regions=("US",))
    view = exposure(K3View(opens=None, watch=watch, reopens=ReentryRule(wait=14)), over)
    glide = exposure(EventGlide(watch=watch), over)
    assert glide["2025-07-06":"2025-07-07"].tolist() == pytest.approx([0.2, 1.0])
    # Closed by the decision of 6 July; 14 bars later, on the 20th, no event calls for cash.
    assert view["2025-07-06":"2025-07-19"].tolist() == pytest.approx([0.2] * 14)
    assert view["2025-07-20"] == 1
    assert view["2025-07-21"] == glide["2025-07-21"] == pytest.approx(0.92)


def test_the_signal_is_needed_only_with_stabilization():
    over = YEAR.replaced(signals=pd.DataFrame(index=YEAR.bars))
    assert (exposure(K3View(opens=None, watch=None), over) == 1).all()
    with pytest.raises(ParameterError, match=r"K3View\.opens needs the signal 'JGB10Y'"):
        K3View().target_weights(over)


@pytest.mark.parametrize("off", [{}, {"opens": None}, {"watch": None}, {"reopens": None}])
def test_no_form_of_it_looks_ahead(off):
    strategy = K3View(**{"opens": YIELD, "watch": FIVE_DAYS, **off})
    check_lookahead(strategy, YEAR, strategy.target_weights(YEAR), name="K3View")
