"""`Verdict`: what became of one gate, in the same words for every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rule = Literal["at_least", "at_most"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A judged gate.

    Attributes
    ----------
    strategy, metric : str
        Whose figure was judged, and which. Of a gate on findings: `data` and `findings`; its value is
        how many are graver than it allows, its bound 0.
    rule : str
        `at_least` or `at_most`.
    bound : float
        What the value was held against, the benchmark's metric already in it; NaN when that is undefined.
    value : float or None
        None when it is undefined: the gate fails.
    passed : bool
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
