"""What every shipped strategy owes, and what the base class does with a stranger's."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from markets import SIGNALS, market

from data_feeds.errors import LookAheadError, ParameterError, WeightsError
from raisecash import simulate
from raisecash.lookahead import check_lookahead
from raisecash.weights import check_weights
from strategies import Field, Strategy
from strategies.discovery import discover
from strategies.rally_then_raise_cash import RallyThenRaiseCash

SHIPPED = pytest.mark.parametrize("strategy", discover().values(), ids=discover())
YEARS = market("2022-12-01", "2024-12-31", assets=("BTC", "ETH", "SPY"), signals=SIGNALS)


@SHIPPED
def test_weights_keep_the_contract(strategy):
    made = strategy().target_weights(YEARS)
    assert made.index.equals(YEARS.bars)
    check_weights(made, YEARS, name=strategy.__name__)


@SHIPPED
def test_decisions_do_not_change_with_the_future(strategy):
    made = strategy()
    check_lookahead(made, YEARS, made.target_weights(YEARS), name=strategy.__name__)


@SHIPPED
def test_deciding_leaves_the_market_as_it_was(strategy):
    over = market("2024-01-01", "2024-08-31", signals=SIGNALS)
    before = {name: getattr(over, name).copy() for name in ("open", "close", "signals", "cash_yield")}
    strategy().target_weights(over)
    for name, frame in before.items():
        assert getattr(over, name).equals(frame)


@SHIPPED
def test_a_strategy_is_frozen_equal_by_value_picklable_and_prints_as_its_own_call(strategy):
    made = strategy()
    assert made == strategy()
    assert pickle.loads(pickle.dumps(made)) == made
    assert eval(repr(made), {**discover(), strategy.__name__: strategy}) == made  # one may hold another
    for name in strategy.model_fields:
        with pytest.raises(ValueError, match="frozen"):
            setattr(made, name, None)


@SHIPPED
def test_every_parameter_and_strategy_is_described(strategy):
    assert strategy.description()
    assert strategy.source()
    for name, field in strategy.model_fields.items():
        assert field.description, f"{strategy.__name__}.{name} has no description"


@SHIPPED
def test_markets_of_one_bar_and_of_constant_prices_are_no_trouble(strategy):
    bars = pd.date_range("2024-06-28", periods=6)
    flat = pd.DataFrame({"BTC": 10.0}, index=bars)
    still = pd.DataFrame(0.25, index=bars, columns=list(SIGNALS))
    whole = type(YEARS)(open=flat, close=flat, signals=still)
    for over in (whole, whole.until(bars[0])):
        weights = strategy().target_weights(over)
        assert np.isfinite(simulate(weights, over, engine="ledger").equity).all()


@SHIPPED
def test_signals_that_are_not_published_yet_are_no_trouble(strategy):
    over = market("2024-01-01", "2024-03-31", signals=SIGNALS)
    silent = over._replaced(signals=over.signals * np.nan)
    check_weights(strategy().target_weights(silent), silent, name=strategy.__name__)


@SHIPPED
def test_without_its_signals_a_strategy_names_what_it_misses_and_the_others_do_without(strategy):
    for signals, known in (((), "none"), (("MOOD",), "MOOD")):
        over = market("2024-01-01", "2024-06-30", signals=signals)
        told = decided_or_told(strategy(), over)
        missing = rf"\w+ needs the signal '\w+', which the market does not have; it has {known}; add it"
        assert told == "" or re.match(missing, told)


def decided_or_told(strategy, over):
    """Return the parameter error of a strategy that needs what the market lacks; empty when it decided."""
    try:
        check_weights(strategy.target_weights(over), over, name=type(strategy).__name__)
    except ParameterError as error:
        return str(error)
    return ""


class Decider(Strategy):
    """Hold the asset that rose last. Decides bar by bar."""

    share: float = Field(0.5, ge=0, le=1, description="weight of the winner")

    def decide(self, past):
        if len(past.bars) < 3:
            return None
        rise = past.last_close.iloc[-1] / past.last_close.iloc[-3]
        return {rise.idxmax(): self.share}


def test_decide_is_called_with_the_past_alone_and_may_keep_holding():
    over = market("2024-01-01", "2024-01-20")
    seen = []

    class Witness(Strategy):
        """Note what is served."""

        def decide(self, past):
            seen.append((past.bars[-1], len(past.close), len(past.signals), len(past.cash_yield)))

    weights = Witness().target_weights(over)
    assert seen == [(bar, n, n, n) for n, bar in enumerate(over.bars, start=1)]
    assert weights.isna().all(axis=None)
    winners = Decider().target_weights(over)
    assert winners.iloc[:2].isna().all(axis=None)
    assert (winners.iloc[2:].sum(axis=1) == 0.5).all()


def test_decide_with_a_stranger_among_the_assets_names_it():
    class Stray(Strategy):
        """Want what is not there."""

        def decide(self, past):
            return {"DOGE": 1.0}

    with pytest.raises(ParameterError, match="'DOGE', which is not in the market; it has BTC, SPY"):
        Stray().target_weights(market("2024-01-01", "2024-01-03"))


def test_a_strategy_that_decides_nothing_at_all_says_what_to_define():
    class Empty(Strategy):
        """Nothing."""

    with pytest.raises(NotImplementedError, match=r"Empty must define target_weights\(market\)"):
        Empty().target_weights(market("2024-01-01", "2024-01-03"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"reserve": 1.2}, "RallyThenRaiseCash.reserve must be less than or equal to 1, got 1.2"),
        ({"reserve": float("nan")}, "RallyThenRaiseCash.reserve must be a finite number, got nan"),
        ({"glide_days": 0}, "RallyThenRaiseCash.glide_days must be greater than or equal to 1, got 0"),
        (
            {"cash_by": "02-30"},
            "RallyThenRaiseCash.cash_by must be a day that exists; February has no day 30, got '02-30'",
        ),
        ({"resereve": 0.5}, "RallyThenRaiseCash has no parameter 'resereve'; did you mean 'reserve'?"),
        ({"zzz": 0.5}, "RallyThenRaiseCash has no parameter 'zzz'; it has rally_from, cash_by"),
    ],
)
def test_a_bad_parameter_names_class_parameter_rule_and_value(parameters, message):
    with pytest.raises(ParameterError) as caught:
        RallyThenRaiseCash(**parameters)
    assert str(caught.value).startswith(message)


class FullSampleMean(Strategy):
    """Compare with a mean that is only known at the end."""

    def target_weights(self, market):
        return market.equal_weights().mul(
            (market.last_close["BTC"] > market.last_close["BTC"].mean()), axis=0
        )


class TomorrowsRise(Strategy):
    """Hold what rises tomorrow."""

    def target_weights(self, market):
        rise = market.last_close.pct_change().shift(-1).fillna(0.0)
        return (rise > 0).astype(float) / len(market.assets)


class CentredAverage(Strategy):
    """Smooth over both sides."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return market.equal_weights().mul(price > price.rolling(5, center=True, min_periods=1).mean(), axis=0)


