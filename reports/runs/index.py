"""The list of runs: one page over a folder of runs, newest first, a link to each comparison page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from raisecash.pages.formatting import moment
from raisecash.pages.rendering import render
from raisecash.runs.read import Run, RunResult, runs_in

TEMPLATE = Path(__file__).parent / "templates" / "runs.html"
STRATEGIES_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One account of a run, as the list shows it."""

    name: str
    role: str
    final_equity: float | None
    cagr: float | None
    max_drawdown: float | None
    sharpe: float | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run's row: when it was made, what it covered, its accounts, and the link to its page."""

    name: str
    made: str
    first_bar: str
    last_bar: str
    lines: tuple[RunLine, ...]
    left_out: int
    errors: int
    link: str | None


def runs_index(folder: Path) -> str:
    """Return the list of every run below a folder as one HTML page with relative links.

    Parameters
    ----------
    folder : Path
        Holds runs as `<name>/<time>-<hash>/` or directly; hidden folders are left out. The page
        belongs into this folder.

    Returns
    -------
    str
        Newest first. A folder whose summary is missing or unreadable is listed with the reason.
    """
    runs, unreadable = runs_in(folder)
    return render(
        TEMPLATE,
        runs=[_row(run, folder) for run in runs],
        broken=[
            {"path": each.folder.relative_to(folder).as_posix(), "reason": each.reason} for each in unreadable
        ],
    )


def _row(run: Run, folder: Path) -> Row:
    """Return a run as the list shows it."""
    lines = [_line(result) for result in run.results]
    strategies = [line for line in lines if line.role == "strategy"]
    benchmarks = [line for line in lines if line.role == "benchmark"]
    return Row(
        name=run.name,
        made=moment(run.created),
        first_bar=run.first_bar,
        last_bar=run.last_bar,
        lines=(*strategies[:STRATEGIES_SHOWN], *benchmarks[:1]),
        left_out=max(len(strategies) - STRATEGIES_SHOWN, 0) + max(len(benchmarks) - 1, 0),
        errors=sum(finding.severity == "error" for finding in run.findings),
        link=None if run.page is None else quote(run.page.relative_to(folder).as_posix()),
    )


def _line(result: RunResult) -> RunLine:
    """Return one account of a run."""
    metrics: Mapping[str, float | None] = result.metrics
    return RunLine(
        name=result.name,
        role=result.role,
        final_equity=metrics.get("final_equity"),
        cagr=metrics.get("cagr"),
        max_drawdown=metrics.get("max_drawdown"),
        sharpe=metrics.get("sharpe"),
    )
