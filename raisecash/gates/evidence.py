"""`Evidence`: what gates judge, taken from a study or from a finished run alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from raisecash.data.history import Finding


class Measured(Protocol):
    """One result: its name, its metrics (None or NaN where undefined), and why each is undefined."""

    @property
    def name(self) -> str: ...
    @property
    def metrics(self) -> Mapping[str, float | None]: ...
    @property
    def undefined(self) -> Mapping[str, str]: ...


class Judged(Protocol):
    """What holds the evidence: a study that was just run, or the run that was read from its folder."""

    @property
    def results(self) -> Sequence[Measured]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a gate may look at.

    Attributes
    ----------
    results : mapping of str to Measured
        By the name of the strategy or benchmark.
    findings : tuple of Finding
        What the data checks saw.
    """

    results: Mapping[str, Measured]
    findings: tuple[Finding, ...] = ()

    def value(self, result: str, metric: str) -> tuple[float | None, str]:
        """Return a result's metric, None when undefined, and the reason for that, empty otherwise."""
        held = self.results[result]
        value = held.metrics.get(metric)
        if value is None or not math.isfinite(value):
            return None, held.undefined.get(metric, "the run gives no value for it")
        return float(value), ""


def evidence_of(judged: Judged) -> Evidence:
    """Return what a study or a finished run holds for gates to judge."""
    return Evidence(results={result.name: result for result in judged.results}, findings=judged.findings)
