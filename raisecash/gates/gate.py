"""What a gate is: a rule that a study must keep, which judges what a run found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from raisecash.gates.evidence import Evidence
from raisecash.gates.verdict import Verdict
from raisecash.sections import TaggedSection


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a config has that a gate may name."""

    strategies: Sequence[str]
    benchmarks: Sequence[str]
    series: Sequence[str]


class Gate(TaggedSection, ABC):
    """One kind of `[[gate]]`: its keys are its fields, and `key` is the one that no other kind has."""

    def problems(self, names: Names) -> Iterator[str]:
        """Yield what the gate names and the config does not have, a sentence each."""
        yield from ()

    @abstractmethod
    def judge(self, evidence: Evidence) -> Verdict:
        """Return the verdict; what is undefined never passes."""


def verdicts_on(gates: Iterable[Gate], evidence: Evidence) -> tuple[Verdict, ...]:
    """Return the verdict on each gate, in order.

    Parameters
    ----------
    gates : iterable of Gate
    evidence : Evidence
        Every result that a gate names must be in it.
    """
    return tuple(gate.judge(evidence) for gate in gates)
