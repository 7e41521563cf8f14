"""A gate on a metric: one of a strategy's against a number, or against a benchmark's own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Discriminator, Tag, model_validator

from raisecash.gates.evidence import Evidence
from raisecash.gates.gate import Gate, Names
from raisecash.gates.verdict import Rule, Verdict
from raisecash.messages.spelling import suggest
from raisecash.metrics.table import METRICS
from raisecash.sections import PLAIN, TABLE, Section, either


class Relative(Section):
    """A bound taken from a benchmark's own metric, plus a margin."""

    benchmark: str
    plus: float = 0.0


Bound = Annotated[Annotated[float, Tag(PLAIN)] | Annotated[Relative, Tag(TABLE)], Discriminator(either)]


class MetricGate(Gate):
    """A bound on one metric of one strategy."""

    key: ClassVar[str] = "metric"
    strategy: str
    metric: str
    at_least: Bound | None = None
    at_most: Bound | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.metric not in METRICS:
            raise ValueError(f"no metric {self.metric!r}; {suggest(self.metric, METRICS)}")
        if (self.at_least is None) == (self.at_most is None):
            given = "neither" if self.at_least is None else "both"
            raise ValueError(f"needs exactly one of at_least and at_most, got {given}")
        return self

    def problems(self, names: Names) -> Iterator[str]:
        """Yield a strategy or a benchmark that the config does not have."""
        if self.strategy not in names.strategies:
            yield f"no strategy {self.strategy!r}; {suggest(self.strategy, names.strategies)}"
        for bound in (self.at_least, self.at_most):
            if isinstance(bound, Relative) and bound.benchmark not in names.benchmarks:
                yield f"no benchmark {bound.benchmark!r}; {suggest(bound.benchmark, names.benchmarks)}"

    def judge(self, evidence: Evidence) -> Verdict:
        """Return whether the metric keeps the bound."""
        rule: Rule = "at_most" if self.at_least is None else "at_least"
        value, why = evidence.value(self.strategy, self.metric)
        bound, said = self._bound(evidence)
        about = f"{self.metric} of {self.strategy}"
        words = rule.replace("_", " ")
        if value is None:
            passed, message = False, f"{about} is undefined ({why}) and must be {words} {said}"
        elif math.isnan(bound):
            passed = False
            message = f"{about} is {value:.6g} and cannot be judged: the bound, {said}, is undefined"
        else:
            passed = value >= bound if rule == "at_least" else value <= bound
            message = f"{about} is {value:.6g}, {'and' if passed else 'but'} must be {words} {said}"
        return Verdict(
            strategy=self.strategy,
            metric=self.metric,
            rule=rule,
            bound=bound,
            value=value,
            passed=passed,
            message=message,
        )

    def _bound(self, evidence: Evidence) -> tuple[float, str]:
        """Return the bound as a number, NaN when undefined, and in words."""
        limit = self.at_most if self.at_least is None else self.at_least
        if not isinstance(limit, Relative):
            number = math.nan if limit is None else limit  # a checked gate always has one
            return number, f"{number:.6g}"
        value, why = evidence.value(limit.benchmark, self.metric)
        margin = f" {'+' if limit.plus >= 0 else '-'} {abs(limit.plus):.6g}" if limit.plus else ""
        whose = f"{self.metric} of {limit.benchmark}"
        if value is None:
            return math.nan, f"{whose}{margin} ({why})"
        return value + limit.plus, f"{value + limit.plus:.6g} ({whose}, {value:.6g}{margin})"
