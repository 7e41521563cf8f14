"""The comparison page: a study's strategies beside its benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from raisecash.files import write_text
from raisecash.pages.report import Page, ReportContext, StudyReport

if TYPE_CHECKING:
    from raisecash.study.study import Study


class Comparison(StudyReport):
    """One page that says what a study's strategies did beside its benchmarks, and links to every other page."""

    name = "comparison"
    files = ("index.html",)

    def pages(self, study: Study) -> Sequence[Page]:
        """Return the one page."""
        return (Page(path="index.html", title="Comparison"),)

    def write(self, study: Study, folder: Path, context: ReportContext) -> None:
        """Write `index.html`."""
        from reports.comparison.page import comparison_page

        page = comparison_page(study, pages=context.pages)
        write_text(folder / "index.html", page)
