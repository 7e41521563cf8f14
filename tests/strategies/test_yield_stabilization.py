"""`YieldStabilization` and the readings it stands on: weekends, zero and negative yields, real JGBs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.errors import ParameterError
from raisecash.lookahead.run_time import check_lookahead
from raisecash.strategy.rules import CalmYield, read_signals, trailing_rank
from strategies.buy_and_hold import BuyAndHold
from strategies.fixed_mix import FixedMix
from strategies.yield_stabilization import YieldStabilization
from tests.support.markets import market, quiet_market, real_market

SMALL = CalmYield(high_window=3, fall=1.0, volatility_window=2, history=4, min_history=2)


def test_seven_readings_by_hand():
    """Monday 1 to Tuesday 9 January 2024; changes +.20 -.10 -.10 -.05 -.10 +.15.

    The last two squared changes, rooted, are both the yardstick of the fall (from the highest of three)
    and the volatility: Wed .224, Thu .141, Fri .112, Mon .112, Tue .180.
    Fall: Wed .10 (too little), Thu .20, Fri .15, Mon .15 (to -.05, from .10), Tue none.
    Calmer before: Thu 0 of 2, Fri 0 of 3, Mon 0 of 4 (Friday's is equal), Tue 3 of 4.
    """
    over = quiet_market({"JGB10Y": [0.10, 0.30, 0.20, 0.10, 0.05, -0.05, 0.10]}, start="2024-01-01", days=9)
    weights = YieldStabilization(opens=SMALL).target_weights(over)["BTC"]
    on, off = 1.0, pytest.approx(0.2)
    assert weights.tolist() == [off, off, off, on, on, on, on, on, off]


def test_a_crash_of_the_yield_is_a_fall_and_not_calm():
    """0.30 .29 .28 .27, then .07: the fall of .21 is above its yardstick .2002, but 2 of 3 were calmer."""
    over = quiet_market({"JGB10Y": [0.30, 0.29, 0.28, 0.27, 0.07]}, start="2024-01-01", days=5)
    off = pytest.approx(0.2)
    assert YieldStabilization(opens=SMALL).target_weights(over)["BTC"].tolist() == [off, off, off, 1.0, off]
    nervous = SMALL.model_copy(update={"calm": 1.0})
    assert nervous.is_on(over).tolist() == [False, False, False, True, True]


def test_without_enough_readings_or_movement_risk_is_off():
    still = quiet_market({"JGB10Y": [0.25] * 60}, start="2024-01-01", days=84)
    assert not SMALL.is_on(still).any()
    assert not SMALL.model_copy(update={"fall": 0.0}).is_on(still).any()
    assert not CalmYield().is_on(market("2024-01-01", "2024-03-01", signals=("JGB10Y",))).any()


@pytest.mark.parametrize("shift", [-5.0, 3.0])
@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_decisions_do_not_depend_on_the_level_of_yields_nor_on_their_unit(shift, unit):
    over = market("2021-01-01", "2024-12-31", signals=("JGB10Y",))
    moved = over.replaced(signals=over.signals * unit + shift)
    rule = CalmYield(high_window=40)
    assert rule.is_on(over).any()
    pd.testing.assert_series_equal(rule.is_on(moved), rule.is_on(over))


def test_weekends_and_hours_on_the_clock_change_nothing():
    every_day = market("2021-01-01", "2023-12-31", signals=("JGB10Y",))
    is_weekday = every_day.bars.day_of_week < 5
    weekdays = Market(
        open=every_day.open[is_weekday],
        close=every_day.close[is_weekday],
        signals=every_day.signals[is_weekday],
    )
    hours = pd.date_range(every_day.bars[0], every_day.bars[-1] + pd.Timedelta(hours=18), freq="6h")
    flat = pd.DataFrame({"BTC": 10.0}, index=hours)
    hourly = Market(
        open=flat, close=flat, signals=every_day.signals.reindex(hours, method="ffill"), periods_per_year=365
    )
    daily = CalmYield().is_on(every_day)
    assert daily.any()
    assert CalmYield().is_on(weekdays).equals(daily[is_weekday])
    assert CalmYield().is_on(hourly).equals(daily.reindex(hours, method="ffill"))


def test_a_series_that_publishes_at_weekends_is_read_at_weekends():
    bars = pd.date_range("2024-01-05", periods=5)  # Friday to Tuesday
    flat = pd.DataFrame({"BTC": 10.0}, index=bars)
    mood = pd.DataFrame({"MOOD": [np.nan, 40.0, 41.0, 41.0, 39.0]}, index=bars)
    readings = read_signals(Market(open=flat, close=flat, signals=mood), "MOOD", owner="x")
    assert readings.quoted[:, 0].tolist() == [40.0, 41.0, 41.0, 39.0]
    assert readings.newest.tolist() == [-1, 0, 1, 2, 3]


def test_rank_counts_what_was_lower_in_the_window_and_ties_as_not_lower():
    values = np.array([np.nan, 3.0, 1.0, 2.0, 2.0 + 1e-15, 5.0])
    got = trailing_rank(values, window=3, at_least=2)
    assert got == pytest.approx([math.nan, math.nan, 0, 1 / 3, 1 / 3, 2 / 3], nan_ok=True)


def test_a_base_that_never_trades_again_is_sold_and_bought_back_and_otherwise_left_alone():
    over = quiet_market({"JGB10Y": [0.10, 0.30, 0.20, 0.10, 0.05, -0.05, 0.10]}, start="2024-01-01", days=9)
    weights = YieldStabilization(base=BuyAndHold(), opens=SMALL).target_weights(over)["BTC"]
    assert weights.dropna().to_dict() == {
        pd.Timestamp("2024-01-01"): pytest.approx(0.2),
        pd.Timestamp("2024-01-04"): 1.0,
        pd.Timestamp("2024-01-09"): pytest.approx(0.2),
    }


def test_a_missing_signal_is_named_with_those_there_are():
    over = market("2024-01-01", "2024-01-31", signals=("UST10Y", "VIX"))
    with pytest.raises(
        ParameterError,
        match=r"YieldStabilization\.opens needs the signal 'JGB10Y', which the market does not have; it has UST10Y, VIX; ",
    ):
        YieldStabilization().target_weights(over)


def test_it_decides_as_a_plain_loop_over_the_file_does(price_data):
    """The oracle reads the file itself: on each day the values published by the business day before."""
    over = real_market(price_data)
    rule = CalmYield()
    on = rule.is_on(over)
    file = pd.read_csv(price_data / "market" / "JGB10Y.csv", index_col=0, parse_dates=True)["Close"]
    weekdays = pd.bdate_range(over.bars[0], over.bars[-1])
    seen = [float(file[: day - pd.offsets.BDay(1)].iloc[-1]) for day in weekdays]
    volatilities = [
        math.sqrt(sum((seen[i - k] - seen[i - k - 1]) ** 2 for k in range(20))) if i >= 20 else math.nan
        for i in range(len(seen))
    ]
    for i in range(100, len(weekdays), 7):
        high = max(seen[i - 59 : i + 1])
        typical = math.sqrt(sum((seen[j] - seen[j - 1]) ** 2 for j in range(i - 58, i + 1)))
        past = volatilities[max(20, i - 249) : i + 1]
        calmer = sum(each < volatilities[i] - 1e-9 for each in past) / len(past)
        expected = high - seen[i] > 1e-9 and high - seen[i] >= 0.5 * typical and calmer <= 0.5
        assert bool(on[weekdays[i]]) == expected, weekdays[i]


def test_on_real_yields_it_works_at_zero_and_above_and_does_not_look_ahead(real_data):
    over = real_market(real_data)
    rule = YieldStabilization(base=FixedMix(weights={"BTC": 0.5, "SPY": 0.5}))
    on = rule.is_on(over)
    assert over.signals["JGB10Y"]["2016-04":"2016-10"].max() < 0
    assert on["2016-04":"2016-12"].any()  # below zero
    assert on["2023":"2024"].any()  # around 1%
    assert not on["2025-05-28":"2025-07-31"].any()  # the note's own summer: not yet by this yield
    weights = rule.target_weights(over)
    check_lookahead(rule, over, weights, name="stabilization")
    assert np.isfinite(simulate(weights, over, engine="ledger").equity).all()
