"""`run_study`: a config becomes a study; every strategy decided once, simulated twice, checked and measured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from raisecash.config.model import Config
from raisecash.errors import ConfigError, RaisecashError
from raisecash.execution.terms import Terms
from raisecash.execution.weights import CheckedWeights, check_weights, require_table
from raisecash.lookahead.run_time import LookAheadCheck, check_lookahead
from raisecash.simulation.backtest import Backtest
from raisecash.simulation.plain import check_plain_lookahead, simulate_plain_under
from raisecash.simulation.reconcile import Reconciliation, reconcile
from raisecash.simulation.simulate import Engine, simulate_checked
from raisecash.strategy.plain import PlainStrategy
from raisecash.study.blame import blamed, prefixed
from raisecash.study.entries import NamedStrategy, strategies_of
from raisecash.study.market import market_of
from raisecash.study.progress import Progress, Silent
from raisecash.study.study import Result, Study, build_result
from raisecash.workers import imported_early, in_processes

if TYPE_CHECKING:
    from raisecash.data.market import Market
    from raisecash.data.panel import Panel
    from raisecash.engines.account import Account
    from raisecash.metrics.track import Track

SEED = 0  # nothing in a run is drawn at random yet; evidence that resamples starts here
OTHER: dict[Engine, Engine] = {"backtrader": "ledger", "ledger": "backtrader"}
WORTH_IT = 20_000  # bars of all accounts together below which handing them to other processes costs more than it saves


class Decided(NamedTuple):
    """One strategy's weights, not traded yet, and what errors about them begin with."""

    name: str
    where: str
    weights: CheckedWeights
    check: LookAheadCheck


class Kept(NamedTuple):
    """One strategy's account on the engine of record, and what was found while keeping it twice."""

    backtest: Backtest
    agreement: Reconciliation
    check: LookAheadCheck
    notes: tuple[str, ...] = ()


def run_study(
    config: Config,
    *,
    data_dir: Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    jobs: int = 1,
    imports: Sequence[str] = (),
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
    jobs : int
        Processes to keep backtrader's accounts in; the study does not depend on it.
    imports : sequence of str
        Modules that these processes import meanwhile, for whoever hands them work next.
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
    loaded = market_of(config, data_dir=data_dir, offline=offline, refresh=refresh, progress=progress)
    traded = config.execution
    terms = Terms.of(loaded.market.assets, traded.costs, traded.rebalance, cash=traded.cash, lots=traded.lot)
    kept: list[Kept | Decided] = []
    with imported_early(imports, jobs=jobs):
        for number, each in enumerate(named):
            progress.step("strategies and benchmarks", number, len(named))
            if isinstance(each.strategy, PlainStrategy):
                kept.append(_plain_account(each, each.strategy, loaded.market, terms))
            else:
                kept.append(_decided(each, loaded.market))
        accounts = _accounts(kept, loaded.market, terms, engine=traded.engine, jobs=jobs)
    progress.step("strategies and benchmarks", len(named), len(named))
    return Study(
        name=config.name,
        description=config.description,
        config=config.resolved(),
        config_path=config.path,
        market=loaded.market,
        histories=loaded.histories,
        findings=loaded.findings,
        notes=(*loaded.notes, *(note for each in accounts for note in each.notes)),
        results=tuple(_measured(named, accounts)),
        created=created_now(),
        seed=SEED,
        lookahead=tuple(each.check for each in accounts),
    )


def created_now() -> datetime:
    """Return the time of this run, or the one that SOURCE_DATE_EPOCH sets so that a run can be repeated to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(f"SOURCE_DATE_EPOCH must be whole seconds since 1970, got {epoch!r}") from error


def _decided(each: NamedStrategy, market: Market) -> Decided:
    """Return one strategy's weights, checked for looking ahead and against the contract."""
    name = each.entry.name
    with blamed(each.where, each.entry.use):
        targets = each.strategy.target_weights(market)
        require_table(targets, name=name)
        check = check_lookahead(each.strategy, market, targets, name=name)
    try:
        return Decided(name, each.where, check_weights(targets, market, name=name), check)
    except RaisecashError as error:
        raise prefixed(error, each.where) from error


def _accounts(
    kept: Sequence[Kept | Decided], market: Market, terms: Terms, *, engine: Engine, jobs: int
) -> list[Kept]:
    """Return an account each: those kept already as they are, decided ones on both engines, reconciled."""
    decided = [each for each in kept if isinstance(each, Decided)]
    is_worth_it = len(decided) * len(market.bars) > WORTH_IT
    traded = iter(
        in_processes(
            partial(_by_backtrader, market.panel, terms),
            [each.weights for each in decided],
            jobs=jobs if is_worth_it else 1,
        )
    )
    return [
        _reconciled(each, market, terms, engine, next(traded)) if isinstance(each, Decided) else each
        for each in kept
    ]


def _by_backtrader(panel: Panel, terms: Terms, weights: CheckedWeights) -> Account | RaisecashError:
    """Return the account that backtrader's broker keeps, or why it keeps none: for the process that knows whose it is."""
    from raisecash.engines import backtrader

    try:
        return backtrader.run(panel, terms, weights)
    except RaisecashError as error:
        return error


def _reconciled(
    each: Decided, market: Market, terms: Terms, engine: Engine, traded: Account | RaisecashError
) -> Kept:
    """Return one strategy's account on the engine of record, reconciled with the other engine's."""
    if isinstance(traded, RaisecashError):
        raise prefixed(traded, each.where)
    both: dict[Engine, Backtest] = {
        "ledger": simulate_checked(each.weights, market, terms, engine="ledger", name=each.name),
        "backtrader": Backtest(
            name=each.name,
            engine="backtrader",
            market=market,
            terms=terms,
            decided=each.weights,
            account=traded,
        ),
    }
    record, replay = both[engine], both[OTHER[engine]]
    try:
        return Kept(record, reconcile(record, replay), each.check)
    except RaisecashError as error:
        raise prefixed(error, each.where) from error


def _plain_account(each: NamedStrategy, strategy: PlainStrategy, market: Market, terms: Terms) -> Kept:
    """Return the account of a plain backtrader strategy, audited, reconciled, with its notes."""
    name = each.entry.name
    with blamed(each.where, each.entry.use):
        result = simulate_plain_under(strategy, market, terms, name=name)
        check = check_plain_lookahead(strategy, result, name=name)
    return Kept(result.record, result.reconciliation, check, result.notes)


def _measured(named: Sequence[NamedStrategy], accounts: Sequence[Kept]) -> Iterator[Result]:
    """Yield the results, each measured against the first benchmark."""

    def measured(number: int, benchmark: Track | None) -> Result:
        each = named[number]
        return build_result(
            accounts[number].backtest,
            accounts[number].agreement,
            role=each.role,
            use=each.entry.use,
            strategy=each.strategy,
            benchmark=benchmark,
        )

    first = next((number for number, each in enumerate(named) if each.role == "benchmark"), None)
    held = (
        None if first is None else measured(first, None)
    )  # before the strategies, which are listed before it
    for number in range(len(named)):
        if held is not None and number == first:
            yield held
        else:
            yield measured(number, None if held is None else held.track)
