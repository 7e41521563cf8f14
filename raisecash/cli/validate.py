"""`raisecash validate`: judge a config's gates, on a fresh run or on a finished one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.output import progress_on_stderr, text_table

if TYPE_CHECKING:
    from raisecash.config.model import Config
    from raisecash.data.history import Finding
    from raisecash.gates.judge import GateOutcome, Measured


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
    data: options.Data = None,
    set_: options.Set = None,
    offline: options.Offline = False,
    json: options.Json = False,
) -> None:
    """Judge the config's gates; exit 0 when all hold, 1 when one does not.

    Example: raisecash validate configs/ci.toml --junit gates.xml
    """
    from raisecash.config.model import load_config
    from raisecash.errors import ConfigError, InputError
    from raisecash.files import write_text
    from raisecash.gates.judge import judge
    from raisecash.pages.found import verdict_report

    read = load_config(config, set_ or ())
    if not read.gates:
        raise ConfigError(
            f"{config}: no gates to judge; add a [[gate]] with strategy, metric and at_least or at_most"
        )
    for option, file in (("--junit", junit), ("--summary", summary)):
        if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise InputError(
                f"{option} {file}: must be a file in a folder that exists; make the folder first"
            )
    measured, findings, notes = (
        _run_again(read, data, offline=offline) if run is None else (*_finished(read, run), ())
    )
    outcomes = judge(read.gates, measured, findings)
    for name, file in (("junit", junit), ("markdown", summary)):
        if file is not None:
            write_text(file, verdict_report(name).text(read.name, outcomes, notes=notes))
    typer.echo(_document(read.name, outcomes) if json else _told(outcomes), nl=not json)
    if not all(outcome.passed for outcome in outcomes):
        raise typer.Exit(1)


def _run_again(
    config: Config, data: Path | None, *, offline: bool
) -> tuple[dict[str, Measured], tuple[Finding, ...], tuple[str, ...]]:
    """Return the metrics of a fresh run, what the data checks found, and what every reader of its verdicts must know."""
    from raisecash.gates.judge import Measured
    from raisecash.study.run import run_study

    with progress_on_stderr() as progress:
        study = run_study(config, data_dir=data, offline=offline, progress=progress)
    found = {
        result.name: Measured(metrics=result.metrics, undefined=result.undefined) for result in study.results
    }
    return found, study.findings, study.notes


def _finished(config: Config, run: Path) -> tuple[dict[str, Measured], tuple[Finding, ...]]:
    """Return the metrics of a finished run, and what the data checks found in it."""
    import json

    from raisecash.data.history import Finding
    from raisecash.errors import InputError
    from raisecash.gates.judge import Measured

    path = run / "summary.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = {
            each["name"]: Measured(metrics=dict(each["metrics"]), undefined={})
            for each in document["results"]
        }
        findings = tuple(Finding(**each) for each in document.get("findings", ()))
    except FileNotFoundError as error:
        raise InputError(f"--run {run}: no summary.json; give the folder of a finished run") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is not the summary of a run ({error!r}); run the config again") from error
    for entry in (*config.strategies, *config.benchmarks):
        if entry.name not in found:
            raise InputError(
                f"{path}: no result {entry.name!r}, which {config.path} has; run the config again"
            )
    return found, findings


def _document(name: str, outcomes: tuple[GateOutcome, ...]) -> str:
    """Return the verdicts as one JSON document."""
    import math
    from dataclasses import asdict

    from raisecash.runs.summary import to_json

    def plain(outcome: GateOutcome) -> dict[str, Any]:
        found = asdict(outcome)
        return {**found, "bound": None if math.isnan(outcome.bound) else outcome.bound}

    passed = all(outcome.passed for outcome in outcomes)
    return to_json({"name": name, "passed": passed, "gates": [plain(outcome) for outcome in outcomes]})


def _told(outcomes: tuple[GateOutcome, ...]) -> str:
    """Return the verdicts as text for a terminal."""
    from raisecash.pages.formatting import counted

    rows = [("passed" if outcome.passed else "FAILED", outcome.message) for outcome in outcomes]
    failed = sum(not outcome.passed for outcome in outcomes)
    gates = counted(len(outcomes), "gate")
    last = f"{failed} of {gates} failed" if failed else f"{gates} passed"
    return f"{text_table(('', ''), rows, left=2).lstrip()}\n{last}"
