"""What every shipped strategy owes, and what the base class does with a stranger's."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from raisecash import Field, Strategy, simulate
from raisecash.contract_checks import CHECKS, check_market, contract_checks
from raisecash.contract_checks.markets import constant, latest
from raisecash.errors import ContractError, InputError, LookAheadError, ParameterError, WeightsError
from raisecash.execution.weights import check_weights
from raisecash.lookahead.run_time import check_lookahead
from raisecash.strategy.discovery import discover
from raisecash.strategy.parameters import dotted_names, part_in
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from tests.support.markets import market

SHIPPED = pytest.mark.parametrize("strategy", discover().values(), ids=discover())
CASES = [case for strategy in discover().values() for case in contract_checks(strategy)]
YEARS = market("2022-12-01", "2024-12-31", assets=("BTC", "ETH", "SPY"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_strategy_keeps_the_contract(case):
    case()


@SHIPPED
def test_every_excuse_is_needed_and_has_a_reason(strategy):
    known = {check.name: check for check in CHECKS}
    for name, reason in strategy.excused.items():
        assert reason.strip()
        with pytest.raises(ContractError):
            known[name].function(strategy(), check_market())


@SHIPPED
def test_every_parameter_and_strategy_is_described(strategy):
    assert strategy.description()
    assert strategy.source()
    for name in dotted_names(strategy):
        *parents, last = name.split(".")
        owner = strategy
        for each in parents:
            owner = part_in(owner, each)
        assert owner.model_fields[last].description, f"{strategy.__name__}.{name} has no description"


@SHIPPED
def test_markets_of_one_bar_and_of_constant_prices_are_no_trouble_to_the_account(strategy):
    whole = constant(latest(check_market(), 60))
    for over in (whole, whole.until(whole.bars[0])):
        weights = strategy().target_weights(over)
        assert np.isfinite(simulate(weights, over, engine="ledger").equity).all()


def test_checks_have_names_of_their_own_and_say_what_they_promise():
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.says.endswith(".") for check in CHECKS)


def excused_from(checks):
    class Special(Strategy):
        """Hold nothing."""

        excused = checks

        def target_weights(self, market):
            return market.equal_weights() * 0

    return Special


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ({"column_order": "x"}, "no check 'column_order'; did you mean 'column_order_does_not_matter'"),
        ({"ignores_future_bars": "x"}, "no strategy may be excused from ignores_future_bars"),
        ({"runs_on_one_bar": " "}, "runs_on_one_bar needs a reason in words, got ' '"),
    ],
)
def test_nobody_is_excused_silently_or_from_what_all_results_rest_on(checks, message):
    with pytest.raises(InputError, match=re.escape(message)):
        contract_checks(excused_from(checks))


def test_an_excused_check_is_not_called_and_says_so_in_its_name():
    cases = {case.check.name: case for case in contract_checks(discover()["BuyAndHold"])}
    case = cases["start_date_does_not_matter"]
    assert str(case) == "BuyAndHold-start_date_does_not_matter (excused)"
    assert case.outcome.verdict == "excused"
    assert case.outcome.message == "buys once, when its market begins"


def test_a_class_that_cannot_be_pickled_is_told_so():
    class Local(Strategy):
        """Defined where nobody can import it."""

        def target_weights(self, market):
            return market.equal_weights().fillna(0.0)

    outcomes = {case.check.name: case.outcome for case in contract_checks(Local)}
    assert outcomes["survives_pickling"].verdict == "failed"
    assert "define the class at the top level of a module" in outcomes["survives_pickling"].message


def test_the_check_market_is_the_same_on_every_machine():
    over = check_market()
    assert over.assets == ("BTC", "SPY", "QQQ")
    assert list(over.signals) == ["JGB10Y", "UST10Y", "VIX"]
    assert (len(over.bars), over.periods_per_year) == (1094, 365)
    assert over.close["BTC"].iloc[-1] == pytest.approx(26351.025005499676, rel=1e-12)
    moved = over.events.set_index("event_id").loc["tariff-pause-1"]
    assert moved["ended_on"] == pd.Timestamp("2025-07-07")


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
    sparse = check_weights(table.iloc[[1]][["SPY", "BTC"]], over, name="x").table
    assert sparse["BTC"].notna().tolist() == [False, True, False, False]


def test_rounding_below_a_billionth_is_clipped_and_not_refused():
    table, over = frame([[1 + 1e-10, 0.0]] * 3 + [[1 + 1e-10, -1e-10]])
    assert check_weights(table, over, name="x").table.iloc[-1].tolist() == [1.0, 0.0]
