"""A new kind of gate is a class with `key`, `judge` and, where it names things, `problems`."""

from __future__ import annotations

import json
from typing import Annotated, ClassVar
from xml.etree import ElementTree as ET

import pytest
from pydantic import Field

from raisecash.config import model
from raisecash.gates.findings import FindingsGate
from raisecash.gates.gate import Gate
from raisecash.gates.metric import MetricGate
from raisecash.gates.verdict import Verdict
from raisecash.sections import OneOf
from tests.gates.test_gates_on_findings import with_gate


class Agreement(Gate):
    """How many results a run must hold: a kind made for this test."""

    key: ClassVar[str] = "results"
    results: int = Field(ge=1)
    role: str = "any"

    def problems(self, names):
        if self.role not in ("any", "strategy"):
            yield f"no role {self.role!r}"

    def judge(self, evidence):
        count = len(evidence.results)
        return Verdict(
            strategy="run",
            metric="results",
            rule="at_least",
            bound=float(self.results),
            value=float(count),
            passed=count >= self.results,
            message=f"the run holds {count} results and must hold at least {self.results}",
        )


@pytest.fixture
def third_kind(monkeypatch):
    """Add the kind where a new one is added: to the list."""

    class Config(model.Config):
        gates: Annotated[
            tuple[Annotated[Gate, OneOf(MetricGate, FindingsGate, Agreement)], ...],
            Field(alias="gate", strict=False),
        ] = ()

    monkeypatch.setattr(model, "Config", Config)


@pytest.mark.usefixtures("third_kind")
@pytest.mark.parametrize(("results", "code"), [(2, 0), (3, 1)])
def test_a_new_kind_is_read_judged_and_written_like_any_other(folder, raisecash, results, code):
    config = with_gate(folder, f'results = {results}\n\n[[gate]]\nfindings = {{ at_most = "warning" }}')
    said = raisecash("validate", config, "--json", "--junit", folder / "gates.xml")
    assert said.code == code, said.err
    gates = json.loads(said.out)["gates"]
    assert [(gate["strategy"], gate["value"], gate["passed"]) for gate in gates] == [
        ("run", 2.0, code == 0),
        ("data", 0.0, True),
    ]
    cases = ET.parse(folder / "gates.xml").getroot().iter("testcase")
    assert next(case.get("name") for case in cases) == f"run: results at_least {results}"


@pytest.mark.usefixtures("third_kind")
@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("results = 0", "gate.number 1.results must be greater than or equal to 1, got 0"),
        ("results = 1\nrolle = 2", "no key 'rolle' in [[gate]] number 1; did you mean 'role'?"),
        ('results = 1\nrole = "friend"', "[[gate]] number 1: no role 'friend'"),
        ("", "[[gate]] number 1: needs the key 'metric' (or 'findings' or 'results')"),
    ],
)
def test_a_new_kind_s_mistakes_are_explained_like_any_other_s(folder, raisecash, gate, said):
    found = raisecash("validate", with_gate(folder, gate))
    assert found.code == 2
    assert said in found.err
