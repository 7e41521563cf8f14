"""The calendar strategies, worked out by hand on the days that matter."""

from __future__ import annotations

import pandas as pd
import pytest

from raisecash import simulate
from raisecash.errors import ParameterError
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from strategies.fixed_mix import FixedMix
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay
from tests.support.markets import market


def exposure(strategy, over):
    """Return the invested share decided at each close."""
    return strategy.target_weights(over).sum(axis=1)


def test_rally_glides_into_cash_so_that_the_last_sale_fills_on_the_day_the_cash_is_due():
    """glide_days=4, reserve=0.8, cash by 1 July, seven-day clock.

    An order decided on day d fills on d + 1. On fill day f with k days left to 1 July the invested share is
    0.2 + 0.8 min(k / 4, 1): 27 June (k 4) 1.0, 28 June 0.8, 29 June 0.6, 30 June 0.4, 1 July 0.2.
    """
    year = market("2024-05-20", "2024-07-05")
    got = exposure(RallyThenRaiseCash(glide_days=4, reserve=0.8), year)
    assert got["2024-06-26"] == pytest.approx(1.0)
    assert got["2024-06-27"] == pytest.approx(0.8)
    assert got["2024-06-28"] == pytest.approx(0.6)
    assert got["2024-06-29"] == pytest.approx(0.4)
    assert got["2024-06-30":].tolist() == pytest.approx([0.2] * 6)
    # 28 May is filled by the decision of the 27th; before it the account waits in cash.
    assert got["2024-05-26"] == pytest.approx(0.2)
    assert got["2024-05-27"] == pytest.approx(1.0)


def test_rally_counts_weekdays_on_exchange_sessions():
    """1 July 2024 is a Monday. Friday 28 June's decision fills then; Thursday's fills on Friday, one session before."""
    year = market("2024-06-17", "2024-07-03", assets=("SPY",))
    got = exposure(RallyThenRaiseCash(glide_days=2, reserve=1.0), year)
    assert got["2024-06-26"] == pytest.approx(1.0)
    assert got["2024-06-27"] == pytest.approx(0.5)
    assert got["2024-06-28"] == pytest.approx(0.0)


def test_rally_resumes_on_the_day_given_and_otherwise_waits_for_the_next_rally():
    year = market("2023-06-01", "2024-06-05")
    waiting = exposure(RallyThenRaiseCash(reserve=1.0), year)
    resuming = exposure(RallyThenRaiseCash(reserve=1.0, resume_on="08-01"), year)
    assert waiting["2023-07-01":"2024-05-26"].tolist() == pytest.approx([0.0] * 331)
    assert waiting["2024-05-27"] == pytest.approx(1.0)
    assert resuming["2023-07-30"] == pytest.approx(0.0)
    assert resuming["2023-07-31":"2024-06-05"].tolist() == pytest.approx([1.0] * 311)


def test_cash_is_raised_on_the_day_itself_in_the_account():
    year = market("2024-05-20", "2024-07-05", assets=("BTC",))
    strategy = RallyThenRaiseCash(reserve=1.0, glide_days=5)
    account = simulate(strategy.target_weights(year), year, engine="ledger")
    assert account.weights["BTC"]["2024-06-30"] > 0.15
    assert account.weights["BTC"]["2024-07-01"] == 0


def test_sell_in_may_is_out_from_the_first_of_may_to_the_last_of_october():
    years = market("2023-01-01", "2024-12-31")
    got = exposure(SellInMay(), years)
    held = simulate(SellInMay().target_weights(years), years, engine="ledger").weights["BTC"]
    assert got["2023-04-29"] == 1
    assert got["2023-04-30"] == 0  # filled on 1 May
    assert got["2023-10-30"] == 0
    assert got["2023-10-31"] == 1
    assert (held["2023-05-01":"2023-10-31"] == 0).all()
    assert (held["2023-11-01":"2024-04-30"] > 0).all()


def test_buy_and_hold_decides_once_when_the_last_of_its_assets_has_a_price():
    over = market("2024-01-06", "2024-01-20")  # a Saturday: SPY first trades on Monday the 8th
    rows = BuyAndHold(weights={"BTC": 0.6, "SPY": 0.4}).target_weights(over).dropna()
    assert rows.index.tolist() == [pd.Timestamp("2024-01-08")]
    assert rows.iloc[0].to_dict() == {"BTC": 0.6, "SPY": 0.4}


def test_buy_and_hold_does_not_wait_for_an_asset_it_does_not_hold():
    rows = BuyAndHold(weights={"BTC": 1.0}).target_weights(market("2024-01-06", "2024-01-20")).dropna()
    assert rows.index.tolist() == [pd.Timestamp("2024-01-06")]
    assert rows["SPY"].tolist() == [0]


def test_fixed_mix_keeps_the_share_of_an_unpriced_asset_in_cash():
    rows = FixedMix(weights={"BTC": 0.6, "SPY": 0.4}).target_weights(market("2024-01-06", "2024-01-09"))
    assert rows["BTC"].tolist() == [0.6] * 4
    assert rows["SPY"].tolist() == [0, 0, 0.4, 0.4]


def test_cash_holds_nothing():
    assert (Cash().target_weights(market("2024-01-06", "2024-01-09")) == 0).all(axis=None)


@pytest.mark.parametrize(
    ("weights", "rule"),
    [
        ({"BTC": 1.2}, "between 0 and 1 for BTC"),
        ({"BTC": -0.1}, "between 0 and 1 for BTC"),
        ({"BTC": 0.7, "SPY": 0.7}, "sum to 1 or less"),
        ({"BTC": 0.0}, "must hold something"),
        ({}, "must hold something"),
    ],
)
def test_fixed_weights_out_of_bounds_are_refused(weights, rule):
    with pytest.raises(ParameterError, match=rule):
        BuyAndHold(weights=weights)


def test_a_weight_for_an_asset_the_market_lacks_names_those_it_has():
    with pytest.raises(ParameterError, match="'GLD', which is not in the market; it has BTC, SPY"):
        FixedMix(weights={"GLD": 1.0}).target_weights(market("2024-01-06", "2024-01-09"))
