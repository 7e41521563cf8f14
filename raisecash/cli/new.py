"""`raisecash new`: a strategy with its test, or a config, that works at once and is meant to be changed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from raisecash.cli import options


class Kind(StrEnum):
    """What can be written."""

    STRATEGY = "strategy"
    CONFIG = "config"


def new(
    kind: Annotated[Kind, typer.Argument(help="What to write.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write in this folder; default: the project in the current one."
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Write a strategy with its test, or a config, to start from.

    Example: raisecash new strategy TrendOutsideJuly
    """
    from raisecash.cli.scaffold import new_config, new_strategy
    from raisecash.runs.summary import to_json

    written = (new_strategy if kind is Kind.STRATEGY else new_config)(name, out=out)
    if json:
        typer.echo(to_json({"written": [path.as_posix() for path in written]}), nl=False)
        return
    for path in written:
        typer.echo(f"wrote {path}")
    if kind is Kind.STRATEGY:
        typer.echo(f"next: pytest {written[1]}")
    else:
        typer.echo(f"next: raisecash run {written[0]}")
