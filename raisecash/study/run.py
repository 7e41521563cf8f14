"""`run_study`: a config becomes a study; every strategy decided once, simulated twice, checked and measured."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from raisecash.config.model import Config, Entry
from raisecash.data.load import Loaded, Sources, load_market
from raisecash.errors import ConfigError, RaisecashError
from raisecash.lookahead.run_time import LookAheadCheck, check_lookahead
from raisecash.messages.spelling import suggest
from raisecash.simulation.backtest import Backtest
from raisecash.simulation.plain import check_plain_lookahead, simulate_plain
from raisecash.simulation.reconcile import Reconciliation, reconcile
from raisecash.simulation.simulate import Engine, simulate
from raisecash.strategy.base import Strategy
from raisecash.strategy.composition import build_strategy
from raisecash.strategy.plain import PlainStrategy
from raisecash.study.study import Result, Role, Study, build_result

if TYPE_CHECKING:
    from raisecash.data.market import Market

SEED = 0  # nothing in a run is drawn at random yet; evidence that resamples starts here
OTHER: dict[Engine, Engine] = {"backtrader": "ledger", "ledger": "backtrader"}


class Progress(Protocol):
    """Told what a run is doing: a sentence, or how many of a number of equal steps are done."""

    def say(self, text: str) -> None: ...
    def step(self, label: str, done: int, total: int) -> None: ...


class Silent:
    """Progress that nobody watches."""

    def say(self, text: str) -> None: ...
    def step(self, label: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Named:
    """An entry of the config with the strategy it names."""

    entry: Entry
    role: Role
    strategy: Strategy
    where: str


def run_study(
    config: Config,
    *,
    data_dir: Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
) -> Study:
    """Return everything a config's strategies and benchmarks did over its market.

    Each strategy decides once; its weights are checked for looking ahead, simulated on the engine of
    record and on the other one, and the two accounts reconciled.

    Parameters
    ----------
    config : Config
    data_dir : Path, optional
        A folder of files that is looked in first for every series.
    offline : bool
        Never touch the network.
    refresh : bool
        Fetch live series whole and take the vendor's figures where they differ from the cached ones.
    progress : Progress, optional
        Told what is being done.

    Raises
    ------
    InputError
        When the config names what does not exist, the data cannot be used, or weights break the contract.
    LookAheadError, ReconciliationError
        When a check says no.
    """
    progress = progress or Silent()
    named = strategies_of(config)  # before any vendor is asked: a wrong name is cheap to find
    loaded = load(config, data_dir=data_dir, offline=offline, refresh=refresh, progress=progress)
    backtests: list[Backtest] = []
    agreements: list[Reconciliation] = []
    checks: list[LookAheadCheck] = []
    notes = list(loaded.notes)
    for number, each in enumerate(named):
        progress.step("strategies and benchmarks", number, len(named))
        if isinstance(each.strategy, PlainStrategy):
            backtest, agreement, check, said = _plain_account(each, each.strategy, config, loaded.market)
            notes += said
        else:
            backtest, agreement, check = _account(each, config, loaded.market)
        backtests.append(backtest)
        agreements.append(agreement)
        checks.append(check)
    progress.step("strategies and benchmarks", len(named), len(named))
    return Study(
        name=config.name,
        description=config.description,
        config=config.resolved(),
        config_path=config.path,
        market=loaded.market,
        histories=loaded.histories,
        findings=loaded.findings,
        notes=tuple(notes),
        results=tuple(_measured(named, backtests, agreements)),
        created=created_now(),
        seed=SEED,
        lookahead=tuple(checks),
    )


def strategies_of(config: Config) -> tuple[Named, ...]:
    """Return the config's strategies and then its benchmarks, each made with its parameters.

    Raises
    ------
    ConfigError, ParameterError
        Naming the file and the entry.
    """
    roles: tuple[tuple[Role, Sequence[Entry]], ...] = (
        ("strategy", config.strategies),
        ("benchmark", config.benchmarks),
    )
    found = []
    for role, entries in roles:
        for entry in entries:
            where = f"{config.path}: [[{role}]] {entry.name}"
            with blamed(where, entry.use):
                strategy = build_strategy(entry.use, entry.params, base_dir=config.base_dir, where=where)
            made = type(strategy)
            for parameter in config.sweep.get(entry.name, {}):
                if parameter not in made.model_fields:
                    hint = suggest(parameter, made.model_fields)
                    raise ConfigError(
                        f"{config.path}: [sweep.{entry.name}]: {made.__name__} has no parameter {parameter!r}; {hint}"
                    )
            found.append(Named(entry=entry, role=role, strategy=strategy, where=where))
    return tuple(found)


def load(
    config: Config, *, data_dir: Path | None, offline: bool, progress: Progress, refresh: bool = False
) -> Loaded:
    """Return the config's market and where it came from."""
    table, fallback = config.market, config.market.fallback
    try:
        return load_market(
            table.assets,
            table.signals,
            cash_yield=config.execution.cash_yield,
            events=config.events_path,
            events_strict=table.events_strict,
            start=None if table.start is None else pd.Timestamp(table.start),
            end=None if table.end is None else pd.Timestamp(table.end),
            clock=table.clock,
            data_dir=data_dir,
            offline=offline,
            refresh=refresh,
            progress=progress.say,
            fallback=None
            if fallback is None
            else Sources(fallback.assets, fallback.signals, fallback.cash_yield),
        )
    except RaisecashError as error:
        raise _prefixed(error, str(config.path)) from error


