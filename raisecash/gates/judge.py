"""Gates: bounds on strategies' metrics and on what the data checks found, and the verdict on each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from raisecash.config.model import FindingsBound, Gate, Relative
from raisecash.data.history import Finding

GRAVITY = ("none", "info", "warning", "error")
NAMED = 3  # findings a failed gate's message quotes
Rule = Literal["at_least", "at_most"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The metrics of one result as a gate sees them: None where undefined, and why."""

    metrics: Mapping[str, float | None]
    undefined: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class GateOutcome:
    """A judged gate.

    Attributes
    ----------
    strategy, metric : str
        Of a gate on findings: `data` and `findings`; its value is how many are graver than it
        allows, its bound 0.
    bound : float
        What the value was held against, the benchmark's metric already in it; NaN when that is undefined.
    value : float or None
        None when the strategy's metric is undefined: the gate fails.
    message : str
        The verdict in one sentence.
    """

    strategy: str
    metric: str
    rule: Rule
    bound: float
    value: float | None
    passed: bool
    message: str


def judge(
    gates: Iterable[Gate], measured: Mapping[str, Measured], findings: Iterable[Finding] = ()
) -> tuple[GateOutcome, ...]:
    """Return the verdict on each gate, in order; what is undefined never passes.

    Parameters
    ----------
    gates : iterable of Gate
    measured : mapping of str to Measured
        By the name of the strategy or benchmark; every name that a gate uses must be there.
    findings : iterable of Finding
        What the data checks saw.
    """
    seen = tuple(findings)
    return tuple(
        _judge(gate, measured) if gate.findings is None else _judge_findings(gate.findings, seen)
        for gate in gates
    )


def _judge_findings(bound: FindingsBound, findings: tuple[Finding, ...]) -> GateOutcome:
    """Return whether no finding is graver than a gate allows."""
    allowed = GRAVITY.index(bound.at_most)
    graver = [
        finding
        for finding in findings
        if GRAVITY.index(finding.severity) > allowed
        and (bound.kinds is None or finding.kind in bound.kinds)
        and (bound.series is None or finding.series in bound.series)
    ]
    about = "".join(
        f" {word} {', '.join(names)}"
        for word, names in (("of kind", bound.kinds), ("in", bound.series))
        if names is not None
    )
    limit = "there may be none" if bound.at_most == "none" else f"may be at most {bound.at_most}"
    if graver:
        shown = "; ".join(finding.message for finding in graver[:NAMED])
        more = "; ..." if len(graver) > NAMED else ""
        message = f"findings{about}: {len(graver)} too grave ({limit}): {shown}{more}"
    else:
        message = f"findings{about}: none too grave ({limit})"
    return GateOutcome(
        strategy="data",
        metric="findings" + (f" above {bound.at_most}" if bound.at_most != "none" else "") + about,
        rule="at_most",
        bound=0.0,
        value=float(len(graver)),
        passed=not graver,
        message=message,
    )


def _judge(gate: Gate, measured: Mapping[str, Measured]) -> GateOutcome:
    """Return the verdict on one gate on a metric."""
    strategy, metric = gate.strategy or "", gate.metric or ""  # a checked gate has both
    rule: Rule = "at_most" if gate.at_least is None else "at_least"
    limit = gate.at_least if gate.at_most is None else gate.at_most
    value, why = _value(measured[strategy], metric)
    bound, said = _bound(limit, metric, measured)
    about = f"{metric} of {strategy}"
    words = rule.replace("_", " ")
    if value is None:
        passed, message = False, f"{about} is undefined ({why}) and must be {words} {said}"
    elif math.isnan(bound):
        passed, message = (
            False,
            f"{about} is {value:.6g} and cannot be judged: the bound, {said}, is undefined",
        )
    else:
        passed = value >= bound if rule == "at_least" else value <= bound
        message = f"{about} is {value:.6g}, {'and' if passed else 'but'} must be {words} {said}"
    return GateOutcome(
        strategy=strategy,
        metric=metric,
        rule=rule,
        bound=bound,
        value=value,
        passed=passed,
        message=message,
    )


def _bound(
    limit: float | Relative | None, metric: str, measured: Mapping[str, Measured]
) -> tuple[float, str]:
    """Return a bound as a number, NaN when undefined, and in words."""
    if not isinstance(limit, Relative):
        number = math.nan if limit is None else limit  # a checked gate always has one
        return number, f"{number:.6g}"
    value, why = _value(measured[limit.benchmark], metric)
    margin = f" {'+' if limit.plus >= 0 else '-'} {abs(limit.plus):.6g}" if limit.plus else ""
    if value is None:
        return math.nan, f"{metric} of {limit.benchmark}{margin} ({why})"
    return (
        value + limit.plus,
        f"{value + limit.plus:.6g} ({metric} of {limit.benchmark}, {value:.6g}{margin})",
    )


def _value(result: Measured, metric: str) -> tuple[float | None, str]:
    """Return a metric, None when undefined, and the reason for that."""
    value = result.metrics.get(metric)
    if value is None or not math.isfinite(value):
        return None, result.undefined.get(metric, "the run gives no value for it")
    return float(value), ""
