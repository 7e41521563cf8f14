"""The kinds of gates there are: a new one is a file beside this one and its class in this list."""

from __future__ import annotations

from typing import Annotated

from raisecash.gates.findings import FindingsGate
from raisecash.gates.gate import Gate
from raisecash.gates.metric import MetricGate
from raisecash.sections import OneOf

KINDS: tuple[type[Gate], ...] = (
    MetricGate,
    FindingsGate,
)
AnyGate = Annotated[Gate, OneOf(*KINDS)]
