"""The list of runs: one page over a folder of runs, newest first, a link to each comparison page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from raisecash.pages.formatting import moment
from raisecash.pages.rendering import render

TEMPLATE = Path(__file__).parent / "templates" / "runs.html"
SUMMARY, PAGE = "summary.json", "index.html"
STRATEGIES_SHOWN = 4
DEPTH = 2  # folder/<name>/<time>-<hash>


@dataclass(frozen=True, kw_only=True)
class Line:
    """One account of a run, as the list shows it."""

    name: str
    role: str
    final_equity: float | None
    cagr: float | None
    max_drawdown: float | None
    sharpe: float | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run's row: where it is, what it covered, and its accounts."""

    path: str
    name: str
    created: datetime
    first_bar: str
    last_bar: str
    lines: tuple[Line, ...]
    left_out: int
    errors: int
    link: str | None

    @property
    def made(self) -> str:
        """When it was made, in UTC."""
        return moment(self.created)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A folder that looks like a run and cannot be read as one."""

    path: str
    reason: str


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
    runs: list[Run] = []
    broken: list[Broken] = []
    for run_folder in _run_folders(folder, DEPTH):
        path = run_folder.relative_to(folder).as_posix()
        try:
            runs.append(_read(run_folder, path))
        except FileNotFoundError:
            broken.append(Broken(path=path, reason=f"no {SUMMARY}"))
        except (OSError, ValueError) as error:
            broken.append(Broken(path=path, reason=f"{SUMMARY} cannot be read: {error}"))
        except (KeyError, TypeError, AttributeError):
            broken.append(Broken(path=path, reason=f"{SUMMARY} is not the summary of a run"))
    runs.sort(key=lambda run: (run.created, run.path), reverse=True)
    return render(TEMPLATE, runs=runs, broken=broken)


def _run_folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the folders that hold a summary, and those at the lowest level that hold anything else."""
    if not folder.is_dir():
        return
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if depth == 1 or any((inner / name).exists() for name in (SUMMARY, PAGE)):
            if any(inner.iterdir()):
                yield inner
        else:
            yield from _run_folders(inner, depth - 1)


def _read(run_folder: Path, path: str) -> Run:
    """Return the run of one folder."""
    document = json.loads((run_folder / SUMMARY).read_text(encoding="utf-8"))
    created = datetime.fromisoformat(document["created"])
    lines = [_line(result) for result in document["results"]]
    strategies = [line for line in lines if line.role == "strategy"]
    benchmarks = [line for line in lines if line.role == "benchmark"]
    return Run(
        path=path,
        name=str(document["name"]),
        created=created if created.tzinfo else created.replace(tzinfo=UTC),
        first_bar=str(document["first_bar"]),
        last_bar=str(document["last_bar"]),
        lines=(*strategies[:STRATEGIES_SHOWN], *benchmarks[:1]),
        left_out=max(len(strategies) - STRATEGIES_SHOWN, 0) + max(len(benchmarks) - 1, 0),
        errors=sum(finding["severity"] == "error" for finding in document.get("findings", ())),
        link=f"{quote(path)}/{PAGE}" if (run_folder / PAGE).is_file() else None,
    )


def _line(result: dict[str, Any]) -> Line:
    """Return one account of a summary."""
    facts: dict[str, float | None] = {
        key: None if (value := result["metrics"].get(key)) is None else float(value)
        for key in ("final_equity", "cagr", "max_drawdown", "sharpe")
    }
    return Line(name=str(result["name"]), role=str(result["role"]), **facts)
