"""Event studies: abnormal returns by hand, their laws, and the SLR and stablecoin dates."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash.data.events import load_events
from raisecash.errors import DataError
from raisecash.evidence.event_study import event_days, event_study

DAYS = pd.bdate_range("2024-01-01", periods=30)


def test_two_events_with_constant_mean_by_hand():
    """Ten estimation returns of +1% and -1% in turn: mean 0, variance 10 x .0001 / 9 each time.

    Event A returns 2% 4% 0 around its day, event B 0 2% 1%: averages 1% 3% .5%, running sums 1% 4% 4.5%.
    Error of the sum after k sessions: sqrt(k x 2 x .001 / 9) / 2.
    """
    calm = [0.01, -0.01] * 5
    returns = pd.Series([*calm, 0.02, 0.04, 0.0, *calm, 0.0, 0.02, 0.01, 0.5], index=DAYS[:27])
    found = event_study(
        returns, pd.DatetimeIndex([DAYS[11], DAYS[24]]), window=(-1, 1), estimation=10, placebo_draws=9
    )
    assert found.path.index.tolist() == [-1, 0, 1]
    assert found.path["average"].tolist() == pytest.approx([0.01, 0.03, 0.005])
    assert found.path["cumulative"].tolist() == pytest.approx([0.01, 0.04, 0.045])
    errors = [math.sqrt(k * 2 * 0.001 / 9) / 2 for k in (1, 2, 3)]
    assert found.path["standard_error"].tolist() == pytest.approx(errors)
    assert found.t == pytest.approx(0.045 / errors[-1])
    assert found.events["abnormal"].tolist() == pytest.approx([0.06, 0.03])
    assert found.events["volatility"].tolist() == pytest.approx([math.sqrt(0.001 / 9)] * 2)
    assert found.t_cross_section == pytest.approx(0.045 / (math.sqrt(0.00045) / math.sqrt(2)))
    assert found.overlapping == 0
    assert found.left_out.empty


def test_the_market_model_takes_alpha_and_beta_off():
    """Own returns are .001 + 2 x the market's but on the event's day, when they are 3% more."""
    rng = np.random.default_rng(0)
    market = pd.Series(rng.normal(0, 0.01, 30), index=DAYS)
    own = 0.001 + 2 * market
    own.iloc[20] += 0.03
    found = event_study(
        own, DAYS[[20]], market_returns=market, window=(-2, 2), estimation=15, placebo_draws=9
    )
    assert found.path["average"].tolist() == pytest.approx([0, 0, 0.03, 0, 0], abs=1e-12)
    assert found.events["volatility"].iloc[0] == pytest.approx(0, abs=1e-12)


def test_a_day_without_a_session_is_the_next_and_what_cannot_be_used_says_why():
    returns = pd.Series(np.linspace(-0.01, 0.01, 30), index=DAYS)
    days = pd.DatetimeIndex(["2024-01-03", "2024-01-20", "2024-01-22", "2024-02-09", "2025-01-01"])
    found = event_study(returns, days, window=(0, 1), estimation=10, placebo_draws=9)
    assert found.events["day"].tolist() == [pd.Timestamp("2024-01-20")]
    assert found.events["session"].tolist() == [pd.Timestamp("2024-01-22")]
    assert dict(
        zip(found.left_out["day"].dt.strftime("%m-%d").tolist(), found.left_out["reason"], strict=True)
    ) == {
        "01-03": "too few returns before it for the estimation window",
        "01-22": "an earlier event falls on the same session",
        "02-09": "the returns end before its window does",
        "01-01": "the returns end before its window does",
    }


def test_no_usable_event_is_nan_and_no_windows_are_refused():
    returns = pd.Series(0.01, index=DAYS)
    for days in (pd.DatetimeIndex([]), DAYS[:1]):
        found = event_study(returns, days, window=(0, 1), estimation=10)
        assert found.events.empty
        assert math.isnan(found.t)
        assert math.isnan(found.placebo_p)
        assert found.path["average"].isna().all()
    with pytest.raises(DataError, match=r"window must not end before it begins.* got \(1, 0\), 120 and 9999"):
        event_study(returns, DAYS, window=(1, 0))
    with pytest.raises(DataError, match="returns must be indexed by ascending and unique dates"):
        event_study(returns[::-1], DAYS)


def test_overlapping_windows_are_counted():
    returns = pd.Series(np.tile([0.01, -0.01], 15), index=DAYS)
    days = DAYS[[12, 14, 20]]  # windows 11-13, 13-15, 19-21
    assert event_study(returns, days, window=(-1, 1), estimation=10, placebo_draws=9).overlapping == 2


def test_a_planted_effect_is_found_and_without_one_the_placebo_is_uniform():
    rng = np.random.default_rng(1)
    sessions = pd.bdate_range("2016-01-01", periods=1200)
    days = sessions[np.arange(200, 1100, 90)]
    shares = []
    for trial in range(200):
        returns = pd.Series(rng.normal(0, 0.01, 1200), index=sessions)
        shares.append(event_study(returns, days, placebo_draws=199, seed=trial).placebo_p)
    assert 0.03 < np.mean(np.array(shares) <= 0.1) < 0.17
    assert 0.4 < np.mean(np.array(shares) <= 0.5) < 0.6
    returns[returns.index.isin(days)] += 0.08
    planted = event_study(returns, days, placebo_draws=999)
    assert planted.placebo_p == 1 / 1000
    assert planted.t > 3
    assert planted.path["average"].idxmax() == 0
    again = event_study(returns, days, placebo_draws=999)
    assert again.placebo_p == planted.placebo_p


def test_days_of_a_category_are_those_that_stood_and_announcements_are_all():
    events = pd.DataFrame(
        {
            "event_id": ["a", "b", "c", "d"],
            "category": ["slr", "slr", "slr", "tariff"],
            "event_date": pd.to_datetime(["2025-06-26", "2025-06-27", "2025-06-27", "2025-07-09"]),
            "announced_on": pd.to_datetime(["2025-06-19", "2025-06-25", "2025-06-26", "2025-04-09"]),
            "ended_on": pd.to_datetime(["2025-06-25", None, None, "2025-07-07"]),
            "region": ["US", "US", "JP", "US"],
        }
    )
    assert event_days(events, "slr").tolist() == [pd.Timestamp("2025-06-27")]
    assert event_days(events, "slr", on="announced_on", region="US").tolist() == [
        pd.Timestamp("2025-06-19"),
        pd.Timestamp("2025-06-25"),
    ]
    assert event_days(events, "tariff").empty
    with pytest.raises(DataError, match="no event of category 'fomc'; the catalogue has slr, tariff"):
        event_days(events, "fomc")


def test_slr_and_stablecoin_days_on_real_prices(real_data):
    """Bitcoin against SPY; the sums are recomputed from the files by a plain loop."""
    events = load_events(real_data / "events" / "events.csv")
    folder = real_data / "market"
    btc = pd.read_csv(folder / "BTC-USD.csv", index_col=0, parse_dates=True)["Close"]
    spy = pd.read_csv(folder / "SPY.csv", index_col=0, parse_dates=True)["Adj Close"]
    for category in ("slr", "stablecoin"):
        found = event_study(
            btc.pct_change().dropna(),
            event_days(events, category),
            market_returns=spy.pct_change().dropna(),
            placebo_draws=999,
        )
        both = pd.DataFrame({"btc": btc, "spy": spy}).dropna().loc["2016-01-04":].pct_change().dropna()
        for _, event in found.events.iterrows():
            at = both.index.get_loc(event["session"])
            past, ahead = both.iloc[at - 125 : at - 5], both.iloc[at - 5 : at + 6]
            beta, alpha = np.polyfit(past["spy"], past["btc"], 1)
            assert event["abnormal"] == pytest.approx(
                (ahead["btc"] - alpha - beta * ahead["spy"]).sum(), abs=1e-9
            )
        assert len(found.events) >= 8
        assert found.overlapping >= 4  # both stories came in clusters: the t-statistics claim too much
        assert 0 < found.placebo_p <= 1
        assert not found.left_out.empty