def created_now() -> datetime:
    """Return the time of this run, or the one that SOURCE_DATE_EPOCH sets so that a run can be repeated to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(f"SOURCE_DATE_EPOCH must be whole seconds since 1970, got {epoch!r}") from error


def _account(each: Named, config: Config, market: Market) -> tuple[Backtest, Reconciliation, LookAheadCheck]:
    """Return one strategy's account on the engine of record, reconciled with the other engine's."""
    name, execution = each.entry.name, config.execution
    with blamed(each.where, each.entry.use):
        targets = each.strategy.target_weights(market)
        check = check_lookahead(each.strategy, market, targets, name=name)

    def account(engine: Engine) -> Backtest:
        return simulate(
            targets,
            market,
            execution.costs,
            execution.rebalance,
            engine=engine,
            cash=execution.cash,
            lots=execution.lot,
            name=name,
        )

    try:
        record = account(execution.engine)
        return record, reconcile(record, account(OTHER[execution.engine])), check
    except RaisecashError as error:
        raise _prefixed(error, each.where) from error


def _plain_account(
    each: Named, strategy: PlainStrategy, config: Config, market: Market
) -> tuple[Backtest, Reconciliation, LookAheadCheck, tuple[str, ...]]:
    """Return the account of a plain backtrader strategy, audited, reconciled, with its notes."""
    name, execution = each.entry.name, config.execution
    with blamed(each.where, each.entry.use):
        result = simulate_plain(
            strategy,
            market,
            execution.costs,
            execution.rebalance,
            cash=execution.cash,
            lots=execution.lot,
            name=name,
        )
        check = check_plain_lookahead(strategy, result, name=name)
    return result.record, result.reconciliation, check, result.notes


def _measured(
    named: Sequence[Named], backtests: Sequence[Backtest], agreements: Sequence[Reconciliation]
) -> Iterator[Result]:
    """Yield the results, each measured against the first benchmark."""
    first = next(
        (backtest for each, backtest in zip(named, backtests, strict=True) if each.role == "benchmark"), None
    )
    for each, backtest, agreement in zip(named, backtests, agreements, strict=True):
        yield build_result(
            backtest,
            agreement,
            role=each.role,
            use=each.entry.use,
            strategy=each.strategy,
            benchmark=None if backtest is first else first,
        )


@contextmanager
def blamed(where: str, use: str) -> Iterator[None]:
    """Say in any error from here whose strategy it was; an author's own bug becomes one line with its place."""
    try:
        yield
    except RaisecashError as error:
        raise _prefixed(error, where) from error
    except Exception as error:
        place = _place(error)
        raise ConfigError(
            f"{where}: {use} raised {type(error).__name__}: {getattr(error, 'msg', error)} ({place}); "
            "see the whole traceback with `raisecash --traceback ...`"
        ) from error


def _place(error: Exception) -> str:
    """Return the file and line an error comes from, the author's own rather than a library's."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '?').name}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    libraries = (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), "<")
    own = [frame for frame in frames if not frame.filename.startswith(libraries)]
    frame = own[-1] if own else frames[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def _prefixed(error: RaisecashError, where: str) -> RaisecashError:
    """Return the same error, its message beginning with where it came from."""
    text = str(error)
    return error if text.startswith(where) else type(error)(f"{where}: {text}")
