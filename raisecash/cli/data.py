"""`raisecash data`: fetch a config's series into the cache, list it, look into one series, clear it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.data_output import (
    fetched_document,
    fetched_text,
    inspected_document,
    inspected_text,
    listed_document,
    listed_text,
    size_text,
)
from raisecash.cli.output import progress_on_stderr

if TYPE_CHECKING:
    from raisecash.config.model import Config
    from raisecash.data.request import Request

app = typer.Typer(
    name="data",
    help="Fetch series into the cache, list what it holds, look into one, clear it.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command(no_args_is_help=True)
def fetch(
    config: options.Config,
    refresh: options.Refresh = False,
    set_: options.Set = None,
    json: options.Json = False,
) -> None:
    """Download every live series of a config into the cache.

    Exit code 1 when a vendor's answer was refused because rows would be lost, 2 when there was none;
    the other series are fetched all the same.

    Example: raisecash data fetch configs/rally_then_raise_cash.toml --refresh
    """
    from raisecash.config.model import load_config
    from raisecash.data.fetching import fetch_series
    from raisecash.data.reading import Sources

    read = load_config(config, set_ or ())
    sources = Sources(read.market.assets, read.market.signals, read.execution.cash_yield)
    with progress_on_stderr() as progress:

        def told(text: str, number: int, total: int) -> None:
            progress.say(text)
            progress.step("series", number, total)

        done = fetch_series(sources, _request(read, refresh=refresh), told)
        progress.step("series", len(done), len(done))
    for each in done:
        if each.problem:
            typer.echo(f"error: {each.problem}", err=True)
    if json:
        _print_json({"name": read.name, "series": [fetched_document(each) for each in done]})
    else:
        typer.echo(fetched_text(done))
    code = max((each.exit_code for each in done), default=0)
    if code:
        raise typer.Exit(code)


@app.command(name="list")
def list_(json: options.Json = False) -> None:
    """List what is in the cache: series, vendor, rows, days, when fetched, hash, size, versions.

    Example: raisecash data list
    """
    from raisecash.data.cache.listing import list_cache
    from raisecash.files import cache_folder

    every = list_cache()
    if json:
        _print_json({"folder": str(cache_folder()), "series": [listed_document(each) for each in every]})
        return
    if not every:
        typer.echo(f"nothing is cached in {cache_folder()}")
        return
    typer.echo(listed_text(every, cache_folder()))


@app.command(no_args_is_help=True)
def inspect(
    series: Annotated[
        str,
        typer.Argument(
            metavar="FEED-OR-FILE",
            help="A file, sample:BTC, a feed's word such as yfinance:SPY, or a name that `data list` shows.",
            show_default=False,
        ),
    ],
    column: Annotated[
        str | None, typer.Option("--column", metavar="NAME", help="The one column of a file to take.")
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option(
            "--calendar", metavar="CODE", help="Whose sessions it has: XNYS, XTKS, 24/7 or another."
        ),
    ] = None,
    signal: Annotated[
        bool, typer.Option("--signal", help="Read it as values to look at, which may be zero or negative.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Look into one series of this computer: rows, days, calendar, and what the data checks find.

    Nothing is fetched. Findings do not change the exit code.

    Example: raisecash data inspect sample:BTC
    """
    from raisecash.data.inspecting import inspect_series

    given = {"column": column, "calendar": calendar}
    history, listed = inspect_series(
        series, signal=signal, options={key: value for key, value in given.items() if value is not None}
    )
    if json:
        _print_json(inspected_document(history, listed))
    else:
        typer.echo(inspected_text(history, listed))


@app.command()
def clear(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One series, as `data list` names it.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: options.Json = False,
) -> None:
    """Remove everything from the cache, or one series, with all its versions.

    Example: raisecash data clear yfinance:SPY
    """
    from raisecash.data.cache.listing import cached, list_cache, remove
    from raisecash.errors import InputError
    from raisecash.files import cache_folder

    chosen = list_cache() if name is None else (cached(name),)
    size = sum(each.bytes for each in chosen)
    what = f"{chosen[0].name}" if name is not None else f"{len(chosen)} series"
    if chosen and not yes:
        if json or not sys.stdin.isatty():
            raise InputError(
                f"data clear: would remove {what}, {size_text(size)}; say --yes where nobody can be asked"
            )
        if not typer.confirm(f"Remove {what}, {size_text(size)}, from {cache_folder()}?", err=True):
            typer.echo("nothing was removed")
            return
    for each in chosen:
        remove(each)
    if json:
        _print_json({"removed": [each.name for each in chosen], "bytes": size})
    elif chosen:
        typer.echo(f"removed {what}, {size_text(size)}")
    else:
        typer.echo(f"nothing is cached in {cache_folder()}")


def _request(config: Config, *, refresh: bool) -> Request:
    """Return the request a run of the config would make."""
    import pandas as pd

    from raisecash.data.request import Request

    start, end = config.market.start, config.market.end
    return Request(
        start=None if start is None else pd.Timestamp(start),
        end=None if end is None else pd.Timestamp(end),
        refresh=refresh,
    )


def _print_json(document: Any) -> None:
    from raisecash.runs.summary import to_json

    typer.echo(to_json(document), nl=False)
