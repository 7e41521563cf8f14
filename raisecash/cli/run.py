"""`raisecash run`: run a config, write its pages, print a table and where the page is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from raisecash.cli import options
from raisecash.cli.output import progress_on_stderr, text_table

if TYPE_CHECKING:
    from raisecash.study.study import Study

FEW = 2  # strategies for which starting processes costs more than it saves
ENGINE = "raisecash.engines.backtrader"
COLUMNS = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "max_drawdown",
    "average_cash_weight",
    "final_equity",
)


def run(
    config: options.Config,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where to write; default: reports/output/<name>/<time>-<hash>."
        ),
    ] = None,
    data: options.Data = None,
    set_: options.Set = None,
    offline: options.Offline = False,
    refresh: options.Refresh = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, metavar="N", help="Processes to trade and draw in; default: one a core."
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="REPORT", help="Leave a report out; may be given several times."),
    ] = None,
    no_tear_sheets: Annotated[
        bool, typer.Option("--no-tear-sheets", help="The same as --without tear_sheet, which takes longest.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier run in --out.")] = False,
    json: options.Json = False,
) -> None:
    """Run a config and write its comparison page, tear sheets and figures.

    Example: raisecash run configs/offline_sample.toml --set strategy.rally.params.reserve=0.5
    """
    from raisecash.config.model import load_config
    from raisecash.pages.found import study_reports
    from raisecash.runs.summary import summary, to_json
    from raisecash.runs.write import check_folder_is_free, default_folder, write_study
    from raisecash.study.run import run_study
    from raisecash.workers import cores

    read = load_config(config, set_ or ())
    left_out = [*(without or ()), *(["tear_sheet"] if no_tear_sheets else ())]
    reports = study_reports(without=left_out)  # before the work: a wrong name is cheap to find
    if out is not None:
        check_folder_is_free(out, force=force)
    slow = [module for report in reports for module in report.heavy_imports]
    processes = jobs or (cores() if slow and len(read.strategies) > FEW else 1)
    with progress_on_stderr() as progress:
        study = run_study(
            read,
            data_dir=data,
            offline=offline,
            refresh=refresh,
            jobs=processes,
            imports=[ENGINE, *slow],
            progress=progress,
        )
        folder = write_study(
            study,
            out or default_folder(study),
            force=force,
            without=left_out,
            jobs=processes,
            progress=progress,
        )
    if json:
        document = {**summary(study), "out": str(folder), "page": _page(folder)}
        typer.echo(to_json(document), nl=False)
    else:
        typer.echo(_told(study, folder))


def _told(study: Study, folder: Path) -> str:
    """Return what a run found, as text for a terminal."""
    from raisecash.metrics.table import metric
    from raisecash.pages.formatting import day, in_unit

    shown = [metric(name) for name in COLUMNS]
    rows = [
        (result.name, result.role, *(in_unit(result.metrics[each.name], each.unit) for each in shown))
        for result in study.results
    ]
    header = ("", "", *(each.label for each in shown))
    bars = study.market.bars
    return "\n".join(
        [
            f"{study.name}: {day(bars[0])} to {day(bars[-1])}, {len(bars):,} bars",
            *(f"note: {note}" for note in study.notes),
            *(f"{found.severity}: {found.message}" for found in study.findings if found.severity != "info"),
            "",
            text_table(header, rows, left=2),
            "",
            f"{study.reconciliation.engine} and {study.reconciliation.against} agree to "
            f"{study.reconciliation.max_relative_difference:.1e}",
            f"page: {page}" if (page := _page(folder)) else f"run: {folder}",
        ]
    )


def _page(folder: Path) -> str | None:
    """Return where a run's comparison page is; None where it was left out."""
    page = folder / "index.html"
    return str(page) if page.is_file() else None
