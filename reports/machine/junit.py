"""Verdicts for machines and for pull requests: JUnit XML and a Markdown table, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from xml.etree import ElementTree as ET

from raisecash.pages.formatting import counted, is_defined

NOT_XML = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # characters XML 1.0 cannot carry


@dataclass(frozen=True, kw_only=True)
class Case:
    """One verdict: what was asked, whether it held, and in a sentence why not.

    No duration: the same run always writes the same file.
    """

    name: str
    passed: bool
    message: str = ""
    detail: str = ""


class Outcome(Protocol):
    """A judged gate, as `raisecash.gates.judge.GateOutcome` holds it."""

    @property
    def strategy(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def bound(self) -> float: ...
    @property
    def value(self) -> float | None: ...
    @property
    def passed(self) -> bool: ...
    @property
    def message(self) -> str: ...


def case_of(outcome: Outcome) -> Case:
    """Return a judged gate as a case named `rally: max_drawdown at_least -0.6`."""
    return Case(
        name=f"{outcome.strategy}: {outcome.metric} {outcome.rule} {_plain(outcome.bound)}",
        passed=bool(outcome.passed),
        message=outcome.message,
        detail=f"value {_plain(outcome.value)}, {outcome.rule} {_plain(outcome.bound)}",
    )


def junit_xml(suite_name: str, cases: Iterable[Case]) -> str:
    """Return one JUnit test suite, a test case a verdict; a failed one carries its message and detail."""
    listed = tuple(cases)
    failed = sum(not case.passed for case in listed)
    counts = {"tests": str(len(listed)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suites = ET.Element("testsuites", {"name": _xml_text(suite_name), **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _xml_text(suite_name), **counts})
    for case in listed:
        attributes = {"classname": _xml_text(suite_name), "name": _xml_text(case.name)}
        element = ET.SubElement(suite, "testcase", attributes)
        if not case.passed:
            failure = ET.SubElement(
                element, "failure", {"message": _xml_text(case.message), "type": "failure"}
            )
            failure.text = _xml_text(case.detail or case.message)
        elif case.detail:
            ET.SubElement(element, "system-out").text = _xml_text(case.detail)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def markdown_summary(title: str, outcomes: Iterable[Outcome], *, notes: Iterable[str] = ()) -> str:
    """Return judged gates as Markdown for a pull request or a CI step: a sentence, a table, the failures first.

    Parameters
    ----------
    title : str
        What was judged.
    outcomes : iterable of Outcome
        One a gate.
    notes : iterable of str
        Sentences every reader must see, such as which data it was judged on.
    """
    listed = sorted(
        outcomes, key=lambda outcome: bool(outcome.passed)
    )  # stable: the config's order otherwise
    failed = sum(not outcome.passed for outcome in listed)
    verdict = (
        f"{failed} of {counted(len(listed), 'gate')} failed"
        if failed
        else f"{counted(len(listed), 'gate')} passed"
    )
    lines = [f"## {_cell(title)}", "", f"**{verdict}.**", ""]
    for note in notes:
        lines += [f"> {_cell(note)}", ""]
    if listed:
        lines += ["| | strategy | metric | value | must be | |", "| --- | --- | --- | ---: | --- | --- |"]
    for outcome in listed:
        wanted = f"{outcome.rule.replace('_', ' ')} {_plain(outcome.bound)}"
        cells = (
            "passed" if outcome.passed else "**failed**",
            outcome.strategy,
            f"`{outcome.metric}`",
            _plain(outcome.value),
            wanted,
            "" if outcome.passed else outcome.message,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines).rstrip("\n") + "\n"


def _plain(value: float | None) -> str:
    """Return a number for a log: six significant digits, `undefined` without one."""
    return f"{value:.6g}" if value is not None and is_defined(value) else "undefined"


def _cell(text: str) -> str:
    """Return text that neither ends a table cell nor starts HTML."""
    flat = " ".join(str(text).split())
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def _xml_text(text: str) -> str:
    """Return text without the control characters XML cannot carry."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(text))
