"""Arguments and options that several commands share, each with its words of help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A study's TOML file.", show_default=False)]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Look in this folder first, for NAME.csv, .csv.gz or .parquet of every series.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change the config, e.g. strategy.rally.params.reserve=0.5; repeat for more.",
    ),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Never touch the network; live feeds answer from the cache.")
]
Refresh = Annotated[
    bool,
    typer.Option(
        "--refresh", help="Fetch live series whole; where the vendor changed old figures, take the new ones."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
