"""The flagship configs on real prices: every strategy decided, reconciled, and its orders pinned."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from raisecash.config.model import load_config
from raisecash.simulation.simulate import simulate
from raisecash.study.entries import strategies_of
from raisecash.study.market import market_of
from raisecash.study.progress import Silent
from raisecash.study.run import run_study
from strategies.k3_view import K3View

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
FLAGSHIPS = ("k3_view_2025", "k3_view")


def digest(fills: pd.DataFrame) -> str:
    """Return a hash of orders: time, asset, and shares to six significant figures, sign included.

    Six figures, because the shares are the result of thousands of additions whose last bits may differ between
    processors and library versions, and a change of rule or of data moves far more than the sixth figure.
    """
    lines = [
        f"{fill.time.isoformat()} {fill.asset} {fill.shares:+.5e}"
        for fill in fills.sort_values(["time", "asset"], kind="stable").itertuples()
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


# Orders of each strategy over the real files. A change of a rule, of a default, of the catalogue or of the execution
# changes them, and is reported in CHANGELOG.md under *changed numbers*; nothing else may.
GOLDEN: dict[str, dict[str, str]] = {
    "k3_view_2025": {
        "k3": "073180165019e2bb",
        "k3-without-stabilization": "07c1277f520208d6",
        "k3-without-events": "231b439424c14f9d",
        "k3-without-reentry": "073180165019e2bb",
        "yield-stabilization": "1067ae504bfc1a7c",
        "goldilocks": "fb878855442da2cd",
        "event-glide": "c47b66fcbb69d552",
        "rally": "9ad96f43bf1212f8",
        "k3-take-profit": "b112647ca40a8ef9",
        "k3-trailing-stop": "fe64b79964ee5baf",
        "rally-reentry": "5b90bcfe12fff7f3",
        "buy-and-hold": "456285de27225c15",
        "fixed-mix": "f72039d89490c63e",
    },
    "k3_view": {
        "k3": "505e2f466eda027a",
        "k3-without-stabilization": "abf5581cb06897f7",
        "k3-without-events": "5f4c43f45e9a2b1e",
        "k3-without-reentry": "ff25939eddff9c7c",
        "yield-stabilization": "564688e8f00e88b9",
        "goldilocks": "4100c749437af13c",
        "event-glide": "945df086ff361e70",
        "rally": "e1be44e748b4fb14",
        "k3-take-profit": "ffcfdf2d01e595de",
        "k3-trailing-stop": "fe0ef35e928f6912",
        "rally-reentry": "285bb086ebefa8b7",
        "buy-and-hold": "b834c38dc4fb0917",
        "fixed-mix": "d35fe9c8a3eff127",
    },
}


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_the_orders_of_every_strategy_are_those_of_the_golden_run(name, real_data):
    config = load_config(CONFIGS / f"{name}.toml")
    market = market_of(config, data_dir=real_data / "market", offline=True, progress=Silent()).market
    got = {}
    for each in strategies_of(config):
        account = simulate(
            each.strategy.target_weights(market),
            market,
            config.execution.costs,
            config.execution.rebalance,
            engine="ledger",
            cash=config.execution.cash,
        )
        got[each.entry.name] = digest(account.fills)
    assert got == GOLDEN[name]


def check_study(study):
    assert study.reconciliation.max_relative_difference < 1e-9
    assert [result.name for result in study.results] == [
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


def test_the_strict_catalogue_is_one_setting_away(real_data):
    config = load_config(CONFIGS / "k3_view_2025.toml", ["market.events_strict=true"])
    strict = market_of(config, data_dir=real_data / "market", offline=True, progress=Silent()).market
    assert len(strict.events) == 450
