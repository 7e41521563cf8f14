"""Parameters in parts: refused by their dotted names, switched off, printed, written down, described."""

from __future__ import annotations

import json
import pickle

import pandas as pd
import pytest

from raisecash import Field, Strategy
from raisecash.contract_checks import contract_checks
from raisecash.contract_checks.parameters import edges_of
from raisecash.errors import ContractError, ParameterError
from raisecash.strategy.overlay import BaseStrategy
from raisecash.strategy.parameters import Part, check_name, dotted_names, schema_of
from strategies.k3_view import K3View
from strategies.sell_in_may import SellInMay
from strategies.take_profit import TakeProfit


class Average(Part):
    """A moving average."""

    window: int = Field(20, ge=2, le=300, description="bars in the average")
    band: float = Field(0.0, ge=0, lt=1, description="distance that counts as above")


class Leg(Part):
    """A strategy with its weight."""

    share: float = Field(0.5, ge=0, le=1, description="share of the account")
    held: BaseStrategy = Field(SellInMay(), description="what it holds")


class Crossing(Strategy):
    """Hold what is above a fast average, unless a slow one says no."""

    renamed = {"days": "fast.window", "filter": "slow"}  # noqa: RUF012  # declared in Parameters

    fast: Average = Field(Average(window=5), description="the average to be above")
    slow: Average | None = Field(None, description="the average that may say no")
    leg: Leg | None = Field(Leg(), description="what is held beside it")
    reserve: float = Field(0.0, ge=0, le=1, description="share kept in cash")

    def target_weights(self, market):
        close = market.last_close
        up = close > close.rolling(self.fast.window).mean() * (1 + self.fast.band)
        if self.slow is not None:
            up &= close > close.rolling(self.slow.window).mean() * (1 + self.slow.band)
        own = market.equal_weights().where(up, 0.0) * (1 - self.reserve)
        return own if self.leg is None else own * 0.5 + self.leg.held.target_weights(market) * 0.5


def said_of(strategy, **parameters):
    with pytest.raises(ParameterError) as caught:
        strategy(**parameters)
    return str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"fast": {"window": 1}},
            "Crossing.fast.window must be greater than or equal to 2, got 1",
        ),
        (
            {"slow": {"windw": 9}},
            "Crossing.slow has no parameter 'windw'; did you mean 'window'?",
        ),
        (
            {"slow": 20},
            "Crossing.slow must be a table of window, band or false to switch it off, got 20",
        ),
        ({"fast": False}, "Crossing.fast must be a table of window, band, got False"),
        ({"fast": None}, "Crossing.fast must be a table of window, band, got None"),
        (
            {"leg": {"held": {"use": "SellInMay", "params": {"reserve": 2}}}},
            "Crossing.leg.held: SellInMay.reserve must be less than or equal to 1, got 2",
        ),
        (
            {"share": 0.2},
            "Crossing has no parameter 'share'; did you mean 'leg.share'?",
        ),
        (
            {"window": 9},
            "Crossing has no parameter 'window'; did you mean 'fast.window' or 'slow.window'?",
        ),
        ({"days": 9}, "Crossing has no parameter 'days'; it is called 'fast.window' now"),
        (
            {"filter": True},
            "Crossing has no parameter 'filter'; it is called 'slow' now; false switches it off",
        ),
        ({"zzz": 1}, "Crossing has no parameter 'zzz'; it has fast, slow, leg, reserve"),
    ],
)
def test_what_is_wrong_in_a_part_is_named_with_its_dots(parameters, said):
    assert said_of(Crossing, **parameters) == said


def test_everything_wrong_has_its_line_whatever_part_it_is_in():
    said = said_of(Crossing, fast={"window": 1, "band": 1.0}, slow={"window": 301}, reserve=-1)
    assert [line.partition(" ")[0] for line in said.splitlines()] == [
        "Crossing.fast.window",
        "Crossing.fast.band",
        "Crossing.slow.window",
        "Crossing.reserve",
    ]


def test_a_part_of_its_own_is_checked_when_it_is_made():
    assert said_of(Average, window=1) == "Average.window must be greater than or equal to 2, got 1"
    assert said_of(Average, widow=3) == "Average has no parameter 'widow'; did you mean 'window'?"
    with pytest.raises(ValueError, match="frozen"):
        Average().window = 3


def test_false_switches_a_part_off_and_a_table_on_wherever_it_is_written():
    assert Crossing(slow={"window": 50}) == Crossing(slow=Average(window=50))
    assert Crossing.from_parameters({"slow": {}}).slow == Average()
    assert Crossing.from_parameters({"leg": False}) == Crossing(leg=None)
    nested = TakeProfit(base={"use": "K3View", "params": {"opens": False}})
    assert nested == TakeProfit(base=K3View(opens=None))


