"""docs/contract.md and docs/execution.md say what the code does: names, keys, files, kinds and reasons."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command

from raisecash import Market, errors, simulate
from raisecash.cli.main import app, main
from raisecash.config import model as configs
from raisecash.contract_checks import CHECKS, checks_for
from raisecash.data.calendars import clock as calendar
from raisecash.data.events import KNOWN, REQUIRED
from raisecash.data.history import FINDING_KINDS
from raisecash.data.registry import feed_kinds
from raisecash.engines.account import MONEY, PLAIN_REASONS, REASONS
from raisecash.engines.backtrader import ROUNDING
from raisecash.execution import tolerances
from raisecash.gates.kinds import KINDS
from raisecash.lookahead import run_time as lookahead
from raisecash.metrics.table import METRICS, TABLE
from raisecash.simulation import reconcile
from raisecash.simulation.backtest import FILL_COLUMNS, PER_ASSET, UNFILLED_COLUMNS
from tests.support.documents import ROOT, blocks, first_names, rows, section, text_of

CONTRACT, EXECUTION = "docs/contract.md", "docs/execution.md"
COMMANDS = get_command(app).commands
SHARED_BY_FEEDS = {"missing", "calendar", "cross_check", "lag", "unit"}


def keys_of(model) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A run over one year of the sample, as the command line leaves it."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    window = ["--set", "market.start=2021-01-01", "--set", "market.end=2021-12-31"]
    assert (
        main(
            ["run", str(ROOT / "configs/offline_sample.toml"), "--out", str(out), "--no-tear-sheets", *window]
        )
        == 0
    )
    return out


def test_every_command_has_its_section():
    said = re.findall(r"^### `raisecash (\S+)", text_of(CONTRACT), re.MULTILINE)
    assert sorted(said) == sorted(COMMANDS)
    listed = re.findall(r"`raisecash (\S+?)`? ?[A-Z]*`? \|", section("README.md", "## Commands"))
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_listed(command):
    (heading,) = re.findall(rf"^(### `raisecash {command}\b.*)$", text_of(CONTRACT), re.MULTILINE)
    said = {name.partition(" ")[0] for name in first_names(section(CONTRACT, heading))}
    real = {flag for each in COMMANDS[command].params for flag in each.opts if flag.startswith("--")}
    assert said == real - {"--help"}


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("#### The top level", configs.Config),
        ("#### `[market]`", configs.MarketTable),
        ("#### `[market.fallback]`", configs.Fallback),
        ("#### `[execution]`", configs.Execution),
        ("#### `rebalance`", configs.StrictRebalance),
        ("#### `[[strategy]]` and `[[benchmark]]`", configs.Entry),
    ],
)
def test_every_key_of_a_config_is_listed(heading, model):
    aliases = {"benchmark": "strategy"} if model is configs.Config else {}
    real = keys_of(model) - set(aliases)
    assert set(first_names(section(CONTRACT, heading))) - set(aliases) == real


def test_every_key_of_every_kind_of_gate_is_listed():
    real = set().union(*(keys_of(kind) for kind in KINDS))
    assert set(first_names(section(CONTRACT, "#### `[[gate]]`"))) == real


@pytest.mark.parametrize("page", [CONTRACT, "README.md"])
def test_every_feed_and_its_keys_are_listed(page):
    text = section(CONTRACT, "#### A feed") if page == CONTRACT else section("README.md", "## Feeds")
    said: dict[str, set[str]] = {}
    for row in rows(text):
        for kind in re.findall(r"`(\w+)`", row[0]):
            if kind in feed_kinds():
                said[kind] = set(re.findall(r"`([a-z]+)`", row[-1]))
    assert said.keys() == feed_kinds().keys()
    for kind, feed in feed_kinds().items():
        own = set(feed.model_fields) - SHARED_BY_FEEDS
        assert own <= said[kind], f"{page}: {kind} has {own}"
        assert said[kind] - own <= {"path", "column", "price"}, f"{page}: {kind} has no {said[kind] - own}"


def test_the_example_config_uses_only_what_the_tables_list():
    (example,) = (block for block in blocks("toml") if block.document == CONTRACT)
    said = {
        name
        for heading in re.findall(r"^#### .+$", text_of(CONTRACT), re.MULTILINE)
        for name in first_names(section(CONTRACT, heading))
    }
    for table in ("market", "execution"):
        body = example.text.partition(f"\n[{table}]\n")[2].partition("\n[")[0]
        assert set(re.findall(r"^(\w+) =", body, re.MULTILINE)) <= said


def test_every_column_of_an_events_file_is_named():
    text = section(CONTRACT, "#### `[market]`")
    for column in (*REQUIRED, *KNOWN):
        assert f"`{column}`" in text


def row_of(metric) -> str:
    """Return a metric's row of the page."""
    few = {0: "", 1: "no return"}.get(metric.needs, f"fewer than {metric.needs} returns")
    why = ", or ".join(part for part in (few, metric.undefined) if part)
    return f"| `{metric.name}` | {metric.formula} | {why + ' ' if why else ''}|"