class BackFilled(Strategy):
    """Use Monday's close on Saturday."""

    def target_weights(self, market):
        known_later = market.close.bfill().fillna(0.0)
        return market.equal_weights().mul(known_later["SPY"] > known_later["SPY"].shift(1), axis=0)


@pytest.mark.parametrize("cheat", [FullSampleMean, TomorrowsRise, CentredAverage, BackFilled])
def test_a_strategy_that_looks_ahead_is_named_with_the_bar_and_the_asset(cheat):
    weights = cheat().target_weights(YEARS)
    with pytest.raises(LookAheadError, match=rf"{cheat.__name__} looks ahead: its weight of \w+ on 202\d-"):
        check_lookahead(cheat(), YEARS, weights, name=cheat.__name__)


def test_an_honest_strategy_with_long_memory_is_not_accused():
    class Expanding(Strategy):
        """Everything so far, online."""

        def target_weights(self, market):
            price = market.last_close["BTC"]
            return market.equal_weights().mul(price > price.expanding().mean(), axis=0)

    check = check_lookahead(Expanding(), YEARS, Expanding().target_weights(YEARS), name="Expanding")
    assert check.cuts >= 6


def frame(rows, over=None):
    over = over or market("2024-01-06", "2024-01-09")
    return pd.DataFrame(rows, index=over.bars, columns=list(over.assets)), over


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([[0.5, 0]] * 3 + [[0.5, np.nan]], "x on 2024-01-09: weight of SPY is NaN while others are not"),
        (
            [[1.1, 0]] * 4,
            "x on 2024-01-06: weight of BTC must be 1 or less: borrowing is not simulated, got 1.1",
        ),
        ([[-0.1, 0]] * 4, "x on 2024-01-06: weight of BTC must be 0 or more"),
        (
            [[0.5, 0]] * 3 + [[0.6, 0.6]],
            r"x on 2024-01-09: weights must sum to 1 or less, got 1.2 \(BTC 0.6, SPY 0.6\)",
        ),
        ([[0.5, 0.1]] * 4, "x on 2024-01-06: weight of SPY must be 0 before the asset's first bar, got 0.1"),
        ([[np.inf, 0]] * 4, "x on 2024-01-06: weight of BTC must be a finite number"),
    ],
)
def test_a_row_that_breaks_the_contract_is_named(rows, rule):
    table, over = frame(rows)
    with pytest.raises(WeightsError, match=rule):
        check_weights(table, over, name="x")


def test_tables_with_other_columns_or_strange_dates_are_refused_and_missing_rows_decide_nothing():
    table, over = frame([[0.5, 0]] * 4)
    with pytest.raises(WeightsError, match="exactly the columns BTC, SPY, got BTC"):
        check_weights(table[["BTC"]], over, name="x")
    with pytest.raises(WeightsError, match="2030-01-01 00:00:00, which is not a bar of the market"):
        check_weights(table.set_axis([*over.bars[:-1], pd.Timestamp("2030-01-01")]), over, name="x")
    with pytest.raises(WeightsError, match="must return a DataFrame"):
        check_weights(table["BTC"], over, name="x")
    sparse = check_weights(table.iloc[[1]][["SPY", "BTC"]], over, name="x")
    assert sparse["BTC"].notna().tolist() == [False, True, False, False]


def test_rounding_below_a_billionth_is_clipped_and_not_refused():
    table, over = frame([[1 + 1e-10, 0.0]] * 3 + [[1 + 1e-10, -1e-10]])
    assert check_weights(table, over, name="x").iloc[-1].tolist() == [1.0, 0.0]
