"""`raisecash new`: a project, or a strategy, overlay or feed with its test, or a config, that works at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from raisecash.cli import options


class Skeleton(StrEnum):
    """What can be written."""

    PROJECT = "project"
    STRATEGY = "strategy"
    OVERLAY = "overlay"
    FEED = "feed"
    CONFIG = "config"


def new(
    kind: Annotated[Skeleton, typer.Argument(help="What to write.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write in this folder; default: the project around the current one, for a new project the current one.",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Write something to start from: a project, a strategy, overlay or feed with its test, or a config.

    Example: raisecash new strategy TrendOutsideJuly
    """
    from raisecash.cli import scaffold
    from raisecash.runs.summary import to_json

    write = {
        Skeleton.PROJECT: scaffold.new_project,
        Skeleton.STRATEGY: scaffold.new_strategy,
        Skeleton.OVERLAY: scaffold.new_overlay,
        Skeleton.FEED: scaffold.new_feed,
        Skeleton.CONFIG: scaffold.new_config,
    }
    written = write[kind](name, out=out)
    if json:
        typer.echo(to_json({"written": [path.as_posix() for path in written]}), nl=False)
        return
    for path in written:
        typer.echo(f"wrote {path}")
    config = next(
        (path for path in written if path.suffix == ".toml" and path.parent.name == "configs"), None
    )
    if kind is Skeleton.PROJECT:
        typer.echo(f"next: raisecash run {config}; then pytest in {written[0].parent}")
    elif kind is Skeleton.CONFIG:
        typer.echo(f"next: raisecash run {config}")
    else:
        typer.echo(f"next: pytest {written[1]}")