def test_every_metric_is_defined_as_the_table_has_it_in_the_order_of_the_summary():
    said = [line for line in section(CONTRACT, "### Metrics").splitlines() if line.startswith("| `")]
    wanted = [row_of(metric) for metric in TABLE]
    assert said == wanted, "paste these rows:\n" + "\n".join(wanted)
    assert tuple(first_names(section(CONTRACT, "### Metrics"))) == METRICS


def test_every_kind_of_finding_is_listed():
    assert first_names(section(CONTRACT, "### Findings")) == list(FINDING_KINDS)


def test_every_check_of_a_strategy_is_listed_in_its_order():
    assert first_names(section("docs/checks.md", "## The checks")) == [check.name for check in CHECKS]
    plain = [check.name for check in checks_for("plain") if check not in CHECKS]
    assert first_names(section("docs/checks.md", "## Plain backtrader strategies")) == plain


def test_every_reason_of_an_unfilled_order_is_listed():
    assert sorted(first_names(section(EXECUTION, "## Orders not filled in full"))) == sorted(REASONS)


def test_every_reason_of_a_plain_strategy_s_unfilled_order_is_listed():
    listed = first_names(section(EXECUTION, "## A plain backtrader strategy"))
    assert [name for name in listed if name in PLAIN_REASONS] == list(PLAIN_REASONS)


def test_exit_codes_are_those_of_the_errors():
    said = {int(row[0]) for row in rows(section(CONTRACT, "### Exit codes"))}
    assert said == {0, errors.Refusal.exit_code, errors.InputError.exit_code, 130}


@pytest.mark.parametrize(
    ("distance", "weekends", "periods"),
    [
        ("1D", True, 365),
        ("1D", False, 252),
        ("7D", False, 52),
        ("30D", False, 12),
        ("91D", False, 4),
        ("365D", False, 1),
    ],
)
def test_periods_per_year_follow_the_table(distance, weekends, periods):
    bars = pd.date_range("2010-01-04", periods=60, freq=distance)
    bars = bars if weekends or distance != "1D" else bars[bars.day_of_week < 5]
    assert calendar.infer_periods_per_year(bars) == periods
    assert str(periods) in [row[1] for row in rows(section(CONTRACT, "### Periods per year"))]


def test_a_run_leaves_the_files_that_the_page_lists(finished):
    tree = section(CONTRACT, "## What a run leaves")
    said = {line.split()[0] for line in re.search(r"```\n(.*?)```", tree, re.DOTALL)[1].splitlines()}
    said.discard("tear_sheets/<name>.html")
    found = {path.relative_to(finished).as_posix() for path in finished.rglob("*") if path.is_file()}
    assert {re.sub(r"backtests/[^/]+", "backtests/<name>", path) for path in found} == said


