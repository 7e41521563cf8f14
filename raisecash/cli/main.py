"""The command line: what `raisecash` parses, and how its errors become one message and an exit code."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeGuard

import typer

from raisecash.cli import check, data, new, run, signal, strategies, validate

if TYPE_CHECKING:
    from raisecash.errors import RaisecashError

INTERRUPTED = 130

# No rich markup: importing rich would double the time to `--help`. Errors are shown by `main` alone.
app = typer.Typer(
    name="raisecash",
    help="Backtest strategies that encode a dated macro view, every result computed twice.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)


def _needs_an_argument(command: Callable[..., None]) -> bool:
    """Return whether a command can do nothing without an argument: typed alone, it then shows its help."""
    return any(
        each.default is inspect.Parameter.empty for each in inspect.signature(command).parameters.values()
    )


COMMANDS = (run.run, check.check, validate.validate, signal.signal, strategies.strategies, new.new)
for command in COMMANDS:
    app.command(no_args_is_help=_needs_an_argument(command))(command)
app.add_typer(data.app)


def _show_version(value: bool) -> None:
    if value:
        from raisecash.runs.manifest import code_version

        typer.echo(f"raisecash {code_version()}")
        raise typer.Exit


@app.callback(epilog="Exit codes: 0 done; 1 a check said no; 2 the input cannot be used; 130 interrupted.")
def _raisecash(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where in the code an error comes from.")
    ] = False,
) -> None:
    """Backtest strategies that encode a dated macro view, every result computed twice."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows `raisecash`; default: this process's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=given, prog_name="raisecash")
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception as error:
        if not _is_ours(error):
            raise
        code = _explained(error, with_traceback=given[:1] == ["--traceback"])
    else:
        code = 0
    if code == INTERRUPTED:
        typer.echo("interrupted; nothing is half-written", err=True)
    return code


def _is_ours(error: Exception) -> TypeGuard[RaisecashError]:
    """Return whether an error was raised on purpose; imported late, because data_feeds imports pandas."""
    from raisecash.errors import RaisecashError

    return isinstance(error, RaisecashError)


def _explained(error: RaisecashError, *, with_traceback: bool) -> int:
    """Print an error as one message and return its exit code."""
    if with_traceback:
        import traceback

        traceback.print_exception(error)
    typer.echo(f"error: {error}", err=True)
    return error.exit_code
