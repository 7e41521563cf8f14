"""Verdicts for machines and for pull requests: JUnit XML and a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from raisecash.pages.report import VerdictReport

if TYPE_CHECKING:
    from raisecash.gates.verdict import Verdict


class JUnit(VerdictReport):
    """JUnit XML, a test case a gate, for a CI to show."""

    name = "junit"

    def text(self, title: str, verdicts: Sequence[Verdict], *, notes: Sequence[str] = ()) -> str:
        """Return the suite; JUnit has no place for notes."""
        from reports.machine.junit import junit_xml

        return junit_xml(title, verdicts)


class Markdown(VerdictReport):
    """A Markdown table for a pull request, the failures first."""

    name = "markdown"

    def text(self, title: str, verdicts: Sequence[Verdict], *, notes: Sequence[str] = ()) -> str:
        """Return the table below its notes."""
        from reports.machine.markdown import markdown_summary

        return markdown_summary(title, verdicts, notes=notes)
