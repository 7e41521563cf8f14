"""Verdicts as JUnit XML: a test suite with a test case a gate, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from raisecash.gates.verdict import Verdict
from reports.machine.words import plain

NOT_XML = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # characters XML 1.0 cannot carry


def junit_xml(suite_name: str, verdicts: Iterable[Verdict]) -> str:
    """Return one JUnit test suite, a test case a verdict; a failed one carries its message and detail.

    No duration: the same verdicts always are the same text.
    """
    listed = tuple(verdicts)
    failed = sum(not verdict.passed for verdict in listed)
    counts = {"tests": str(len(listed)), "failures": str(failed), "errors": "0", "skipped": "0"}
    suites = ET.Element("testsuites", {"name": _xml_text(suite_name), **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _xml_text(suite_name), **counts})
    for verdict in listed:
        name = f"{verdict.strategy}: {verdict.metric} {verdict.rule} {plain(verdict.bound)}"
        detail = f"value {plain(verdict.value)}, {verdict.rule} {plain(verdict.bound)}"
        attributes = {"classname": _xml_text(suite_name), "name": _xml_text(name)}
        case = ET.SubElement(suite, "testcase", attributes)
        if verdict.passed:
            ET.SubElement(case, "system-out").text = _xml_text(detail)
        else:
            failure = {"message": _xml_text(verdict.message), "type": "failure"}
            ET.SubElement(case, "failure", failure).text = _xml_text(detail)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _xml_text(text: str) -> str:
    """Return text without the control characters XML cannot carry."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(text))
