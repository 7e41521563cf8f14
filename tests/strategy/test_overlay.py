"""Strategies made of strategies: built, printed, written down, pickled, refused."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from raisecash import Field
from raisecash.errors import ConfigError, ParameterError
from raisecash.strategy.discovery import discover
from raisecash.strategy.nested import build_strategy
from raisecash.strategy.overlay import BaseStrategy, Overlay
from strategies.fixed_mix import FixedMix
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay
from tests.support.markets import market


class Scaled(Overlay):
    """Hold a fixed share of what the base holds."""

    share: float = Field(0.5, ge=0, le=1, description="share of the base's weights")

    def target_weights(self, market):
        return self.base.target_weights(market) * self.share


ALL = {
    "Scaled": Scaled,
    "RallyThenRaiseCash": RallyThenRaiseCash,
    "FixedMix": FixedMix,
    "SellInMay": SellInMay,
    "MonthDay": str,
}
NESTED = Scaled(share=0.25, base=Scaled(base=RallyThenRaiseCash(reserve=0.6)))


def build(use, params, base_dir=Path()):
    return build_strategy(use, params, base_dir=base_dir, where="a.toml: [[strategy]] x")


def test_an_overlay_takes_a_strategy_and_changes_its_weights():
    over = market("2024-05-20", "2024-07-05")
    whole = RallyThenRaiseCash(reserve=0.6).target_weights(over)
    pd.testing.assert_frame_equal(NESTED.target_weights(over), whole * 0.5 * 0.25)


def test_a_nested_strategy_is_equal_by_value_frozen_hashable_and_picklable():
    assert Scaled(share=0.25, base=Scaled(base=RallyThenRaiseCash(reserve=0.6))) == NESTED
    assert Scaled(share=0.25, base=Scaled(base=RallyThenRaiseCash(reserve=0.7))) != NESTED
    assert Scaled(share=0.25, base=Scaled(base=SellInMay(reserve=0.6))) != NESTED
    assert pickle.loads(pickle.dumps(NESTED)) == NESTED
    assert hash(NESTED) == hash(pickle.loads(pickle.dumps(NESTED)))
    with pytest.raises(ValueError, match="frozen"):
        NESTED.base = SellInMay()


def test_it_prints_as_the_call_that_rebuilds_it():
    assert eval(repr(NESTED), ALL) == NESTED
    assert repr(NESTED).startswith("Scaled(base=Scaled(base=RallyThenRaiseCash(rally_from='05-28', ")


def test_a_table_of_a_config_and_its_json_give_the_same_strategy():
    table = {"use": "RallyThenRaiseCash", "params": {"reserve": 0.6}}
    shallow = Scaled(base=table)
    assert shallow == Scaled(base=RallyThenRaiseCash(reserve=0.6))
    written = json.loads(json.dumps(shallow.model_dump(mode="json")))
    assert written["base"]["use"] == "RallyThenRaiseCash"
    assert written["base"]["params"]["reserve"] == 0.6
    assert written["base"]["params"]["resume_on"] is None
    assert Scaled.from_parameters(written) == shallow


def test_a_table_without_params_takes_the_defaults():
    assert Scaled(base={"use": "SellInMay"}).base == SellInMay()


def test_a_file_named_in_a_nested_use_starts_from_the_configs_folder(tmp_path):
    (tmp_path / "third.py").write_text(
        "from raisecash import Strategy\n\n\nclass Third(Strategy):\n"
        '    """Hold a third."""\n\n    def target_weights(self, market):\n'
        "        return market.equal_weights() / 3\n"
    )
    params = {"base": {"use": f"{__name__}:Scaled", "params": {"base": {"use": "third.py:Third"}}}}
    made = build(f"{__name__}:Scaled", params, tmp_path)
    over = market("2024-01-06", "2024-01-09")
    assert made.target_weights(over).sum(axis=1).tolist() == pytest.approx([1 / 12] * 4)
    written = made.model_dump(mode="json")
    assert written["base"]["params"]["base"] == {"use": "third.py:Third", "params": {}}
    assert build(f"{__name__}:Scaled", written, tmp_path) == made
    with pytest.raises(ParameterError, match=r"no file third\.py to take a strategy from"):
        Scaled(base={"use": "third.py:Third"})  # the folder does not outlive the call


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (
            {"use": "RallyThenRaiseCash", "params": {"reserve": 1.2}},
            "Scaled.base: RallyThenRaiseCash.reserve must be less than or equal to 1, got 1.2",
        ),
        (
            {"use": "RallyThenRaiseCash", "params": {"resereve": 1}},
            "Scaled.base: RallyThenRaiseCash has no parameter 'resereve'; did you mean 'reserve'?",
        ),
        (
            {"use": "RallyThenRaseCash"},
            "Scaled.base: use: no strategy 'RallyThenRaseCash'; did you mean 'RallyThenRaiseCash'?",
        ),
        ({"use": "Cash", "parms": {}}, "Scaled.base: no key 'parms'; did you mean 'params'?"),
        (
            {"params": {}},
            "Scaled.base must have use = \"...\" and may have params = { ... }, got {'params': {}}",
        ),
        ({"use": "Cash", "params": 3}, 'Scaled.base must have use = "..." and may have params'),
        ("Cash", "Scaled.base must be a strategy, or a table such as { use"),
        (RallyThenRaiseCash, "Scaled.base must be a strategy, or a table such as { use"),
        (None, "Scaled.base must be a strategy, or a table such as { use"),
    ],
)
def test_what_is_wrong_inside_a_nested_strategy_is_named_with_the_whole_path(base, said):
    with pytest.raises(ParameterError) as caught:
        Scaled(base=base)
    assert str(caught.value).startswith(said)


def test_every_wrong_parameter_has_its_line_however_deep():
    deep = {"use": "RallyThenRaiseCash", "params": {"reserve": 2, "glide_days": 0}}
    with pytest.raises(ParameterError) as caught:
        Scaled(share=3, base={"use": f"{__name__}:Scaled", "params": {"base": deep}})
    assert str(caught.value).splitlines() == [
        "Scaled.base: Scaled.base: RallyThenRaiseCash.glide_days must be greater than or equal to 1, got 0",
        "Scaled.base: Scaled.base: RallyThenRaiseCash.reserve must be less than or equal to 1, got 2",
        "Scaled.share must be less than or equal to 1, got 3",
    ]


def test_a_config_names_the_entry_before_the_path():
    with pytest.raises(ConfigError, match=r"a.toml: \[\[strategy\]\] x: no strategy 'Zzz'"):
        build("Zzz", {})


def test_overlay_itself_is_not_offered_and_its_schema_says_what_a_base_is():
    assert "Overlay" not in discover()
    base = Scaled.model_json_schema()["properties"]["base"]
    assert base["type"] == "object"
    assert base["required"] == ["use"]
    assert base["default"] == {"use": "FixedMix", "params": {"weights": None}}


def test_a_strategy_may_have_several_strategies():
    class Split(Overlay):
        """Half of each."""

        other: BaseStrategy = Field(SellInMay(), description="the second strategy")

        def target_weights(self, market):
            return (self.base.target_weights(market) + self.other.target_weights(market)) / 2

    made = Split(other={"use": "Cash"})
    assert made.target_weights(market("2024-01-08", "2024-01-09")).sum(axis=1).tolist() == [0.5, 0.5]