def test_a_run_s_tables_have_the_columns_that_the_page_lists(finished):
    text = section(CONTRACT, "## What a run leaves")
    account = finished / "backtests" / "rally"
    assert list(pd.read_parquet(account / "fills.parquet")) == list(FILL_COLUMNS)
    assert list(pd.read_parquet(account / "unfilled.parquet")) == list(UNFILLED_COLUMNS)
    bars = pd.read_parquet(account / "bars.parquet")
    assert list(bars) == [*MONEY, *(f"{kind}.{asset}" for kind in PER_ASSET for asset in ("BTC", "SP500"))]
    assert bars.index.name == "time"
    for name in (*MONEY, *FILL_COLUMNS, *UNFILLED_COLUMNS, *(f"{kind}.NAME" for kind in PER_ASSET)):
        assert f"`{name}`" in text


def test_the_summary_has_the_keys_of_the_example(finished):
    (example,) = (json.loads(block.text) for block in blocks("json") if block.document == CONTRACT)
    real = json.loads((finished / "summary.json").read_text(encoding="utf-8"))
    assert list(real) == list(example)
    assert real["schema"] == example["schema"]
    assert list(real["reconciliation"]) == list(example["reconciliation"])
    assert list(real["results"][0]) == list(example["results"][0])
    assert list(real["results"][0]["metrics"]) == list(METRICS)
    assert [result["role"] for result in real["results"]] == ["strategy"] * 4 + ["benchmark"] * 2
    (finding,) = example["findings"]
    assert set(finding) == {"series", "kind", "severity", "first", "last", "count", "message"}
    assert finding["kind"] in FINDING_KINDS


def test_the_weekend_of_the_page_is_the_one_worked_in_the_tests():
    """The table's last three columns, against the engine and against the numbers of the named test."""
    nan = float("nan")
    bars = pd.date_range("2024-01-04", periods=5)
    prices = pd.DataFrame(
        {"BTC": [10, 10, 10, 10, 20], "SPY": [10, 10, nan, nan, 10]}, index=bars, dtype=float
    )
    targets = pd.DataFrame({"BTC": [0.0, 1.0], "SPY": [0.5, 0.0]}, index=bars[:2])
    got = simulate(targets, Market(open=prices, close=prices), cash=1000, engine="ledger")
    table = [row[-3:] for row in rows(section(EXECUTION, "### A weekend, worked"))]
    said = [[float(cell.replace(",", "")) for cell in row] for row in table]
    real = pd.concat([got.shares, got.cash], axis=1).to_numpy()
    assert said == [pytest.approx(row, abs=1e-9) for row in real]
    assert len(got.unfilled) == 2
    named = re.search(r"`(test_friday\w+)`", text_of(EXECUTION))[1]
    assert f"def {named}(" in (ROOT / "tests/engines/test_simulate_by_hand.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("constant", "page", "sentence"),
    [
        (reconcile.TOLERANCE, "README.md", "part by more than {} of equity"),
        (reconcile.TOLERANCE, EXECUTION, "Above {} the"),
        (lookahead.TOLERANCE, EXECUTION, "changes by more than {} ends the run"),
        (tolerances.WEIGHT_TOLERANCE, EXECUTION, "both within {}"),
        (tolerances.CHANGE_TOLERANCE, EXECUTION, "differs by more than {} from the row submitted last"),
        (tolerances.DUST, EXECUTION, "worth less than {} of the account"),
        (tolerances.LOT_TOLERANCE, EXECUTION, "within {}, relative, below a whole lot"),
        (tolerances.CASH_TOLERANCE, EXECUTION, "more than it by over {}, relative"),
        (ROUNDING, EXECUTION, "credited {} of that cash"),
    ],
)
def test_tolerances_are_those_of_the_code(constant, page, sentence):
    words = " ".join(text_of(page).split())
    mantissa, _, exponent = f"{constant:.0e}".partition("e")
    assert sentence.format(f"{mantissa}e{int(exponent)}") in words


def test_the_number_of_look_ahead_cuts_is_that_of_the_code():
    assert lookahead.CUTS == 12
    assert "at up to twelve bars" in text_of(EXECUTION)
