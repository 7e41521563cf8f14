"""What people and machines read: comparison pages, tear sheets, run lists, JSON, JUnit."""

from reports.comparison import comparison_page
from reports.junit import Case, case_of, junit_xml, markdown_summary
from reports.runs_index import runs_index
from reports.summary import summary, to_json
from reports.tear_sheet import tear_sheet, tear_sheets

__all__ = [
    "Case",
    "case_of",
    "comparison_page",
    "junit_xml",
    "markdown_summary",
    "runs_index",
    "summary",
    "tear_sheet",
    "tear_sheets",
    "to_json",
]
