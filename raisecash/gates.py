"""Gates: bounds on strategies' metrics, and the verdict on each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from raisecash.config import Gate, Relative

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


def judge(gates: Iterable[Gate], measured: Mapping[str, Measured]) -> tuple[GateOutcome, ...]:
    """Return the verdict on each gate, in order; what is undefined never passes.

    Parameters
    ----------
    gates : iterable of Gate
    measured : mapping of str to Measured
        By the name of the strategy or benchmark; every name that a gate uses must be there.
    """
    return tuple(_judge(gate, measured) for gate in gates)


def _judge(gate: Gate, measured: Mapping[str, Measured]) -> GateOutcome:
    """Return the verdict on one gate."""
    rule: Rule = "at_most" if gate.at_least is None else "at_least"
    limit = gate.at_least if gate.at_most is None else gate.at_most
    value, why = _value(measured[gate.strategy], gate.metric)
    bound, said = _bound(limit, gate.metric, measured)
    about = f"{gate.metric} of {gate.strategy}"
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
        strategy=gate.strategy,
        metric=gate.metric,
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
