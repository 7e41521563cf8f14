"""The list of all runs in a folder."""

from __future__ import annotations

from pathlib import Path

from raisecash.pages.report import RunsReport


class RunsIndex(RunsReport):
    """One page over a folder of runs, newest first, a link to each comparison page."""

    name = "runs"
    file = "index.html"

    def text(self, folder: Path) -> str:
        """Return the page."""
        from reports.runs.index import runs_index

        return runs_index(folder)
