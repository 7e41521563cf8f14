"""Configs: what the contract's own example means, and how `--set` is read."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from raisecash.config.model import Steps, load_config
from raisecash.errors import ConfigError
from raisecash.gates.metric import Relative

CONTRACT = """\
name = "rally-then-raise-cash"
description = "..."

[market]
start = 2016-01-01
end = 2025-12-31
clock = "union"

[market.assets]
BTC = { feed = "ccxt", exchange = "coinbase", symbol = "BTC/USD" }
SPY = { feed = "yfinance", symbol = "SPY" }
GLD = { feed = "csv", path = "gld.csv", price = "adjusted", missing = "carry" }

[market.signals]
UST10Y = { feed = "csv", path = "DGS10.csv", lag = 1 }

[execution]
cash = 100_000
commission = 0.001
slippage = 0.0005
cash_yield = { feed = "csv", path = "DTB3.csv", unit = "fraction" }
lot = { BTC = 0, SPY = 1 }
engine = "backtrader"
rebalance = { on_change = true, every = "none", drift = 0.0 }

[[strategy]]
name = "rally"
use = "RallyThenRaiseCash"
params = { reserve = 0.8 }

[[benchmark]]
name = "buy-and-hold"
use = "BuyAndHold"
params = { weights = { BTC = 0.5, SPY = 0.5 } }

[sweep.rally]
reserve = [0.5, 0.8, 1.0]
glide_days = { low = 5, high = 15, step = 5 }

[[gate]]
strategy = "rally"
metric = "max_drawdown"
at_least = -0.60

[[gate]]
strategy = "rally"
metric = "volatility"
at_most = { benchmark = "buy-and-hold", plus = 0.0 }
"""


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """Return the contract's example as a file."""
    path = tmp_path / "contract.toml"
    path.write_text(CONTRACT, encoding="utf-8")
    return path


def test_the_contracts_example_means_what_it_says(contract):
    config = load_config(contract)

    assert config.path == contract
    assert (config.market.start, config.market.end) == (dt.date(2016, 1, 1), dt.date(2025, 12, 31))
    assert list(config.market.assets) == ["BTC", "SPY", "GLD"]
    assert config.market.assets["GLD"].path == contract.parent / "gld.csv"
    assert config.market.signals["UST10Y"].known_lag == 1
    assert config.execution.cash == 100_000
    assert config.execution.cash_yield.unit == "fraction"
    assert config.execution.lot == {"BTC": 0.0, "SPY": 1.0}
    assert config.sweep["rally"] == {
        "reserve": (0.5, 0.8, 1.0),
        "glide_days": Steps(low=5.0, high=15.0, step=5.0),
    }
    assert config.gates[0].at_least == -0.60
    assert config.gates[1].at_most == Relative(benchmark="buy-and-hold")


def test_what_is_left_out_has_the_contracts_default(tmp_path):
    path = tmp_path / "least.toml"
    path.write_text(
        '[market.assets]\nBTC = { feed = "sample", series = "BTC" }\n[[strategy]]\nname = "a"\nuse = "Cash"\n',
        encoding="utf-8",
    )
    config = load_config(path)

    assert config.name == "least"
    assert (config.market.start, config.market.end, config.market.clock) == (None, None, "union")
    assert (config.execution.commission, config.execution.slippage, config.execution.lot) == (0.0, 0.0, 0.0)
    assert (config.execution.cash_yield, config.execution.engine) == (0.0, "backtrader")
    assert config.execution.rebalance.model_dump() == {"on_change": True, "every": "none", "drift": 0.0}
    assert config.benchmarks == config.gates == ()


def test_a_config_cannot_be_changed(contract):
    config = load_config(contract)

    with pytest.raises(ValueError, match="frozen"):
        config.execution.commission = 0.5


def test_resolved_is_json_and_the_same_wherever_the_file_lies(contract, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "contract.toml"
    elsewhere.write_text(CONTRACT, encoding="utf-8")

    resolved = load_config(contract).resolved()

    assert json.loads(json.dumps(resolved)) == resolved == load_config(elsewhere).resolved()
    assert resolved["market"]["assets"]["GLD"]["path"] == "gld.csv"
    assert resolved["market"]["start"] == "2016-01-01"
    assert resolved["gate"][1]["at_most"] == {"benchmark": "buy-and-hold", "plus": 0.0}


@pytest.mark.parametrize(
    ("override", "read"),
    [
        ("execution.commission=0.002", lambda config: config.execution.commission == 0.002),
        ("execution.cash_yield = 0.03", lambda config: config.execution.cash_yield == 0.03),
        ("execution.engine=ledger", lambda config: config.execution.engine == "ledger"),
        ("execution.engine='ledger'", lambda config: config.execution.engine == "ledger"),
        ("execution.rebalance.every=month", lambda config: config.execution.rebalance.every == "month"),
        ("execution.lot=1", lambda config: config.execution.lot == 1.0),
        ("market.start=2017-02-03", lambda config: config.market.start == dt.date(2017, 2, 3)),
        ("market.start='2017-02-03'", lambda config: config.market.start == dt.date(2017, 2, 3)),
        ("strategy.rally.params.reserve=0.5", lambda config: config.strategies[0].params == {"reserve": 0.5}),
        (
            "strategy.rally.params.rally_from=05-20",
            lambda config: config.strategies[0].params["rally_from"] == "05-20",
        ),
        (
            "benchmark.buy-and-hold.params.weights={ BTC = 1.0 }",
            lambda config: config.benchmarks[0].params == {"weights": {"BTC": 1.0}},
        ),
        (
            'market.assets."BRK.B"={ feed = "yfinance", symbol = "BRK-B" }',
            lambda config: "BRK.B" in config.market.assets,
        ),
        ("description=a = b", lambda config: config.description == "a = b"),
    ],
)
def test_set_lays_one_value_over_the_file(contract, override, read):
    assert read(load_config(contract, [override]))


def test_the_last_set_of_a_key_wins(contract):
    config = load_config(contract, ["execution.cash=1", "execution.cash=2"])

    assert config.execution.cash == 2


def test_every_problem_is_a_line_that_begins_with_the_file(contract):
    with pytest.raises(ConfigError) as caught:
        load_config(contract, ["execution.cash=-1", "execution.slippage=2"])

    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(str(contract)) for line in lines)
    assert "execution.cash must be greater than 0, got -1" in lines[0]
    assert "execution.slippage must be less than 1, got 2" in lines[1]
