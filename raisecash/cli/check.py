"""`raisecash check`: hold strategies to the contract, look-ahead first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.output import progress_on_stderr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raisecash.config.model import Config
    from raisecash.contract_checks.many import Judgement, Named
    from raisecash.data.market import Market
    from raisecash.strategy.base import Strategy

WHERE = "raisecash check"


def check(
    strategies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STRATEGY]...",
            help="Names, package.module:Class or path/to/file.py:Class; with --config also its entries' names.",
            show_default=False,
        ),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every strategy that is found; with --config every entry of it.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="CONFIG", help="Decide on this config's market, with its parameters."
        ),
    ] = None,
    data: options.Data = None,
    set_: options.Set = None,
    offline: options.Offline = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="Processes; default: one a core.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Hold strategies to the contract: no look-ahead, nothing read but the market, valid weights.

    Exit code 1 when a check says no. docs/checks.md says what each one does.

    Example: raisecash check RallyThenRaiseCash ideas/rest.py:RestAfterAFall
    """
    from raisecash.config.model import load_config
    from raisecash.contract_checks import check_market
    from raisecash.contract_checks.many import judge_many
    from raisecash.errors import InputError
    from raisecash.plugins import use_project

    use_project(Path())
    if bool(strategies) == (all_ or (config is not None and not strategies)):
        raise InputError(f"{WHERE}: name strategies, or give --all, and not both")
    read = None if config is None else load_config(config, set_ or ())
    subjects = _subjects(strategies or [], read)
    judged: list[Judgement] = []
    with progress_on_stderr() as progress:
        market = check_market()
        if read is not None:
            from raisecash.study.market import market_of

            market = market_of(read, data_dir=data, offline=offline, refresh=False, progress=progress).market
        for each in judge_many(subjects, market if read else None, jobs=jobs):
            judged.append(each)
            progress.step("strategies", len(judged), len(subjects))
    over, origins = _over(market, config), _origins(subjects)
    typer.echo(_document(judged, over, origins) if json else _told(judged, over, origins), nl=not json)
    if any(each.failed for each in judged):
        raise typer.Exit(1)
    if any(each.problem for each in judged):
        raise typer.Exit(2)


def _subjects(names: Sequence[str], config: Config | None) -> list[Named]:
    """Return the strategies to judge: those named, those of the config, or those that are found."""
    from raisecash.contract_checks.many import Named
    from raisecash.plugins import told
    from raisecash.strategy.discovery import survey
    from raisecash.study.entries import strategies_of

    entries = {} if config is None else {each.entry.name: each.strategy for each in strategies_of(config)}
    if not names:
        if config is not None:
            return [Named(name=name, strategy=strategy) for name, strategy in entries.items()]
        every = survey()
        return [
            *(_by_its_defaults(name, found) for name, found in every.strategies.items()),
            *(Named(name=each.name, problem=f"cannot be imported: {told((each,))}") for each in every.broken),
        ]
    return [
        Named(name=name, strategy=entries[name]) if name in entries else _by_its_defaults(name, _found(name))
        for name in dict.fromkeys(names)
    ]


def _found(name: str) -> type[Strategy]:
    """Return the class that a name means; a file that does not import is the author's error, in one line."""
    from raisecash.errors import ConfigError, RaisecashError
    from raisecash.messages.blame import phrase_of
    from raisecash.strategy.discovery import find_strategy

    try:
        return find_strategy(name, base_dir=Path(), where=WHERE)
    except RaisecashError:
        raise
    except Exception as error:
        raise ConfigError(f"{WHERE}: {name} raised {phrase_of(error)} when it was imported") from error


def _by_its_defaults(name: str, found: type[Strategy]) -> Named:
    """Return a strategy made with its defaults, or why it cannot be."""
    from raisecash.contract_checks.many import Named
    from raisecash.messages.blame import phrase_of

    try:
        return Named(name=name, strategy=found())
    except Exception as error:  # noqa: BLE001  # a stranger's class may raise anything
        said = str(error) if hasattr(error, "exit_code") else phrase_of(error)
        return Named(
            name=name,
            problem=f"cannot be made with its defaults: {said}; give its parameters in a config, with --config",
        )


def _over(market: Market, config: Path | None) -> dict[str, Any]:
    """Return what the strategies were checked on."""
    return {
        "name": "the check market" if config is None else f"the market of {config}",
        "assets": list(market.assets),
        "signals": [str(name) for name in market.signals.columns],
        "events": len(market.events),
        "first_bar": str(market.bars[0]),
        "last_bar": str(market.bars[-1]),
        "bars": len(market.bars),
    }


def _origins(subjects: Sequence[Named]) -> dict[str, str]:
    """Return where each strategy comes from: `raisecash`, or a file; nothing for one that could not be made."""
    from raisecash.plugins import origin, place_of

    return {
        each.name: origin(place_of(type(each.strategy).__module__))
        for each in subjects
        if each.strategy is not None
    }


def _document(judged: Sequence[Judgement], over: dict[str, Any], origins: dict[str, str]) -> str:
    """Return every verdict as one JSON document."""
    from dataclasses import asdict

    from raisecash.runs.summary import to_json

    return to_json(
        {
            "passed": all(each.passed for each in judged),
            "market": over,
            "strategies": [
                {
                    "name": each.name,
                    "from": origins.get(each.name),
                    "strategy": each.strategy,
                    "kind": each.kind,
                    "passed": each.passed,
                    "problem": each.problem or None,
                    "checks": [asdict(outcome) for outcome in each.outcomes],
                }
                for each in judged
            ],
        }
    )


def _told(judged: Sequence[Judgement], over: dict[str, Any], origins: dict[str, str]) -> str:
    """Return every verdict as text for a terminal."""
    blocks = []
    for each in judged:
        name, _, rest = repr(each).partition("\n")
        place = origins.get(each.name, "raisecash")
        blocks.append(f"{name}{'' if place == 'raisecash' else f', from {place}'}\n{rest}\n")
    failed = [each.name for each in judged if each.failed]
    unclear = [each.name for each in judged if each.problem]
    verdicts = [
        *([f"{len(failed)} FAILED: {', '.join(failed)}"] if failed else []),
        *([f"{len(unclear)} could not be judged: {', '.join(unclear)}"] if unclear else []),
    ]
    signals = f", signals {', '.join(over['signals'])}" if over["signals"] else ""
    blocks.append(
        f"{len(judged)} {'strategy' if len(judged) == 1 else 'strategies'} on {over['name']} ({', '.join(over['assets'])}{signals}; "
        f"{over['bars']:,} bars): {'; '.join(verdicts) or 'every check passed'}"
    )
    return "\n".join(blocks)
