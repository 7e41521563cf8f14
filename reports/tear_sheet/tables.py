"""A tear sheet's tables: metrics, calendar years and drawdowns, from one strategy and its benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from raisecash.metrics.table import in_page_order
from raisecash.pages.cells import Cell, metric_cell
from raisecash.pages.formatting import DASH, day, days, is_defined, number, percent

if TYPE_CHECKING:
    from reports.tear_sheet.data import Sheet

NOT_RECOVERED = "not recovered"


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One row: its heading, what the heading means, and its cells."""

    label: str
    cells: tuple[Cell, ...]
    meaning: str = ""


def metric_groups(sheet: Sheet) -> tuple[tuple[SheetRow, ...], ...]:
    """Return the metrics in groups: the strategy's, then the benchmark's."""
    sides = [sheet.account] if sheet.benchmark is None else [sheet.account, sheet.benchmark]
    groups = groupby(in_page_order(), lambda metric: metric.group)
    return tuple(
        tuple(
            SheetRow(
                label=metric.label,
                cells=tuple(metric_cell(metric, side.metrics, side.undefined) for side in sides),
                meaning=metric.definition,
            )
            for metric in metrics
        )
        for _, metrics in groups
    )


def undefined(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    """Return the reasons for the strategy's dashes in the metrics table, each after the labels it holds for."""
    labels: dict[str, list[str]] = {}
    for row in (row for group in metric_groups(sheet) for row in group):
        if row.cells[0].reason:
            labels.setdefault(row.cells[0].reason, []).append(row.label)
    return tuple((", ".join(rows), reason) for reason, rows in labels.items())


def year_rows(sheet: Sheet) -> tuple[SheetRow, ...]:
    """Return compounded returns by calendar year: the strategy's, the benchmark's and their difference in points."""
    rows = []
    for year, value in sorted(sheet.account.years.items()):
        cells = [_percent_cell(value)]
        if sheet.benchmark is not None:
            other = sheet.benchmark.years.get(year)
            cells.append(_percent_cell(other))
            known = is_defined(value) and other is not None and is_defined(other)
            cells.append(_points_cell((value - other) if known and other is not None else None))
        rows.append(SheetRow(label=str(year), cells=tuple(cells)))
    return tuple(rows)


def drawdown_rows(sheet: Sheet) -> tuple[SheetRow, ...]:
    """Return the deepest drawdowns: last day at the peak, lowest day, day back at it, depth and calendar days."""
    return tuple(
        SheetRow(
            label=day(fall.peak),
            cells=(
                Cell(text=day(fall.trough)),
                Cell(text=NOT_RECOVERED if fall.recovery is None else day(fall.recovery)),
                _percent_cell(fall.depth),
                Cell(text=days(fall.days)),
            ),
        )
        for fall in sheet.account.drawdowns
    )


def _percent_cell(value: float | None) -> Cell:
    """Return a fraction as percent with two decimals."""
    if value is None or not is_defined(value):
        return Cell(text=DASH, reason="no data")
    return Cell(text=percent(value, digits=2))


def _points_cell(difference: float | None) -> Cell:
    """Return a difference of two fractions in percentage points."""
    return Cell(text=DASH, reason="no data") if difference is None else Cell(text=number(difference * 100))
