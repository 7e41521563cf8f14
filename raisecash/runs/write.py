"""A run's folder: everything a study leaves on disk, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from raisecash.errors import ConfigError, InputError, RaisecashError
from raisecash.files import write_text
from raisecash.messages.blame import phrase_of
from raisecash.pages.found import runs_reports, study_reports
from raisecash.pages.report import RUN_FILES, ReportContext, StudyReport
from raisecash.runs.manifest import manifest
from raisecash.runs.summary import summary, to_json
from raisecash.study.progress import Progress, Silent

if TYPE_CHECKING:
    from raisecash.pages.report import Report
    from raisecash.simulation.backtest import Backtest
    from raisecash.study.study import Study

OUTPUT = Path("reports", "output")  # under the current folder, where a clone's .gitignore expects it
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # the disk's own, which name no file
PANEL = ("open", "high", "low", "close", "volume", "dividends", "signals", "events")


def default_folder(study: Study) -> Path:
    """Return `reports/output/<name>/<UTC time>-<hash>`, the hash that of config and data."""
    said = [study.config, [history.sha256 for history in study.histories]]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]
    first = OUTPUT / study.name / f"{study.created:%Y%m%dT%H%M%SZ}-{digest}"
    again = (first.with_name(f"{first.name}-{number}") for number in count(2))
    return next(folder for folder in chain([first], again) if not folder.exists())


def check_folder_is_free(out: Path, *, force: bool) -> None:
    """Raise InputError when a run cannot be written there; to be asked before the work is done."""
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: must be a folder, and is a file; choose another")
    if out.is_dir() and any(out.iterdir()) and not force:
        raise InputError(
            f"--out {out}: must be new or empty, and is not; choose another, or replace it with --force"
        )
    parent = next(each for each in out.absolute().parents if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"--out {out}: nothing can be written in {parent}; choose another folder")


def write_study(
    study: Study,
    out: Path,
    *,
    force: bool = False,
    without: Collection[str] = (),
    jobs: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Write a study as the folder of the outside contract and return it.

    Parameters
    ----------
    study : Study
    out : Path
        New or empty. It appears when everything in it is written; after an error or an interrupt
        nothing is left.
    force : bool
        Replace an earlier run there. Files in the folder that are no run's stay.
    without : collection of str
        Names of reports to leave out.
    jobs : int
        Processes for a report to work in; the bytes do not depend on it.
    progress : Progress, optional
        Told what is being drawn.

    Raises
    ------
    InputError
        When the folder is not empty and `force` is not set, or cannot be written, or a report to leave
        out does not exist.
    ConfigError
        When two reports write the same file, or one writes what it does not own or fails.
    """
    check_folder_is_free(out, force=force)
    reports = study_reports()
    chosen = study_reports(without=without)
    context = ReportContext(
        pages=tuple(page for report in chosen for page in report.pages(study)),
        jobs=jobs,
        progress=progress or Silent(),
    )
    owned = {*RUN_FILES, *(file for report in reports for file in report.files)}
    with _appearing(out, owned) as folder:
        _write_account(study, folder)
        for report in chosen:
            _write_report(report, study, folder, context)
    if out.resolve().is_relative_to(OUTPUT.resolve()):
        refresh_lists(OUTPUT)
    return out


def refresh_lists(output: Path) -> None:
    """Write every report over a folder of runs."""
    for report in runs_reports():
        with _blaming(report):
            text = report.text(output)
        write_text(output / report.file, text)


def _write_report(report: StudyReport, study: Study, folder: Path, context: ReportContext) -> None:
    """Let a report write its files, and hold it to what it said it owns."""
    before = {each.name for each in folder.iterdir()}
    with _blaming(report):
        report.write(study, folder, context)
    for name in sorted({each.name for each in folder.iterdir()} - before - set(report.files)):
        raise ConfigError(
            f"report {report.name!r} wrote {name}, which is not among its files; add it to `files`"
        )


@contextmanager
def _blaming(report: Report) -> Iterator[None]:
    """Say of an error that nobody raised on purpose which report it was; what the disk says is not the report's."""
    try:
        yield
    except (OSError, RaisecashError):
        raise
    except Exception as error:
        without = f"leave it out with --without {report.name}, or " if isinstance(report, StudyReport) else ""
        raise ConfigError(
            f"report {report.name!r} raised {phrase_of(error)}; {without}see the whole traceback with "
            "`raisecash --traceback ...`"
        ) from error


def _write_account(study: Study, folder: Path) -> None:
    """Write the figures: JSON documents, accounts, and the market the run saw."""
    write_text(folder / "summary.json", to_json(summary(study)))
    write_text(folder / "manifest.json", to_json(manifest(study)))
    for result in study.results:
        place = folder / "backtests" / result.name
        place.mkdir(parents=True)
        backtest: Backtest = result.backtest
        backtest.bars.rename_axis("time").to_parquet(place / "bars.parquet")
        backtest.fills.to_parquet(place / "fills.parquet", index=False)
        backtest.unfilled.to_parquet(place / "unfilled.parquet", index=False)
    place = folder / "market"
    place.mkdir()
    for name in PANEL:
        frame: pd.DataFrame = getattr(study.market, name)
        if name != "events":
            frame = frame.rename_axis("time")
        frame.to_parquet(place / f"{name}.parquet")
    study.market.cash_yield.rename("cash_yield").rename_axis("time").to_frame().to_parquet(
        place / "cash_yield.parquet"
    )


@contextmanager
def _appearing(out: Path, owned: Collection[str]) -> Iterator[Path]:
    """Give a hidden sibling to write in; it becomes `out` in the end, and is gone after any failure."""
    out = out.resolve()
    made = [each for each in out.parents if not each.exists()]
    folder = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        folder.mkdir(parents=True)
        yield folder
        _replace(folder, out, owned)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        for each in made:  # innermost first; one that someone else has used by now stays
            with suppress(OSError):
                each.rmdir()
        if isinstance(error, OSError) and (
            error.errno in FULL or str(error.filename).startswith(str(out.parent))
        ):
            reason = error.strerror or error
            raise InputError(f"--out {out}: cannot be written ({reason}); choose another folder") from error
        raise


def _replace(folder: Path, out: Path, owned: Collection[str]) -> None:
    """Put a finished folder in the place of what is there, keeping what is no run's."""
    if not out.exists():
        folder.rename(out)
        return
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    out.rename(old)
    try:
        folder.rename(out)
    except OSError:
        old.rename(out)
        raise
    for each in old.iterdir():
        if each.name not in owned:
            each.rename(out / each.name)
    shutil.rmtree(old)
