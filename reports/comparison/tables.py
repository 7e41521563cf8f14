"""The comparison page's tables: from a study to rows of finished cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from raisecash.metrics.july import mean_of_full_years
from raisecash.metrics.table import Metric, in_page_order
from raisecash.pages.cells import Cell, metric_cell
from raisecash.pages.formatting import DASH, is_defined, percent

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.data.history import Finding
    from raisecash.study.study import Result, Study

UNFILLED_SHOWN = 20
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEVERITIES = ("error", "warning", "info")
STRONG_MONTH = 0.20  # a month this far from 0 gets the full colour
GAIN, LOSS = "0,114,178", "213,94,0"  # blue and orange: told apart without red and green


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    """One metric across all results, in the study's order."""

    metric: Metric
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class MetricGroup:
    """Metrics under one heading."""

    name: str
    rows: tuple[MetricRow, ...]


@dataclass(frozen=True)
class Heading:
    """One heading: what the numbers are and, where two accounts stand side by side, whose."""

    label: str
    side: str = ""


@dataclass(frozen=True, kw_only=True)
class PageTable:
    """A titled table: a heading a column and rows whose first text names the row."""

    title: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Unfilled:
    """Orders of one result that were not filled in full, the first of them listed."""

    name: str
    count: int
    reasons: tuple[tuple[str, int], ...]
    shown: tuple[dict[str, Any], ...]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.shown)


def metric_groups(study: Study) -> tuple[MetricGroup, ...]:
    """Return the metrics table: a row a metric, a cell a result, a dash with its reason where undefined."""
    rows = (
        MetricRow(
            metric=metric,
            cells=tuple(metric_cell(metric, result.metrics, result.undefined) for result in study.results),
        )
        for metric in in_page_order()
    )
    return tuple(
        MetricGroup(name=name, rows=tuple(members))
        for name, members in groupby(rows, lambda row: row.metric.group)
    )


def undefined_reasons(study: Study) -> tuple[tuple[str, str, str], ...]:
    """Return result, metric and reason of every dash in the metrics table."""
    return tuple(
        (result.name, row.metric.label, cell.reason)
        for group in metric_groups(study)
        for row in group.rows
        for result, cell in zip(study.results, row.cells, strict=True)
        if cell.reason
    )


def july_table(result: Result, benchmark: Result | None) -> PageTable:
    """Return one row a year: a strategy's July window beside the first benchmark's, and the mean of full years."""
    sides = [result] if benchmark is None else [result, benchmark]
    kinds = (
        ("rally", "June"),
        ("minefield", "July"),
        ("worst", "Deepest in July"),
        ("cash_weight", "Cash in July"),
    )
    columns = tuple(Heading(label, side.name) for _, label in kinds for side in sides)
    rows = []
    for year in result.july.index:
        partial = bool(result.july.loc[year, "partial"])
        cells = tuple(_percent_cell(_at(side.july, year, kind)) for kind, _ in kinds for side in sides)
        rows.append((f"{year}{' (partial)' if partial else ''}", cells))
    means = [mean_of_full_years(side.july) for side in sides]
    if means[0] is not None:
        cells = tuple(_percent_cell(_of(mean, kind)) for kind, _ in kinds for mean in means)
        rows.append(("Mean of full years", cells))
    return PageTable(title=result.name, columns=columns, rows=tuple(rows))


def month_table(result: Result) -> PageTable:
    """Return compounded returns by calendar month, shaded by size, and the year's beside them."""
    rows = []
    for year in result.months.index:
        cells = [
            _percent_cell(result.months.loc[year, month], shaded=True) for month in result.months.columns
        ]
        total = float(result.years.loc[year]) if year in result.years.index else float("nan")
        rows.append((str(year), (*cells, _percent_cell(total))))
    return PageTable(
        title=result.name, columns=tuple(Heading(label) for label in (*MONTHS, "Year")), rows=tuple(rows)
    )


def deepest_drawdowns(study: Study) -> tuple[tuple[str, dict[str, Any] | None], ...]:
    """Return each result's deepest drawdown, None for an account that never fell."""
    return tuple(
        (result.name, _first_row(result.drawdowns) if len(result.drawdowns) else None)
        for result in study.results
    )


def unfilled_orders(study: Study) -> tuple[Unfilled, ...]:
    """Return each result's orders that were not filled in full, counted by reason, the first ones listed."""
    found = []
    for result in study.results:
        orders = result.backtest.unfilled
        reasons = orders["reason"].astype(str).value_counts(sort=False)
        ranked = sorted(
            ((str(reason), int(n)) for reason, n in reasons.items()), key=lambda pair: (-pair[1], pair[0])
        )
        shown = tuple(_records(orders.head(UNFILLED_SHOWN)))
        found.append(Unfilled(name=result.name, count=len(orders), reasons=tuple(ranked), shown=shown))
    return tuple(found)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the gravest first, in the order found otherwise."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _percent_cell(value: Any, *, shaded: bool = False) -> Cell:
    """Return a fraction as percent, coloured by sign and size when asked."""
    if not is_defined(value):
        return Cell(text=DASH, reason="no data")
    strength = min(abs(float(value)) / STRONG_MONTH, 1.0) * 0.55
    shade = (
        f"rgba({GAIN if value > 0 else LOSS},{strength:.2f})"
        if shaded and value and strength >= 0.005
        else ""
    )
    return Cell(text=percent(float(value)), value=repr(float(value)), shade=shade)


def _at(frame: pd.DataFrame, year: Any, column: str) -> Any:
    """Return one cell of a frame, None where the year is not there."""
    return frame.loc[year, column] if year in frame.index else None


def _of(mean: dict[str, float] | None, kind: str) -> float | None:
    """Return one mean; None where there is none."""
    return None if mean is None else mean[kind]


def _first_row(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame's first row by column name."""
    return _records(frame.head(1))[0]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as dicts by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
