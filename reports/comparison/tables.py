"""The comparison page's tables: from a study to rows of finished cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from raisecash.metrics.table import Metric, in_page_order
from raisecash.pages.formatting import DASH, in_unit, is_defined, percent

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.data.history import Finding, History
    from raisecash.study.study import Result, Study

UNFILLED_SHOWN = 20
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEVERITIES = ("error", "warning", "info")
STRONG_MONTH = 0.20  # a month this far from 0 gets the full colour
GAIN, LOSS = "0,114,178", "213,94,0"  # blue and orange: told apart without red and green


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number: as it reads, why it is a dash, its exact value, and its background."""

    text: str
    reason: str = ""
    value: str = ""
    shade: str = ""


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
class Column:
    """One heading: what the numbers are and, where two accounts stand side by side, whose."""

    label: str
    side: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A titled table: a heading a column and rows whose first text names the row."""

    title: str
    columns: tuple[Column, ...]
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


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose figures one series is, and which."""

    name: str
    source: str
    first: Any
    last: Any
    rows: int
    lag: int
    sha256: str


def metric_groups(study: Study) -> tuple[MetricGroup, ...]:
    """Return the metrics table: a row a metric, a cell a result, a dash with its reason where undefined."""
    rows = (
        MetricRow(metric=metric, cells=tuple(_metric_cell(metric, result) for result in study.results))
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


def july_table(result: Result, benchmark: Result | None) -> Table:
    """Return one row a year: a strategy's July window beside the first benchmark's, and the mean of full years."""
    sides = [result] if benchmark is None else [result, benchmark]
    kinds = (
        ("rally", "June"),
        ("minefield", "July"),
        ("worst", "Deepest in July"),
        ("cash_weight", "Cash in July"),
    )
    columns = tuple(Column(label, side.name) for _, label in kinds for side in sides)
    rows = []
    for year in result.july.index:
        partial = bool(result.july.loc[year, "partial"])
        cells = tuple(_percent_cell(_at(side.july, year, kind)) for kind, _ in kinds for side in sides)
        rows.append((f"{year}{' (partial)' if partial else ''}", cells))
    full = [side.july[~side.july["partial"].astype(bool)] for side in sides]
    if len(full[0]) > 1:
        means = tuple(_percent_cell(float(frame[kind].mean())) for kind, _ in kinds for frame in full)
        rows.append(("Mean of full years", means))
    return Table(title=result.name, columns=columns, rows=tuple(rows))


def month_table(result: Result) -> Table:
    """Return compounded returns by calendar month, shaded by size, and the year's beside them."""
    rows = []
    for year in result.months.index:
        cells = [
            _percent_cell(result.months.loc[year, month], shaded=True) for month in result.months.columns
        ]
        total = float(result.years.loc[year]) if year in result.years.index else float("nan")
        rows.append((str(year), (*cells, _percent_cell(total))))
    return Table(
        title=result.name, columns=tuple(Column(label) for label in (*MONTHS, "Year")), rows=tuple(rows)
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


def sources(histories: Iterable[History]) -> tuple[Source, ...]:
    """Return whose figures each series is, its first and last bar, and the hash that identifies them."""
    return tuple(
        Source(
            name=history.name,
            source=history.source,
            first=history.frame.index[0] if len(history.frame) else None,
            last=history.frame.index[-1] if len(history.frame) else None,
            rows=len(history.frame),
            lag=history.lag,
            sha256=history.sha256,
        )
        for history in histories
    )


def _metric_cell(metric: Metric, result: Result) -> Cell:
    """Return a metric as it reads, or a dash that says why."""
    value = result.metrics.get(metric.name)
    if value is None or not is_defined(value):
        return Cell(text=DASH, reason=result.undefined.get(metric.name, "not defined for this account"))
    return Cell(text=in_unit(value, metric.unit), value=repr(float(value)))


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


def _first_row(frame: pd.DataFrame) -> dict[str, Any]:
    """Return a frame's first row by column name."""
    return _records(frame.head(1))[0]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as dicts by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
