"""`RiskSleeve`: volatilities of own sessions, the three weightings by hand, and on real prices."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.execution.weights import check_weights
from raisecash.lookahead.run_time import check_lookahead
from strategies.risk_sleeve import RiskSleeve
from tests.support.markets import market, real_market

NAN = np.nan
YEAR = 365.25  # days


def six_days():
    """Thursday to Tuesday. BTC +10% -10% +10% -10% +10%; SPY (no weekend) +20% on Friday, -10% Monday, 0 Tuesday."""
    bars = pd.date_range("2024-01-04", periods=6)
    btc = 100 * np.cumprod([1, 1.1, 0.9, 1.1, 0.9, 1.1])
    close = pd.DataFrame({"BTC": btc, "SPY": [100.0, 120, NAN, NAN, 108, 108]}, index=bars)
    return Market(open=close, close=close)


def test_inverse_volatility_by_hand():
    """Two returns each. SPY's are ready on Monday, BTC's on Saturday.

    Variance a year: BTC .02 over 2 days. SPY Monday (.04 + .01) over 4 days, Tuesday .01 over 4
    (Friday to Tuesday). Until Monday SPY's half stays cash.
    """
    weights = RiskSleeve(window=2, every="bar").target_weights(six_days())
    btc = math.sqrt(0.02 * YEAR / 2)
    monday, tuesday = (math.sqrt(total * YEAR / 4) for total in (0.05, 0.01))
    share = [(1 / btc) / (1 / btc + 1 / spy) for spy in (monday, tuesday)]
    assert weights["BTC"].tolist() == pytest.approx([0, 0, 0.5, 0.5, *share])
    assert weights["SPY"].tolist() == pytest.approx([0, 0, 0, 0, 1 - share[0], 1 - share[1]])


def test_volatility_target_by_hand():
    """On Tuesday, b = .5 each, two returns between common sessions (Friday to Monday, Monday to Tuesday).

    BTC over the weekend: .9 x 1.1 x .9 = .891, -.109; then +.1. SPY -.1, 0.
    Correlation around zero: .0109 / sqrt((.109^2 + .01) x .01) = .7369.
    """
    weights = RiskSleeve(
        weighting="volatility_target", window=2, target_volatility=0.5, every="bar"
    ).target_weights(six_days())
    btc, spy = math.sqrt(0.02 * YEAR / 2), math.sqrt(0.01 * YEAR / 4)
    correlation = 0.0109 / math.sqrt((0.109**2 + 0.01) * 0.01)
    assert correlation == pytest.approx(0.7369, abs=1e-4)
    together = math.sqrt((btc / 2) ** 2 + (spy / 2) ** 2 + 2 * correlation * btc / 2 * spy / 2)
    assert together > 0.5
    assert weights.iloc[-1].tolist() == pytest.approx([0.5 * 0.5 / together] * 2)
    alone = RiskSleeve(
        weighting="volatility_target", window=2, target_volatility=0.5, every="bar", weights={"BTC": 1.0}
    ).target_weights(six_days())
    assert alone["BTC"].iloc[2:].tolist() == pytest.approx([0.5 / btc] * 4)


def test_fixed_shares_wait_for_their_price_and_are_never_more_than_given():
    over = six_days()
    later = Market(
        open=over.open.assign(SPY=[NAN, 120, NAN, NAN, 108, 108]),
        close=over.close.assign(SPY=[NAN, 120, NAN, NAN, 108, 108]),
    )
    weights = RiskSleeve(weighting="fixed", weights={"BTC": 0.6, "SPY": 0.3}).target_weights(later)
    assert weights["BTC"].tolist() == [0.6] * 6
    assert weights["SPY"].tolist() == [0.0] + [0.3] * 5


def test_a_target_that_is_out_of_reach_is_not_reached_by_borrowing():
    over = market("2023-01-01", "2024-12-31")
    shares = {"BTC": 0.5, "SPY": 0.4}
    weights = RiskSleeve(weighting="volatility_target", target_volatility=5.0, weights=shares).target_weights(
        over
    )
    assert (weights.iloc[100:] == pd.Series(shares)).all(axis=None)
    inverse = RiskSleeve(weights=shares).target_weights(over)
    assert inverse.iloc[100:].sum(axis=1).tolist() == pytest.approx([0.9] * (len(over.bars) - 100))


def test_closed_bars_are_no_returns_of_zero():
    """SPY's weights are the same whether the clock has weekends or only SPY's sessions."""
    over = market("2023-01-01", "2024-12-31")
    weekday = over.is_open["SPY"]
    office = Market(open=over.open[weekday][["SPY"]], close=over.close[weekday][["SPY"]])
    alone = {
        "weighting": "volatility_target",
        "target_volatility": 0.1,
        "every": "bar",
        "weights": {"SPY": 1.0},
    }
    with_weekends = RiskSleeve(**alone).target_weights(over)["SPY"][weekday]
    assert with_weekends.tolist() == pytest.approx(RiskSleeve(**alone).target_weights(office)["SPY"].tolist())
    assert with_weekends.iloc[-1] == pytest.approx(
        0.1 / (0.02 * math.sqrt(261)), rel=0.25
    )  # walks of 2% a session


def test_an_asset_that_does_not_move_is_not_bought_by_inverse_volatility():
    over = six_days()
    flat = Market(open=over.open.assign(SPY=50.0), close=over.close.assign(SPY=50.0))
    weights = RiskSleeve(window=2, every="bar").target_weights(flat)
    assert weights["SPY"].tolist() == [0.0] * 6
    assert weights["BTC"].iloc[-1] == 0.5


@pytest.mark.parametrize(("every", "starts"), [("week", "W-SUN"), ("month", "M")])
def test_weights_are_set_anew_on_the_first_bar_of_a_period_and_hold_until_the_next(every, starts):
    over = market("2023-01-01", "2023-12-31")
    weights = RiskSleeve(every=every).target_weights(over)
    daily = RiskSleeve(every="bar").target_weights(over)
    period = over.bars.to_period(starts)
    first_bars = over.bars[np.flatnonzero(period[1:] != period[:-1]) + 1]
    settled = first_bars[first_bars > "2023-05-01"]
    assert weights.loc[settled].equals(daily.loc[settled])
    changed = (weights.diff().abs().sum(axis=1) > 0)["2023-05-01":]
    assert set(changed[changed].index) <= set(first_bars)


def test_on_long_histories_by_an_independent_recomputation(price_data):
    """BTC's and SPY's yearly volatility on a month's first day, from the files' own closes."""
    over = real_market(price_data)
    weights = RiskSleeve(weights={"BTC": 0.5, "SPY": 0.5}).target_weights(over)
    files = {"BTC": ("BTC-USD", "Close"), "SPY": ("SPY", "Adj Close")}
    days = ("2018-02-01", "2020-04-01", "2024-02-01", "2025-06-01")  # the last is a Sunday
    for day in (day for day in days if pd.Timestamp(day) > over.bars[100]):
        inverse = {}
        for name, (file, column) in files.items():
            table = pd.read_csv(price_data / "market" / f"{file}.csv", index_col=0, parse_dates=True)
            closes = table[column][:day].iloc[-61:]
            years = (closes.index[-1] - closes.index[0]).days / YEAR
            inverse[name] = math.sqrt(years / closes.pct_change().pow(2).sum())
        share = inverse["BTC"] / sum(inverse.values())
        assert weights.loc[day, "BTC"] == pytest.approx(share, rel=1e-9)
        assert weights.loc[day, ["BTC", "SPY"]].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("weighting", ["fixed", "inverse_volatility", "volatility_target"])
@pytest.mark.parametrize("every", ["bar", "month"])
def test_on_long_histories_it_runs_and_does_not_look_ahead(price_data, weighting, every):
    over = real_market(price_data)
    sleeve = RiskSleeve(weighting=weighting, every=every)
    weights = sleeve.target_weights(over)
    check_weights(weights, over, name=weighting)
    check_lookahead(sleeve, over, weights, name=weighting)
    account = simulate(weights, over, engine="ledger")
    if weighting == "volatility_target":  # aimed at 20% a year; never above its parts' mean by design
        returns = account.equity.iloc[100:].pct_change()
        assert 0.14 < float(returns.std() * math.sqrt(365)) < 0.24
