"""`raisecash signal`: what each strategy holds at the next open and why, with the dated events ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.output import progress_on_stderr, text_table

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.study.outlook import Outlook, Stand


def signal(
    config: options.Config,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="As of the end of this day; default: the last bar's."),
    ] = None,
    data: options.Data = None,
    set_: options.Set = None,
    offline: options.Offline = False,
    json: options.Json = False,
) -> None:
    """Say what each strategy holds at the next open and why, with the dated events ahead.

    Example: raisecash signal configs/offline_sample.toml --on 2021-06-28
    """
    from raisecash.config.model import load_config
    from raisecash.pages.formatting import day
    from raisecash.runs.summary import to_json
    from raisecash.study.outlook import outlook

    read = load_config(config, set_ or ())
    when = None if on is None else _day(on)
    with progress_on_stderr() as progress:
        found = outlook(read, on=when, data_dir=data, offline=offline, progress=progress)
        for note in found.notes:
            progress.say(f"note: {note}")
        if found.last_bar.normalize() < found.on:
            progress.say(f"note: the last bar on or before {day(found.on)} is that of {day(found.last_bar)}")
    if json:
        typer.echo(to_json(_document(found)), nl=False)
    else:
        typer.echo(_told(found, read.name, has_events=read.market.events is not None))


def _day(text: str) -> pd.Timestamp:
    """Return a day as it is typed on the command line."""
    import datetime as dt

    import pandas as pd

    from raisecash.errors import InputError

    try:
        return pd.Timestamp(dt.date.fromisoformat(text))
    except ValueError as error:
        raise InputError(f"--on must be a date such as 2025-06-30, got {text!r}") from error


def _document(found: Outlook) -> dict[str, Any]:
    """Return the outlook as the JSON document of the outside contract."""
    events = found.events
    return {
        "on": f"{found.on:%Y-%m-%d}",
        "strategies": [
            {
                "name": stand.name,
                "weights": {str(asset): float(weight) for asset, weight in stand.weights.items()},
                "cash": stand.cash,
            }
            for stand in found.stands
        ],
        "events": [
            {
                "event_id": each["event_id"],
                "event_date": f"{each['event_date']:%Y-%m-%d}",
                "announced_on": f"{each['announced_on']:%Y-%m-%d}",
                "category": each["category"],
            }
            for each in events.to_dict("records")
        ],
    }


def _told(found: Outlook, name: str, *, has_events: bool) -> str:
    """Return the outlook as text for a terminal."""
    from raisecash.pages.formatting import day, percent

    assets = [str(asset) for asset in found.stands[0].weights.index]
    rows = [
        (stand.name, *(percent(stand.weights[asset]) for asset in assets), percent(stand.cash))
        for stand in found.stands
    ]
    lines = [
        f"{name}: what to hold at the next open, decided by the close of {day(found.last_bar)}",
        "",
        text_table(("", *assets, "cash"), rows),
        "",
    ]
    for stand in found.stands:
        lines += [f"{stand.name}: {stand.strategy!r}", f"  {_why(stand)}"]
        lines += [f"  waiting: {order}" for order in stand.working]
    lines.append("")
    if len(found.events):
        events = [
            (
                day(each["event_date"]) + _window(each),
                each["category"],
                f"announced {day(each['announced_on'])}",
                each["event_id"],
            )
            for each in found.events.to_dict("records")
        ]
        lines += [
            f"events ahead, as known on {day(found.on)}:",
            text_table(("",) * 4, events, left=4).lstrip(),
        ]
    elif has_events:
        lines.append(f"events ahead, as known on {day(found.on)}: none")
    else:
        lines.append("events ahead: the config names no catalogue ([market] events)")
    return "\n".join(lines)


def _why(stand: Stand) -> str:
    """Return when a strategy's weights last changed, and from what to what."""
    from raisecash.pages.formatting import day, percent

    if stand.changed_at is None:
        return "no decision so far"
    if stand.before is None:
        return f"unchanged since its first decision, at the close of {day(stand.changed_at)}"
    moved = [
        f"{asset} {percent(before)} to {percent(after)}"
        for asset, before, after in zip(stand.weights.index, stand.before, stand.weights, strict=True)
        if abs(after - before) > 5e-4  # what a table of tenths of a percent can show
    ]
    return f"last change on {day(stand.changed_at)}" + (f": {', '.join(moved)}" if moved else "")


def _window(event: dict[Any, Any]) -> str:
    """Return the end of an event's window, where it is one of several days."""
    from raisecash.pages.formatting import day

    end = event.get("window_end", event["event_date"])
    return "" if end == event["event_date"] else f" to {day(end)}"
