"""Reading runs back from their folders: one at a time, or every one below a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from raisecash.data.history import Finding
from raisecash.errors import InputError
from raisecash.runs.summary import SCHEMA
from raisecash.simulation.reconcile import Reconciliation

SUMMARY, MANIFEST, PAGE = "summary.json", "manifest.json", "index.html"
DEPTH = 2  # folder/<name>/<time>-<hash>


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One strategy or benchmark of a run, as its folder has it.

    Attributes
    ----------
    params : mapping
        The strategy's parameters, as a config would say them.
    metrics : mapping of str to float or None
        None where undefined.
    undefined : mapping of str to str
        Why each undefined metric is; empty for a run that kept no reasons.
    """

    name: str
    role: Literal["strategy", "benchmark"]
    use: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    undefined: Mapping[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A finished run, as its folder has it.

    Attributes
    ----------
    folder : Path
    created : datetime
        In UTC where the folder says no zone.
    first_bar, last_bar : str
        Dates for daily bars, ISO times for intraday ones.
    reconciliation : Reconciliation
        The worst of all results.
    notes : tuple of str
        Sentences that every reader must see.
    manifest : mapping
        The document of `manifest.json`; empty where there is none.
    """

    folder: Path
    name: str
    created: datetime
    periods_per_year: int
    first_bar: str
    last_bar: str
    bars: int
    reconciliation: Reconciliation
    findings: tuple[Finding, ...]
    results: tuple[RunResult, ...]
    notes: tuple[str, ...]
    manifest: Mapping[str, Any]

    @property
    def page(self) -> Path | None:
        """The comparison page; None where it was left out."""
        page = self.folder / PAGE
        return page if page.is_file() else None

    def account(self, result: str) -> Path:
        """The folder of one result's `bars.parquet`, `fills.parquet` and `unfilled.parquet`."""
        return self.folder / "backtests" / result

    @property
    def market(self) -> Path:
        """The folder of the panel that the run saw, a parquet file a field."""
        return self.folder / "market"


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A folder that looks like a run and cannot be read as one."""

    folder: Path
    reason: str


def read_run(folder: Path) -> Run:
    """Return a finished run.

    Raises
    ------
    InputError
        When the folder holds no run, or its documents cannot be read; names the file and the key.
    """
    try:
        return _read(folder)
    except _NoRunError as error:
        raise InputError(
            f"{folder}: {error}; give the folder of a finished run, or run its config again"
        ) from error


def runs_in(folder: Path) -> tuple[list[Run], list[Unreadable]]:
    """Return every run below a folder, the newest first, and the folders that cannot be read as one.

    Parameters
    ----------
    folder : Path
        Holds runs as `<name>/<time>-<hash>/` or directly; hidden folders are left out.
    """
    runs: list[Run] = []
    unreadable: list[Unreadable] = []
    for each in _folders(folder, DEPTH):
        try:
            runs.append(_read(each))
        except _NoRunError as error:
            unreadable.append(Unreadable(folder=each, reason=str(error)))
    runs.sort(key=lambda run: (run.created, run.folder.as_posix()), reverse=True)
    return runs, unreadable


class _NoRunError(Exception):
    """Why a folder cannot be read as a run."""


class _Document(BaseModel):
    """A part of `summary.json` or `manifest.json`; keys of later versions are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


D = TypeVar("D", bound=_Document)


class _Result(_Document):
    name: str
    role: Literal["strategy", "benchmark"]
    use: str
    params: dict[str, Any]
    metrics: dict[str, float | None]


class _Summary(_Document):
    name: str
    created: datetime
    periods_per_year: int
    first_bar: str
    last_bar: str
    bars: int
    reconciliation: Reconciliation
    findings: tuple[Finding, ...] = ()
    results: tuple[_Result, ...]


class _Manifest(_Document):
    notes: tuple[str, ...] = ()
    undefined: dict[str, dict[str, str]] = {}


def _read(folder: Path) -> Run:
    """Return the run of one folder, raising why it is none."""
    text = _text(folder, SUMMARY)
    if text is None:
        raise _NoRunError(f"no {SUMMARY}")
    found = _parsed(_Summary, text, SUMMARY, "the summary")
    origin = _text(folder, MANIFEST) or "{}"
    kept = _parsed(_Manifest, origin, MANIFEST, "the manifest")
    return Run(
        folder=folder,
        name=found.name,
        created=found.created if found.created.tzinfo else found.created.replace(tzinfo=UTC),
        periods_per_year=found.periods_per_year,
        first_bar=found.first_bar,
        last_bar=found.last_bar,
        bars=found.bars,
        reconciliation=found.reconciliation,
        findings=found.findings,
        results=tuple(
            RunResult(**dict(each), undefined=kept.undefined.get(each.name, {})) for each in found.results
        ),
        notes=kept.notes,
        manifest=json.loads(origin),
    )


def _text(folder: Path, name: str) -> str | None:
    """Return a file of a run as text; None without one."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _NoRunError(f"{name} cannot be read: {error}") from error


def _parsed(kind: type[D], text: str, name: str, what: str) -> D:
    """Return a document as what it must be."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _NoRunError(f"{name} cannot be read: {error}") from error
    schema = document.get("schema", SCHEMA) if isinstance(document, dict) else SCHEMA
    if schema != SCHEMA:
        raise _NoRunError(f"{name} has schema {schema!r}, and this version reads {SCHEMA}")
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise _NoRunError(
            f"{name} is not {what} of a run ({key or 'all of it'}: {problem['msg']})"
        ) from error


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the folders that hold a summary, and those at the lowest level that hold anything else."""
    if not folder.is_dir():
        return
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if depth == 1 or any((inner / name).exists() for name in (SUMMARY, PAGE)):
            if any(inner.iterdir()):
                yield inner
        else:
            yield from _folders(inner, depth - 1)
