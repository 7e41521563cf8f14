"""`Goldilocks`: the three parts of the score by hand, and on real files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.errors import ParameterError
from raisecash.lookahead.run_time import check_lookahead
from strategies.goldilocks import FallingYields, Goldilocks, QuietVolatility, RisingTrend
from tests.support.markets import market, quiet_market, real_market

SMALL = {
    "bonds": FallingYields(window=2),
    "volatility": QuietVolatility(history=3, min_history=2),
    "trend": RisingTrend(window=2),
    "reserve": 0.6,
}
THU_TO_TUE = {
    "JGB10Y": [0.1, 0.1, -0.1, 0.0],  # lower than two readings ago: Monday, Tuesday
    "UST10Y": [4.0, 4.1, 4.0, 4.2],  # never (Monday equal)
    "VIX": [20.0, 25.0, 22.0, 15.0],  # lower in the window: Fri 1 of 2, Mon 1 of 3, Tue 0 of 3
}


def test_the_score_by_hand():
    """Thursday 4 to Tuesday 9 January 2024. BTC, open daily: 10 11 10 12 12 13; SPY, weekdays: 5 4 - - 5 5.

    Above the mean of its own last two closes: BTC Fri, Sun, Tue; SPY Mon (5 above 4.5, Friday being the
    session before), not Tue (5 and 5). Calm at most half: Fri (1/2), weekend, Mon (1/3), Tue (0).
    Bonds: half on Monday and Tuesday.
    """
    bars = pd.date_range("2024-01-04", periods=6)
    nan = np.nan
    close = pd.DataFrame({"BTC": [10.0, 11, 10, 12, 12, 13], "SPY": [5.0, 4, nan, nan, 5, 5]}, index=bars)
    signals = quiet_market(THU_TO_TUE, start="2024-01-04", days=6).signals
    over = Market(open=close, close=close, signals=signals)
    rule = Goldilocks(**SMALL)
    expected = [
        0,
        (0 + 1 + 1 / 2) / 3,
        (0 + 1 + 0) / 3,
        (0 + 1 + 1 / 2) / 3,
        (1 / 2 + 1 + 1 / 2) / 3,
        (1 / 2 + 1 + 1 / 2) / 3,
    ]
    assert rule.score(over).tolist() == pytest.approx(expected)
    weights = rule.target_weights(over)
    assert weights["SPY"].tolist() == pytest.approx([0.5 * (1 - 0.6 * (1 - part)) for part in expected])
    only_spy = Goldilocks(**{**SMALL, "trend": RisingTrend(window=2, assets=("SPY",))})
    assert only_spy.score(over).tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 2.5 / 3, 1.5 / 3])


def test_sentiment_stands_in_for_the_trend_of_prices():
    """Above the mean of its last two readings when it rose: Friday and Tuesday."""
    mood = {"MOOD": [50.0, 60.0, 40.0, 45.0]}
    over = quiet_market(THU_TO_TUE | mood, start="2024-01-04", days=6)
    mood_alone = Goldilocks(bonds=None, volatility=None, trend=RisingTrend(window=2, sentiment="MOOD"))
    assert mood_alone.score(over).tolist() == [0, 1, 1, 1, 0, 1]
    assert Goldilocks(**SMALL).score(over).max() == pytest.approx(0.5)  # the trend of flat prices is 0


def test_the_score_is_the_mean_of_the_parts_that_are_on():
    """Bonds alone: half on Monday and Tuesday. With volatility: 1 from Friday on, and the mean of the two."""
    over = quiet_market(THU_TO_TUE, start="2024-01-04", days=6)
    bonds = Goldilocks(**{**SMALL, "volatility": None, "trend": None})
    assert bonds.score(over).tolist() == [0, 0, 0, 0, 0.5, 0.5]
    two = Goldilocks(**{**SMALL, "trend": None})
    assert two.score(over).tolist() == [0, 0.5, 0.5, 0.5, 0.75, 0.75]
    with pytest.raises(ParameterError, match="must have one of bonds, volatility and trend"):
        Goldilocks(bonds=None, volatility=None, trend=None)


def test_the_score_stays_between_0_and_1_and_is_0_while_nothing_can_be_told():
    over = market("2022-01-01", "2024-12-31", signals=("JGB10Y", "UST10Y", "VIX"))
    score = Goldilocks().score(over)
    assert score.between(0, 1).all()
    assert score.max() > 0.9
    assert (score.iloc[:20] == 0).all()


def test_what_it_misses_is_named():
    over = market("2024-01-01", "2024-01-31", signals=("JGB10Y", "UST10Y"))
    with pytest.raises(
        ParameterError, match=r"Goldilocks\.volatility needs the signal 'VIX', .* it has JGB10Y, UST10Y;"
    ):
        Goldilocks().target_weights(over)
    whole = market("2024-01-01", "2024-01-31", signals=("JGB10Y", "UST10Y", "VIX"))
    with pytest.raises(ParameterError, match=r"Goldilocks\.trend\.assets names 'QQQ', .* it has BTC, SPY"):
        Goldilocks(trend=RisingTrend(assets=("QQQ",))).target_weights(whole)
    with pytest.raises(ParameterError, match="needs the signal 'MOOD'"):
        Goldilocks(trend=RisingTrend(sentiment="MOOD")).target_weights(whole)


def test_on_real_files_each_part_agrees_with_the_files(real_data):
    """The trend and the VIX's rank, recomputed by pandas from the files on some Fridays."""
    over = real_market(real_data)
    rule = Goldilocks(trend=RisingTrend(assets=("SPY",)), bonds=FallingYields(signals=("UST10Y",)))
    score = rule.score(over)
    files = {
        name: pd.read_csv(real_data / "market" / f"{name}.csv", index_col=0, parse_dates=True)
        for name in ("SPY", "VIX", "DGS10")
    }
    spy = files["SPY"]["Adj Close"]["2016":]
    vix = files["VIX"]["Close"].reindex(pd.bdate_range("2015-12-01", over.bars[-1])).ffill()["2016":]
    ust = files["DGS10"]["Close"].reindex(pd.bdate_range("2015-12-01", over.bars[-1])).ffill().shift(1)
    for day in over.bars[(over.bars.day_of_week == 4) & (over.bars.year >= 2017)][::9]:
        if day not in spy.index:
            continue
        trend = spy[:day].iloc[-1] > spy[:day].iloc[-100:].mean()
        calm = (vix[:day].iloc[-250:] < vix[day] - 1e-9).mean() <= 0.5
        bonds = ust[:day].iloc[-1] < ust[:day].iloc[-21] - 1e-9
        assert score[day] == pytest.approx(sum(map(float, (trend, calm, bonds))) / 3), day


def test_on_real_files_it_runs_and_does_not_look_ahead(real_data):
    over = real_market(real_data)
    weights = Goldilocks().target_weights(over)
    check_lookahead(Goldilocks(), over, weights, name="goldilocks")
    assert np.isfinite(simulate(weights, over, engine="ledger").equity).all()
    score = Goldilocks().score(over)
    assert score["2017"].mean() > score["2022"].mean() + 0.3  # the calm year and the year of rate rises