def test_what_a_table_leaves_out_stays_as_the_strategy_has_it():
    assert Crossing(fast={"band": 0.1}).fast == Average(window=5, band=0.1)
    assert Crossing(slow={"band": 0.1}).slow == Average(window=20, band=0.1)  # off by default: the part's own
    assert Crossing(fast=Average(band=0.1)).fast.window == 20  # a part that was made is taken as it is


def test_it_prints_as_the_call_that_rebuilds_it_without_what_a_part_has_by_itself():
    made = Crossing(fast=Average(window=9), leg=None)
    assert repr(made) == "Crossing(fast=Average(window=9), slow=None, leg=None, reserve=0.0)"
    assert eval(repr(made), {"Crossing": Crossing, "Average": Average}) == made


def test_its_json_is_whole_and_gives_the_same_strategy():
    for made in (Crossing(), Crossing(slow=Average(window=50), leg=None), K3View(watch=None)):
        written = json.loads(json.dumps(made.model_dump(mode="json")))
        assert type(made).from_parameters(written) == made
        assert pickle.loads(pickle.dumps(made)) == made
    assert Crossing().model_dump(mode="json")["fast"] == {"window": 5, "band": 0.0}


def test_names_are_listed_with_their_dots_and_checked_as_far_as_a_nested_strategy():
    assert dotted_names(Crossing) == [
        "fast",
        "fast.window",
        "fast.band",
        "slow",
        "slow.window",
        "slow.band",
        "leg",
        "leg.share",
        "leg.held",
        "reserve",
    ]
    for name in ("reserve", "slow", "slow.window"):
        check_name(Crossing(), name)
    check_name(TakeProfit(base=K3View()), "base.params.opens.fall")
    check_name(Crossing(), "leg.held.params.reserve")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slow.windw", "Crossing.slow has no parameter 'windw'; did you mean 'window'?"),
        ("slwo.window", "Crossing has no parameter 'slwo'; did you mean 'slow'?"),
        ("window", "Crossing has no parameter 'window'; did you mean 'fast.window' or 'slow.window'?"),
        ("reserve.low", "Crossing.reserve has no parameters of its own, got 'reserve.low'"),
    ],
)
def test_a_dotted_name_that_is_none_is_told_with_the_nearest(name, said):
    with pytest.raises(ParameterError) as caught:
        check_name(Crossing(), name)
    assert str(caught.value) == said


def test_a_name_inside_a_nested_strategy_is_that_strategy_s():
    with pytest.raises(ParameterError, match=r"K3View\.opens has no parameter 'fal'; did you mean 'fall'"):
        check_name(TakeProfit(base=K3View()), "base.params.opens.fal")


def test_the_schema_has_every_part_in_its_place():
    schema = schema_of(Crossing)
    assert "$ref" not in json.dumps(schema)
    assert schema["properties"]["fast"]["properties"]["window"]["minimum"] == 2
    assert schema["properties"]["fast"]["default"] == {"window": 5, "band": 0.0}
    on, off = schema["properties"]["slow"]["anyOf"]
    assert (on["properties"]["band"]["exclusiveMaximum"], off) == (1, {"type": "null"})


def test_the_contract_walks_into_parts():
    edges = {(edge.parameter, edge.rule) for edge in edges_of(Crossing())}
    assert {
        ("fast.window", "at least 2"),
        ("slow.window", "at most 300"),
        ("slow", "switched off"),
        ("leg.share", "at most 1"),
    } <= edges
    assert ("fast", "switched off") not in edges
    outcomes = {case.check.name: case.outcome for case in contract_checks(Crossing())}
    assert {name: each.message for name, each in outcomes.items() if each.verdict == "failed"} == {}


class Careless(Part):
    """One bound that does not hold, and one that is not declared."""

    low: int = Field(5, ge=0, description="a number whose bound is a lie")


class FailsAtItsEdge(Strategy):
    """Divide by a part's parameter, which may be 0."""

    part: Careless = Field(Careless(), description="what is divided by")

    def target_weights(self, market):
        return market.equal_weights() / pd.Series([self.part.low]).map(lambda low: 10 // low)[0]


def test_a_bound_of_a_part_that_does_not_hold_is_found():
    cases = {case.check.name: case for case in contract_checks(FailsAtItsEdge())}
    with pytest.raises(ContractError, match=r"with part\.low=0, which its bounds allow: ZeroDivisionError"):
        cases["parameters_run_at_their_edges"]()
