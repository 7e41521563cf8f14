"""`raisecash validate`: verdicts, exit codes, and the files that machines and reviewers read."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATE = '[[gate]]\nstrategy = "rally"\nmetric = "max_drawdown"\nat_least = -0.9\n'


def with_gates(folder: Path, *gates: str) -> Path:
    """Return the small study with other gates: `strategy metric rule bound` each."""
    config = folder / "study.toml"
    written = []
    for gate in gates:
        strategy, metric, rule, bound = gate.split(maxsplit=3)
        written.append(f'[[gate]]\nstrategy = "{strategy}"\nmetric = "{metric}"\n{rule} = {bound}\n')
    config.write_text(config.read_text(encoding="utf-8").replace(GATE, "\n".join(written)), encoding="utf-8")
    return config


def test_gates_that_hold_are_exit_code_0(folder, raisecash):
    said = raisecash("validate", folder / "study.toml")

    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "1 gate passed"


def test_a_gate_that_does_not_hold_is_exit_code_1_and_says_value_and_bound(folder, raisecash):
    config = with_gates(folder, "rally total_return at_least 10.0", "rally max_drawdown at_least -0.9")

    said = raisecash("validate", config)

    assert said.code == 1
    assert "FAILED" in said.out
    assert "total_return of rally" in said.out
    assert "at least 10" in said.out
    assert said.out.splitlines()[-1] == "1 of 2 gates failed"


def test_an_undefined_metric_never_passes_and_says_why(folder, raisecash):
    config = with_gates(folder, "rally sharpe at_least -100.0")

    said = raisecash(
        "validate", config, "--set", "strategy.rally.use=Cash", "--set", "strategy.rally.params={}"
    )

    assert said.code == 1
    assert "undefined (the returns above the cash yield do not vary)" in said.out


@pytest.mark.parametrize(("plus", "code"), [(-0.01, 0), (0.0, 0), (0.01, 1)])
def test_a_benchmarks_metric_plus_a_margin_is_a_bound(folder, raisecash, plus, code):
    """The strategy does what the benchmark does, so the margin alone decides."""
    config = with_gates(folder, f'rally total_return at_least {{ benchmark = "hold", plus = {plus} }}')

    said = raisecash(
        *("validate", config, "--set", "strategy.rally.use=BuyAndHold"),
        *("--set", "strategy.rally.params={ weights = { BTC = 0.5, SPY = 0.5 } }"),
    )

    assert said.code == code, said.out + said.err


def test_a_config_without_gates_is_exit_code_2(folder, raisecash):
    said = raisecash("validate", with_gates(folder))

    assert said.code == 2
    assert "no gates" in said.err
    assert "[[gate]]" in said.err


def test_junit_and_markdown_hold_every_verdict(folder, raisecash):
    config = with_gates(folder, "rally total_return at_least 10.0", "rally max_drawdown at_least -0.9")

    said = raisecash("validate", config, "--junit", folder / "gates.xml", "--summary", folder / "gates.md")

    assert said.code == 1
    suite = ET.parse(folder / "gates.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["rally: total_return at_least 10"]
    text = (folder / "gates.md").read_text(encoding="utf-8")
    assert "1 of 2 gates failed" in text
    assert "total_return" in text


def test_a_finished_run_is_judged_without_running_again(folder, raisecash, monkeypatch):
    config = with_gates(folder, "rally max_drawdown at_least -0.9", "rally total_return at_least 10.0")
    raisecash("run", config, "--out", folder / "out", "--no-tear-sheets")
    fresh = raisecash("validate", config, "--json")
    (folder / "btc.csv").unlink()

    said = raisecash("validate", config, "--run", folder / "out", "--json")

    assert said.code == fresh.code == 1
    assert json.loads(said.out) == json.loads(fresh.out)
    assert said.err == ""


def test_json_is_one_document_with_every_verdict(folder, raisecash):
    said = raisecash("validate", folder / "study.toml", "--json")

    document = json.loads(said.out)
    assert (document["name"], document["passed"]) == ("small", True)
    (gate,) = document["gates"]
    assert set(gate) == {"strategy", "metric", "rule", "bound", "value", "passed", "message"}
    assert (gate["rule"], gate["bound"]) == ("at_least", -0.9)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no summary.json"),
        ("{", "summary.json cannot be read"),
        ('{"results": []}', "not the summary"),
        ('{"schema": 2}', "has schema 2, and this version reads 1"),
        ("[]", "not the summary"),
    ],
)
def test_a_run_that_cannot_be_judged_is_exit_code_2(folder, raisecash, content, says):
    (folder / "out").mkdir()
    if content is not None:
        (folder / "out" / "summary.json").write_text(content, encoding="utf-8")

    said = raisecash("validate", folder / "study.toml", "--run", folder / "out")

    assert said.code == 2
    assert says in said.err


def test_a_run_of_another_config_cannot_be_judged(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace('"rally"', '"rallies"'), encoding="utf-8")

    said = raisecash("validate", folder / "study.toml", "--run", folder / "out")

    assert said.code == 2
    assert "no result 'rallies'" in said.err


def test_a_finished_run_still_says_why_a_metric_is_undefined(folder, raisecash):
    config = with_gates(folder, "rally sharpe at_least -100.0")
    cash = ("--set", "strategy.rally.use=Cash", "--set", "strategy.rally.params={}")
    raisecash("run", config, "--out", folder / "out", "--no-tear-sheets", *cash)

    said = raisecash("validate", config, "--run", folder / "out")

    assert said.code == 1
    assert "undefined (the returns above the cash yield do not vary)" in said.out


def test_any_report_on_verdicts_is_written_by_name(folder, raisecash):
    said = raisecash("validate", folder / "study.toml", "--report", f"junit={folder / 'gates.xml'}")

    assert said.code == 0, said.err
    assert ET.parse(folder / "gates.xml").getroot().get("tests") == "1"


@pytest.mark.parametrize(
    ("report", "says"),
    [("junit", "NAME=FILE"), ("junti=x.xml", "did you mean 'junit'?"), ("junit=no/x.xml", "--report")],
)
def test_a_report_on_verdicts_that_cannot_be_written_is_said_before_the_run(folder, raisecash, report, says):
    said = raisecash("validate", folder / "study.toml", "--report", report)

    assert said.code == 2
    assert says in said.err
    assert "rows" not in said.err


def test_a_verdict_that_cannot_be_written_is_said_before_the_run(folder, raisecash):
    said = raisecash("validate", folder / "study.toml", "--junit", folder / "no" / "gates.xml")

    assert said.code == 2
    assert "--junit" in said.err
    assert "rows" not in said.err


def test_the_shipped_gates_hold_over_the_sample(raisecash):
    said = raisecash("validate", ROOT / "configs" / "ci.toml", "--offline")

    assert said.code == 0, said.out + said.err
