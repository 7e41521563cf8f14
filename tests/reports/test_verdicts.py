"""Verdicts as JUnit XML and as Markdown hold every gate, whatever is in its words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from raisecash.gates.verdict import Verdict
from reports.machine.junit import junit_xml
from reports.machine.markdown import markdown_summary


def verdict(**changes):
    gate = {
        "strategy": "rally",
        "metric": "max_drawdown",
        "rule": "at_least",
        "bound": -0.6,
        "value": -0.41,
        "passed": True,
        "message": "rally: max_drawdown is -0.41, at least -0.6",
    }
    return Verdict(**{**gate, **changes})


def test_a_suite_counts_its_failures_and_says_why():
    bad = verdict(strategy="a<b&c", value=-0.7, passed=False, message='"deep" \x00 <fall>')
    root = ET.fromstring(junit_xml("gates", [verdict(), bad]))
    suite = root.find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("name")) == ("2", "1", "gates")
    good_case, bad_case = suite.findall("testcase")
    assert good_case.find("failure") is None
    assert good_case.get("name") == "rally: max_drawdown at_least -0.6"
    assert bad_case.get("name").startswith("a<b&c: ")
    assert bad_case.find("failure").get("message") == '"deep" \N{REPLACEMENT CHARACTER} <fall>'
    assert "-0.7" in bad_case.find("failure").text


def test_a_suite_carries_no_time_and_is_the_same_twice():
    verdicts = [verdict(), verdict(passed=False, message="no")]
    assert junit_xml("s", verdicts) == junit_xml("s", iter(verdicts))
    assert "time=" not in junit_xml("s", verdicts)
    assert ET.fromstring(junit_xml("s", [])).get("tests") == "0"


def test_markdown_puts_failures_first_and_keeps_the_table_whole():
    failing = verdict(
        strategy="late", value=float("nan"), passed=False, message="undefined | <b>no returns</b>"
    )
    text = markdown_summary("Gates", [verdict(), failing], notes=["Judged on the sample."])
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert "**1 of 2 gates failed.**" in text
    assert "> Judged on the sample." in text
    assert "late" in rows[2]
    assert "rally" in rows[3]
    assert "undefined \\| &lt;b>no returns&lt;/b>" in rows[2]
    assert "**2 gates passed.**" in markdown_summary("Gates", [verdict(), verdict()])
