"""Tear sheets: one self-contained HTML page a strategy, quantstats' figures and layout over our own numbers."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from raisecash.pages.rendering import render
from raisecash.workers import in_processes
from reports.tear_sheet import tables
from reports.tear_sheet.data import Sheet, sheet_of
from reports.tear_sheet.figures import pictures

if TYPE_CHECKING:
    from raisecash.study.study import Result, Study

TEMPLATE = Path(__file__).parent / "templates" / "tear_sheet.html"


def tear_sheet(study: Study, result: Result) -> str:
    """Return one result's tear sheet against the study's first benchmark.

    Parameters
    ----------
    study : Study
    result : Result
        One of the study's results.

    Returns
    -------
    str
        An HTML page that needs neither network nor JavaScript; the same bytes for the same study.
        A metric that is not defined is a dash with its reason, a figure that cannot be drawn a
        sentence.

    Raises
    ------
    DataError
        When the result and the benchmark were not measured over the same days.
    """
    return _page(sheet_of(study, result))


def tear_sheets(study: Study, *, jobs: int = 1) -> dict[str, str]:
    """Return the tear sheet of every strategy of a study, by name, in the study's order.

    Parameters
    ----------
    study : Study
    jobs : int
        Processes to draw in; the pages are the same whatever their number. Each further process
        pays about two seconds for importing quantstats.
    """
    sheets = [sheet_of(study, result) for result in study.strategies]
    pages = in_processes(_page, sheets, jobs=jobs)
    return {sheet.account.name: page for sheet, page in zip(sheets, pages, strict=True)}


def _page(sheet: Sheet) -> str:
    """Return a sheet as HTML; takes nothing but the sheet, so that another process can do it."""
    drawn = pictures(sheet)
    return render(
        TEMPLATE,
        sheet=sheet,
        pictures=drawn,
        metric_groups=tables.metric_groups(sheet),
        undefined=tables.undefined(sheet),
        years=tables.year_rows(sheet),
        drawdowns=tables.drawdown_rows(sheet),
        lots=json.dumps(sheet.lots) if sheet.lots else "fractional shares",
        quantstats=version("quantstats"),
    )
