"""`run_study`: a config becomes a study; every strategy decided once, simulated twice, checked and measured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from raisecash.config.model import Config
from raisecash.errors import ConfigError, RaisecashError
from raisecash.execution.terms import Terms
from raisecash.execution.weights import check_weights
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

if TYPE_CHECKING:
    from raisecash.data.market import Market
    from raisecash.metrics.track import Track

SEED = 0  # nothing in a run is drawn at random yet; evidence that resamples starts here
OTHER: dict[Engine, Engine] = {"backtrader": "ledger", "ledger": "backtrader"}


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
    loaded = market_of(config, data_dir=data_dir, offline=offline, refresh=refresh, progress=progress)
    traded = config.execution
    terms = Terms.of(loaded.market.assets, traded.costs, traded.rebalance, cash=traded.cash, lots=traded.lot)
    backtests: list[Backtest] = []
    agreements: list[Reconciliation] = []
    checks: list[LookAheadCheck] = []
    notes = list(loaded.notes)
    for number, each in enumerate(named):
        progress.step("strategies and benchmarks", number, len(named))
        if isinstance(each.strategy, PlainStrategy):
            backtest, agreement, check, said = _plain_account(each, each.strategy, loaded.market, terms)
            notes += said
        else:
            backtest, agreement, check = _account(each, loaded.market, terms, traded.engine)
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


def created_now() -> datetime:
    """Return the time of this run, or the one that SOURCE_DATE_EPOCH sets so that a run can be repeated to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(f"SOURCE_DATE_EPOCH must be whole seconds since 1970, got {epoch!r}") from error


def _account(
    each: NamedStrategy, market: Market, terms: Terms, engine: Engine
) -> tuple[Backtest, Reconciliation, LookAheadCheck]:
    """Return one strategy's account on the engine of record, reconciled with the other engine's."""
    name = each.entry.name
    with blamed(each.where, each.entry.use):
        targets = each.strategy.target_weights(market)
        check = check_lookahead(each.strategy, market, targets, name=name)
    try:
        weights = check_weights(targets, market, name=name)
        record, replay = (
            simulate_checked(weights, market, terms, engine=one, name=name) for one in (engine, OTHER[engine])
        )
        return record, reconcile(record, replay), check
    except RaisecashError as error:
        raise prefixed(error, each.where) from error


def _plain_account(
    each: NamedStrategy, strategy: PlainStrategy, market: Market, terms: Terms
) -> tuple[Backtest, Reconciliation, LookAheadCheck, tuple[str, ...]]:
    """Return the account of a plain backtrader strategy, audited, reconciled, with its notes."""
    name = each.entry.name
    with blamed(each.where, each.entry.use):
        result = simulate_plain_under(strategy, market, terms, name=name)
        check = check_plain_lookahead(strategy, result, name=name)
    return result.record, result.reconciliation, check, result.notes


def _measured(
    named: Sequence[NamedStrategy], backtests: Sequence[Backtest], agreements: Sequence[Reconciliation]
) -> Iterator[Result]:
    """Yield the results, each measured against the first benchmark."""

    def measured(number: int, benchmark: Track | None) -> Result:
        each = named[number]
        return build_result(
            backtests[number],
            agreements[number],
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
