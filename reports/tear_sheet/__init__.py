"""Tear sheets: one strategy in detail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from raisecash.files import write_text
from raisecash.pages.report import Page, ReportContext, StudyReport

if TYPE_CHECKING:
    from raisecash.study.study import Study

FOLDER = "tear_sheets"


class TearSheets(StudyReport):
    """One page a strategy, against the first benchmark; the slowest report by far."""

    name = "tear_sheet"
    files = (FOLDER,)
    heavy_imports = ("quantstats._plotting.core",)

    def pages(self, study: Study) -> Sequence[Page]:
        """Return a page a strategy."""
        return [
            Page(path=f"{FOLDER}/{result.name}.html", title="Tear sheet", result=result.name)
            for result in study.strategies
        ]

    def write(self, study: Study, folder: Path, context: ReportContext) -> None:
        """Write `tear_sheets/<name>.html`."""
        from reports.tear_sheet.sheet import tear_sheets

        context.progress.say(f"drawing {len(study.strategies)} tear sheets")
        (folder / FOLDER).mkdir()
        for name, page in tear_sheets(study, jobs=context.jobs).items():
            write_text(folder / FOLDER / f"{name}.html", page)
