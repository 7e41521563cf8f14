"""Shipped configs as golden runs: every strategy decided, reconciled, and its fills pinned in files.

The flagships run on the real price files, which are not part of the project, and on made-up ones, which are written
here and so are everywhere; the others run on the shipped sample. `tests/golden` holds what came out.
"""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from raisecash.config.model import load_config
from raisecash.files import CACHE_VARIABLE
from raisecash.runs.summary import summary
from raisecash.simulation.simulate import simulate
from raisecash.study.entries import strategies_of
from raisecash.study.market import market_of
from raisecash.study.progress import Silent
from raisecash.study.run import run_study
from strategies.k3_view import K3View
from tests.support.documents import ROOT
from tests.support.golden import orders_of
from tests.support.made_files import FIRST, LAST

CONFIGS = ROOT / "configs"
FLAGSHIPS = ("k3_view_2025", "k3_view")
ON_THE_SAMPLE = ("ci", "offline_sample", "rally_then_raise_cash")
NAMES = [
    "k3",
    "k3-without-stabilization",
    "k3-without-events",
    "k3-without-reentry",
    "yield-stabilization",
    "goldilocks",
    "event-glide",
    "rally",
    "k3-take-profit",
    "k3-trailing-stop",
    "rally-reentry",
    "buy-and-hold",
    "fixed-mix",
]


@pytest.fixture(scope="module")
def made_studies(made_data):
    """Return both flagships over the made-up files."""
    return {
        name: run_study(load_config(CONFIGS / f"{name}.toml"), data_dir=made_data / "market", offline=True)
        for name in FLAGSHIPS
    }


def fills_of(study):
    return {result.name: result.backtest.fills for result in study.results}


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_on_real_prices_every_strategy_trades_as_in_the_golden_run(name, real_data, golden):
    config = load_config(CONFIGS / f"{name}.toml")
    market = market_of(config, data_dir=real_data / "market", offline=True, progress=Silent()).market
    fills = {}
    for each in strategies_of(config):
        account = simulate(
            each.strategy.target_weights(market),
            market,
            config.execution.costs,
            config.execution.rebalance,
            engine="ledger",
            cash=config.execution.cash,
        )
        fills[each.entry.name] = account.fills
    golden.check_fills("real", name, fills)


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_on_made_up_prices_every_strategy_trades_and_measures_as_in_the_golden_run(
    name, made_studies, golden
):
    study = made_studies[name]
    check_study(study)
    golden.check_fills("made", name, fills_of(study))
    golden.check_metrics("made", name, summary(study))


def test_the_made_up_prices_tell_every_strategy_from_every_other(made_studies):
    """A golden run in which a part of the view does nothing would not notice when the part breaks."""
    fills = fills_of(made_studies["k3_view"])
    for one, other in itertools.combinations(NAMES, 2):
        assert orders_of(fills[one]) != orders_of(fills[other]), (one, other)


def test_the_made_up_prices_make_the_window_that_was_asked_for(made_studies):
    whole, note = (made_studies[name].market.bars for name in ("k3_view", "k3_view_2025"))
    assert (whole[0], whole[-1]) == (pd.Timestamp(FIRST), pd.Timestamp(LAST))
    assert (note[0], note[-1]) == (pd.Timestamp("2025-04-01"), pd.Timestamp("2025-09-30"))


@pytest.mark.parametrize("name", ON_THE_SAMPLE)
def test_on_the_sample_every_strategy_trades_and_measures_as_in_the_golden_run(
    name, golden, tmp_path, monkeypatch
):
    """The demo too: offline and with nothing cached, its fallback is the sample."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    study = run_study(load_config(CONFIGS / f"{name}.toml"), offline=True)
    golden.check_fills("sample", name, fills_of(study))
    golden.check_metrics("sample", name, summary(study))


def check_study(study):
    assert study.reconciliation.max_relative_difference < 1e-9
    assert [result.name for result in study.results] == NAMES
    for result in study.results:
        assert len(result.backtest.fills) > 0
        assert 0 <= result.metrics["average_cash_weight"] <= 1


def test_the_notes_own_window_runs_and_reconciles(real_data):
    """QQQ's file ends on 26 September 2025, two sessions before the window does: it is then valued at its last close."""
    config = load_config(CONFIGS / "k3_view_2025.toml")
    study = run_study(config, data_dir=real_data / "market", offline=True)
    check_study(study)
    assert study.market.bars[0] == pd.Timestamp("2025-04-01")
    assert study.market.bars[-1] == pd.Timestamp("2025-09-30")


@pytest.mark.slow
def test_the_whole_history_runs_and_reconciles(real_data):
    study = run_study(load_config(CONFIGS / "k3_view.toml"), data_dir=real_data / "market", offline=True)
    check_study(study)
    assert study.market.bars[0] == pd.Timestamp("2016-01-01")
    assert study.market.bars[-1] >= pd.Timestamp("2025-09-26")


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_a_nested_strategy_of_a_config_rebuilds_from_its_json(name):
    for each in strategies_of(load_config(CONFIGS / f"{name}.toml")):
        written = each.strategy.model_dump(mode="json")
        assert type(each.strategy).from_parameters(written) == each.strategy
    made = {each.entry.name: each.strategy for each in strategies_of(load_config(CONFIGS / f"{name}.toml"))}
    assert made["k3-take-profit"].base == made["k3"]
    assert isinstance(made["k3"], K3View)


def test_the_strict_catalogue_is_one_setting_away(made_data):
    config = load_config(CONFIGS / "k3_view_2025.toml", ["market.events_strict=true"])
    strict = market_of(config, data_dir=made_data / "market", offline=True, progress=Silent()).market
    assert len(strict.events) == 450
