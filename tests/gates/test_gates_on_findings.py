"""Gates on what the data checks found: their grammar, their verdicts, on a fresh and on a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from raisecash.config.model import load_config
from raisecash.data.history import Finding
from raisecash.errors import ConfigError
from raisecash.gates.evidence import Evidence
from raisecash.gates.findings import FindingsBound, FindingsGate
from raisecash.gates.verdict import Verdict

GATE = '[[gate]]\nstrategy = "rally"\nmetric = "max_drawdown"\nat_least = -0.9\n'


def finding(severity: str, *, series: str = "BTC", kind: str = "gap") -> Finding:
    return Finding(
        series=series,
        kind=kind,
        severity=severity,
        first=None,
        last=None,
        count=1,
        message=f"{series}: {kind}!",
    )  # type: ignore[arg-type]


def verdict(gate: FindingsGate, *findings: Finding) -> Verdict:
    return gate.judge(Evidence(results={}, findings=findings))


@pytest.mark.parametrize(
    ("at_most", "severities", "value"),
    [
        ("warning", ["info", "warning"], 0),
        ("warning", ["error", "warning", "error"], 2),
        ("info", ["info", "warning"], 1),
        ("none", ["info"], 1),
        ("none", [], 0),
    ],
)
def test_findings_graver_than_allowed_are_counted_and_fail(
    at_most: str, severities: list[str], value: int
) -> None:
    gate = FindingsGate(findings=FindingsBound(at_most=at_most))  # type: ignore[arg-type]
    outcome = verdict(gate, *(finding(severity) for severity in severities))
    assert (outcome.value, outcome.bound, outcome.rule) == (value, 0, "at_most")
    assert outcome.passed == (value == 0)
    assert ("BTC: gap!" in outcome.message) == (value > 0)


def test_a_gate_looks_only_at_the_kinds_and_series_it_names() -> None:
    gate = FindingsGate(findings=FindingsBound(at_most="none", kinds=("shifted",), series=("BTC",)))
    others = [finding("error"), finding("error", series="SPY", kind="shifted")]
    outcome = verdict(gate, *others)
    assert outcome.passed
    assert outcome.metric == "findings of kind shifted in BTC"
    outcome = verdict(gate, *others, finding("info", kind="shifted"))
    assert not outcome.passed


def with_gate(folder: Path, gate: str) -> Path:
    config = folder / "study.toml"
    text = config.read_text(encoding="utf-8")
    assert GATE in text
    config.write_text(text.replace(GATE, f"[[gate]]\n{gate}\n"), encoding="utf-8")
    return config


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ('findings = { at_most = "error" }', "must be 'none', 'info' or 'warning', got 'error'"),
        ('findings = { at_least = "info" }', "no key 'at_least' in [[gate]] number 1.findings"),
        (
            'findings = { at_most = "none", kinds = ["shiftd"] }',
            "no kind of finding 'shiftd'; did you mean 'shifted'?",
        ),
        ('findings = { at_most = "none", series = ["BTX"] }', "no series 'BTX'; did you mean 'BTC'?"),
        ('findings = { at_most = "none" }\nmetric = "cagr"', "a gate on findings has no metric"),
        ('metric = "cagr"\nat_least = 0', "needs the key 'strategy'"),
        ('strategy = "rally"\nat_least = 0', "[[gate]] number 1: needs the key 'metric' (or 'findings'"),
        ('strategy = "rally"\nmetrics = "cagr"', "needs the key 'metric' (or 'findings'"),
        (
            'strategi = "rally"\nmetric = "cagr"\nat_least = 0',
            "no key 'strategi' in [[gate]] number 1; did you mean 'strategy'?",
        ),
    ],
)
def test_a_gate_that_cannot_be_meant_is_an_error(folder: Path, gate: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(with_gate(folder, gate))
    assert said in str(caught.value)


def test_a_file_with_a_hole_fails_validate_on_a_fresh_and_on_a_finished_run(folder, raisecash) -> None:
    lines = (folder / "btc.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "btc.csv").write_text("".join(lines[:20] + lines[22:]), encoding="utf-8")
    config = with_gate(folder, 'findings = { at_most = "info" }')

    fresh = raisecash("validate", config, "--junit", folder / "gates.xml", "--summary", folder / "gates.md")
    assert fresh.code == 1, fresh.err
    assert "2 days without a bar" in fresh.out
    assert "data: findings above info" in (folder / "gates.xml").read_text(encoding="utf-8")
    assert "findings above info" in (folder / "gates.md").read_text(encoding="utf-8")

    out = folder / "out"
    assert raisecash("run", config, "--out", out, "--no-tear-sheets").code == 0
    finished = raisecash("validate", config, "--run", out, "--json")
    assert finished.code == 1
    (gate,) = json.loads(finished.out)["gates"]
    assert (gate["metric"], gate["value"], gate["passed"]) == ("findings above info", 1.0, False)

    config.write_text(
        config.read_text(encoding="utf-8").replace('at_most = "info"', 'at_most = "warning"'),
        encoding="utf-8",
    )
    assert raisecash("validate", config, "--run", out).code == 0


def test_a_second_source_is_in_the_manifest_and_the_resolved_config_without_folders(
    folder, raisecash
) -> None:
    config = folder / "study.toml"
    text = config.read_text(encoding="utf-8")
    plain = 'BTC = { feed = "csv", path = "btc.csv" }'
    twin = 'BTC = { feed = "csv", path = "btc.csv", cross_check = { feed = "csv", path = "spy.csv" } }'
    assert plain in text
    config.write_text(text.replace(plain, twin), encoding="utf-8")
    out = folder / "out"
    assert raisecash("run", config, "--out", out, "--no-tear-sheets").code == 0
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["market"]["assets"]["BTC"]["cross_check"]["path"] == "spy.csv"
    names = [series["name"] for series in manifest["series"]]
    assert names == ["BTC", "SPY", "VIX", "BTC (cross_check)"]
    findings = json.loads((out / "summary.json").read_text(encoding="utf-8"))["findings"]
    assert ("BTC", "differs") in {(finding["series"], finding["kind"]) for finding in findings}
