"""`raisecash validate`: judge a config's gates, on a fresh run or on a finished one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.output import progress_on_stderr, text_table

if TYPE_CHECKING:
    from raisecash.config.model import Config
    from raisecash.gates.verdict import Verdict
    from raisecash.pages.report import VerdictReport
    from raisecash.runs.read import Run
    from raisecash.study.study import Study


def validate(
    config: options.Config,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="Judge this finished run instead of running again."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the verdicts as JUnit XML.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option("--summary", metavar="FILE", help="Write the verdicts as Markdown.")
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            "--report",
            metavar="NAME=FILE",
            help="Write the verdicts with a report; may be given several times.",
        ),
    ] = None,
    data: options.Data = None,
    set_: options.Set = None,
    offline: options.Offline = False,
    json: options.Json = False,
) -> None:
    """Judge the config's gates; exit 0 when all hold, 1 when one does not.

    Example: raisecash validate configs/ci.toml --junit gates.xml
    """
    from raisecash.config.model import load_config
    from raisecash.errors import ConfigError
    from raisecash.files import write_text
    from raisecash.gates.evidence import evidence_of
    from raisecash.gates.gate import verdicts_on

    read = load_config(config, set_ or ())
    if not read.gates:
        raise ConfigError(
            f"{config}: no gates to judge; add a [[gate]] with strategy, metric and at_least or at_most"
        )
    written = _reports(junit, summary, report or [])
    judged: Study | Run
    judged = _finished(read, run) if run is not None else _run_again(read, data, offline=offline)
    verdicts = verdicts_on(read.gates, evidence_of(judged))
    for each, file in written:
        write_text(file, each.text(read.name, verdicts, notes=judged.notes))
    typer.echo(_document(read.name, verdicts) if json else _told(verdicts), nl=not json)
    if not all(verdict.passed for verdict in verdicts):
        raise typer.Exit(1)


def _reports(junit: Path | None, summary: Path | None, named: list[str]) -> list[tuple[VerdictReport, Path]]:
    """Return the reports to write and where, each found and its file possible before the work is done."""
    from raisecash.errors import InputError
    from raisecash.pages.found import verdict_report

    wanted = [("--junit", "junit", junit), ("--summary", "markdown", summary)]
    for text in named:
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise InputError(f"--report {text}: must be NAME=FILE, for example --report junit=gates.xml")
        wanted.append(("--report", name, Path(file)))
    found = []
    for option, name, path in wanted:
        if path is None:
            continue
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise InputError(
                f"{option} {path}: must be a file in a folder that exists; make the folder first"
            )
        found.append((verdict_report(name), path))
    return found


def _run_again(config: Config, data: Path | None, *, offline: bool) -> Study:
    """Return a fresh run."""
    from raisecash.study.run import run_study

    with progress_on_stderr() as progress:
        return run_study(config, data_dir=data, offline=offline, progress=progress)


def _finished(config: Config, folder: Path) -> Run:
    """Return a finished run that holds every result of the config."""
    from raisecash.errors import InputError
    from raisecash.runs.read import read_run

    run = read_run(folder)
    names = {result.name for result in run.results}
    for entry in (*config.strategies, *config.benchmarks):
        if entry.name not in names:
            raise InputError(
                f"--run {folder}: no result {entry.name!r}, which {config.path} has; run the config again"
            )
    return run


def _document(name: str, verdicts: tuple[Verdict, ...]) -> str:
    """Return the verdicts as one JSON document."""
    import math
    from dataclasses import asdict

    from raisecash.runs.summary import to_json

    def plain(verdict: Verdict) -> dict[str, Any]:
        return {**asdict(verdict), "bound": None if math.isnan(verdict.bound) else verdict.bound}

    passed = all(verdict.passed for verdict in verdicts)
    return to_json({"name": name, "passed": passed, "gates": [plain(verdict) for verdict in verdicts]})


def _told(verdicts: tuple[Verdict, ...]) -> str:
    """Return the verdicts as text for a terminal."""
    from raisecash.pages.formatting import counted

    rows = [("passed" if verdict.passed else "FAILED", verdict.message) for verdict in verdicts]
    failed = sum(not verdict.passed for verdict in verdicts)
    gates = counted(len(verdicts), "gate")
    last = f"{failed} of {gates} failed" if failed else f"{gates} passed"
    return f"{text_table(('', ''), rows, left=2).lstrip()}\n{last}"
