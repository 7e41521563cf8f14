"""A gate on findings: nothing graver than allowed in what the data checks saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from raisecash.data.history import FINDING_KINDS, Finding
from raisecash.gates.evidence import Evidence
from raisecash.gates.gate import Gate, Names
from raisecash.gates.verdict import Verdict
from raisecash.messages.spelling import suggest
from raisecash.sections import Section

GRAVITY = ("none", "info", "warning", "error")
NAMED = 3  # findings a failed gate's message quotes


class FindingsBound(Section):
    """What the data checks may have found: nothing graver than `at_most`."""

    at_most: Literal["none", "info", "warning"]
    kinds: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] | None = None
    series: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        for kind in self.kinds or ():
            if kind not in FINDING_KINDS:
                raise ValueError(f"no kind of finding {kind!r}; {suggest(kind, FINDING_KINDS)}")
        return self


class FindingsGate(Gate):
    """A bound on how grave the findings may be, with no key beside it."""

    key: ClassVar[str] = "findings"
    findings: FindingsBound

    @model_validator(mode="before")
    @classmethod
    def _stands_alone(cls, table: Any) -> Any:
        others = [key for key in table if key != cls.key] if isinstance(table, dict) else []
        if others:
            raise ValueError(
                f'a gate on findings has no {others[0]}; write findings = {{ at_most = "warning" }} alone'
            )
        return table

    def problems(self, names: Names) -> Iterator[str]:
        """Yield each series that the config does not have."""
        for name in self.findings.series or ():
            if name not in names.series:
                yield f"no series {name!r}; {suggest(name, names.series)}"

    def judge(self, evidence: Evidence) -> Verdict:
        """Return whether no finding is graver than allowed."""
        limit = self.findings.at_most
        graver = [finding for finding in evidence.findings if self._is_too_grave(finding)]
        about = "".join(
            f" {word} {', '.join(names)}"
            for word, names in (("of kind", self.findings.kinds), ("in", self.findings.series))
            if names is not None
        )
        allowed = "there may be none" if limit == "none" else f"may be at most {limit}"
        if graver:
            shown = "; ".join(finding.message for finding in graver[:NAMED])
            more = "; ..." if len(graver) > NAMED else ""
            message = f"findings{about}: {len(graver)} too grave ({allowed}): {shown}{more}"
        else:
            message = f"findings{about}: none too grave ({allowed})"
        return Verdict(
            strategy="data",
            metric="findings" + (f" above {limit}" if limit != "none" else "") + about,
            rule="at_most",
            bound=0.0,
            value=float(len(graver)),
            passed=not graver,
            message=message,
        )

    def _is_too_grave(self, finding: Finding) -> bool:
        """Return whether a finding counts and is graver than allowed."""
        bound = self.findings
        return (
            GRAVITY.index(finding.severity) > GRAVITY.index(bound.at_most)
            and (bound.kinds is None or finding.kind in bound.kinds)
            and (bound.series is None or finding.series in bound.series)
        )
