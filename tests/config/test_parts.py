"""Parts of strategies in a config: tables, false, `--set` and `[sweep]` by dotted names."""

from __future__ import annotations

from pathlib import Path

import pytest

from raisecash.config.model import Steps, load_config
from raisecash.errors import ConfigError, ParameterError
from raisecash.strategy.rules import EventWatch
from raisecash.study.entries import strategies_of
from strategies.k3_view import K3View

CONFIG = """
[market.assets]
BTC = { feed = "sample", series = "BTC" }

[[strategy]]
name = "k3"
use = "K3View"
params = { watch = { regions = ["US"] } }

[[strategy]]
name = "profit"
use = "TakeProfit"
params = { base = { use = "K3View" } }

[[strategy]]
name = "plain"
use = "K3View"
"""


@pytest.fixture
def made(tmp_path: Path):
    def read(*overrides: str, more: str = ""):
        path = tmp_path / "parts.toml"
        path.write_text(CONFIG + more, encoding="utf-8")
        config = load_config(path, overrides)
        return config, {each.entry.name: each.strategy for each in strategies_of(config)}

    return read


def test_set_reaches_into_a_part_whatever_the_config_has_there(made):
    _, strategies = made(
        "strategy.k3.params.watch.glide_days=5",
        "strategy.plain.params.opens.fall=0.7",
        "strategy.plain.params.reopens=false",
        "strategy.profit.params.base.params.opens.fall=0.2",
    )
    assert strategies["k3"] == K3View(watch=EventWatch(regions=("US",), glide_days=5))
    assert strategies["plain"] == K3View(opens={"fall": 0.7}, reopens=None)
    assert strategies["profit"].base == K3View(opens={"fall": 0.2})


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("strategy.k3.params.opens.fall=11", "K3View.opens.fall must be less than or equal to 10, got 11"),
        ("strategy.k3.params.opens.fal=1", "K3View.opens has no parameter 'fal'; did you mean 'fall'?"),
        ("strategy.k3.params.opens=true", "K3View.opens must be a table of signal, high_window, fall"),
        ("strategy.k3.params.yield_window=20", "it is called 'opens.high_window' now"),
        ("strategy.k3.params.stabilization=false", "it is called 'opens' now; false switches it off"),
        ("strategy.k3.params.glide_days=5", "did you mean 'watch.glide_days'?"),
    ],
)
def test_what_is_wrong_in_a_part_is_told_with_the_entry(made, override, said):
    with pytest.raises(ParameterError) as caught:
        made(override)
    assert "[[strategy]] k3: K3View" in str(caught.value)
    assert said in str(caught.value)


def test_a_part_that_the_config_switched_off_is_set_as_a_whole(made):
    off = '[[strategy]]\nname = "off"\nuse = "K3View"\nparams = { opens = false }\n'
    with pytest.raises(
        ConfigError, match="'opens' holds false, which has no keys of its own; set opens itself"
    ):
        made("strategy.off.params.opens.fall=0.7", more=off)
    _, strategies = made("strategy.off.params.opens={ fall = 0.7 }", more=off)
    assert strategies["off"] == K3View(opens={"fall": 0.7})


@pytest.mark.parametrize(
    "sweep",
    [
        '"opens.fall" = [0.3, 0.5]\n"watch.glide_days" = { low = 5, high = 15, step = 5 }',
        "opens.fall = [0.3, 0.5]\nwatch.glide_days = { low = 5, high = 15, step = 5 }",
        "opens = { fall = [0.3, 0.5] }\n[sweep.k3.watch]\nglide_days = { low = 5, high = 15, step = 5 }",
    ],
)
def test_a_sweep_names_a_part_s_parameter_with_a_dot_however_toml_spells_it(made, sweep):
    config, _ = made(more=f"[sweep.k3]\n{sweep}\n")
    assert config.sweep["k3"] == {
        "opens.fall": (0.3, 0.5),
        "watch.glide_days": Steps(low=5, high=15, step=5),
    }


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ('[sweep.k3]\n"opens.fal" = [1]', r"\[sweep.k3\]: K3View.opens has no parameter 'fal'; did you mean 'fall'"),
        ("[sweep.k3]\nyield_calm = [1]", r"\[sweep.k3\]: K3View has no .* called 'opens.calm' now"),
        ("[sweep.profit]\nbase.params.opens.fal = [1]", r"\[sweep.profit\]: K3View.opens has no parameter 'fal'"),
        ("[sweep.profit]\nbase.stop = [1]", r"TakeProfit.base is a strategy, write base.params.NAME, got 'base.stop'"),
        ("[sweep.k3]\nopens.fall = { low = 1, hgh = 3, step = 1 }", r"did you mean 'high'"),
    ],
)  # fmt: skip
def test_a_sweep_over_what_is_not_there_names_the_nearest(made, sweep, said):
    with pytest.raises(ConfigError, match=said):
        made(more=f"{sweep}\n")


def test_a_sweep_may_reach_the_strategy_below_an_overlay(made):
    config, _ = made(more="[sweep.profit]\nbase.params.opens.fall = [0.3]\ngain = [0.1]\n")
    assert set(config.sweep["profit"]) == {"base.params.opens.fall", "gain"}
