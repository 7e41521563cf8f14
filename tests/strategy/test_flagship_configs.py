"""The flagship configs on real prices: every strategy decided, reconciled, and its orders pinned."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from raisecash.config import load_config
from raisecash.run import Silent, load, run_study, strategies_of
from raisecash.simulation import simulate
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
        "k3": "50eacc78582c85e0",
        "k3-without-stabilization": "07c1277f520208d6",
        "k3-without-events": "231b439424c14f9d",
        "k3-without-reentry": "50eacc78582c85e0",
        "yield-stabilization": "d2ecf9bc0a8e0f99",
        "goldilocks": "b13046c9aa3895a5",
        "event-glide": "c47b66fcbb69d552",
        "rally": "9ad96f43bf1212f8",
        "k3-take-profit": "ba25f065f071b013",
        "k3-trailing-stop": "72f75544a19df2a0",
        "rally-reentry": "5b90bcfe12fff7f3",
        "buy-and-hold": "456285de27225c15",
        "fixed-mix": "f72039d89490c63e",
    },
    "k3_view": {
        "k3": "6bec46dcbc82a5b6",
        "k3-without-stabilization": "abf5581cb06897f7",
        "k3-without-events": "5f4c43f45e9a2b1e",
        "k3-without-reentry": "d42e5eccb9f42638",
        "yield-stabilization": "efcdadc44f432a91",
        "goldilocks": "6a4cb3edec216be1",
        "event-glide": "945df086ff361e70",
        "rally": "e1be44e748b4fb14",
        "k3-take-profit": "0af472b45ff3e328",
        "k3-trailing-stop": "c7c1e0f41334ef19",
        "rally-reentry": "285bb086ebefa8b7",
        "buy-and-hold": "b834c38dc4fb0917",
        "fixed-mix": "d35fe9c8a3eff127",
    },
}


@pytest.mark.parametrize("name", FLAGSHIPS)
def test_the_orders_of_every_strategy_are_those_of_the_golden_run(name, real_data):
    config = load_config(CONFIGS / f"{name}.toml")
    market = load(config, data_dir=real_data / "market", offline=True, progress=Silent()).market
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
    strict = load(config, data_dir=real_data / "market", offline=True, progress=Silent()).market
    assert len(strict.events) == 450
