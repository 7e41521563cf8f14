"""Checks of what a strategy is: valid weights, a value that can be sent and printed, nothing read, nothing kept."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from raisecash.contract_checks.decisions import (
    FRAMES,
    decided,
    decided_at,
    isolated,
    kind_of,
    same_weights,
    weights_of,
)
from raisecash.contract_checks.fresh import SEEDS, ask, cannot_travel, half_and_whole, pickled_as_promised
from raisecash.contract_checks.markets import another
from raisecash.contract_checks.watch import clock_in_source, watched
from raisecash.data.market import Market
from raisecash.errors import ContractError
from raisecash.execution.weights import check_weights
from raisecash.lookahead.futures import first_difference
from raisecash.messages.words import stamp
from raisecash.strategy.base import Strategy
from raisecash.strategy.discovery import survey
from raisecash.strategy.parameters import Parameters

NO_ORDER = "remember nothing, take nothing from the order of a set, and seed random numbers"


def check_weights_are_valid(strategy: Strategy, market: Market) -> None:
    """Weights are a table of the market's assets, each in [0, 1], together at most 1."""
    weights = (
        decided(strategy, market)
        if kind_of(strategy) == "per-bar"
        else weights_of(strategy, isolated(market))
    )
    check_weights(weights, market, name=type(strategy).__name__)


def check_is_frozen(strategy: Strategy, market: Market) -> None:
    """No parameter can be set once the strategy is made."""
    for name in type(strategy).model_fields:
        try:
            setattr(strategy, name, getattr(strategy, name))
        except (ValidationError, AttributeError, TypeError):
            continue
        raise ContractError(
            f"{name} can be set after the strategy is made; leave frozen=True in model_config"
        )


def check_survives_pickling(strategy: Strategy, market: Market) -> None:
    """Pickled and read back it is the same strategy."""
    if pickle.loads(pickled_as_promised(strategy)) != strategy:
        raise ContractError("is another strategy after pickling; keep everything it needs in its parameters")


def check_prints_as_its_own_call(strategy: Strategy, market: Market) -> None:
    """What `repr` prints, typed in again, is the same strategy."""
    names = {**survey().strategies, **dict(_classes(strategy))}
    try:
        again = eval(repr(strategy), {**names, "nan": float("nan"), "inf": float("inf")})
    except Exception as error:
        raise ContractError(f"prints as {strategy!r}, which cannot be typed in again: {error}") from error
    if again != strategy:
        raise ContractError(f"prints as {strategy!r}, which is another strategy: {again!r}")


def check_decides_the_same_twice(strategy: Strategy, market: Market) -> None:
    """The same market gives the same weights a second time."""
    weights = decided(strategy, market)
    again = decided(strategy, market)
    same_weights(
        weights, again, when="when asked again", so="decide from the market and the parameters alone"
    )


def check_decides_the_same_in_a_fresh_process(strategy: Strategy, market: Market) -> None:
    """Processes in which nothing was decided before, and in which sets have other orders, give the same weights."""
    if cannot_travel(strategy):
        return
    here = [decided(strategy, other) for other in half_and_whole(market)]
    for seed in SEEDS:
        answer = ask(strategy, market, seed=seed)
        if answer.error:
            raise ContractError(f"{answer.error}, in another process; what it needs must be importable there")
        for weights, there in zip(here, answer.weights, strict=True):
            same_weights(weights, there, when="in a fresh process", so=NO_ORDER)


def check_keeps_no_state_between_calls(strategy: Strategy, market: Market) -> None:
    """Deciding on other markets in between, or on bars in another order, changes nothing."""
    way_out = "keep nothing from one call to the next"
    weights, printed = decided(strategy, market), repr(strategy)
    for other in (another(market), market.until(market.bars[len(market.bars) // 2])):
        decided(strategy, other)
    same_weights(weights, decided(strategy, market), when="after it decided on another market", so=way_out)
    if kind_of(strategy) == "per-bar":
        for row in np.random.default_rng(0).permutation(len(weights)):
            bar = weights.index[row]
            alone = decided_at(strategy, isolated(market).until(bar))
            same_weights(weights.loc[[bar]], alone, when="when bars are asked out of turn", so=way_out)
    if repr(strategy) != printed:
        raise ContractError(f"was {printed} and is {strategy!r} after deciding; {way_out}")


def check_leaves_the_market_as_it_was(strategy: Strategy, market: Market) -> None:
    """No price, signal or event is changed while deciding."""
    if kind_of(strategy) == "per-bar":
        for row in np.linspace(0, len(market.bars) - 1, 5).astype(int):
            past = isolated(market.until(market.bars[row]))
            decided_at(strategy, past)
            _unchanged(market.until(market.bars[row]), past)
    else:
        given = isolated(market)
        weights_of(strategy, given)
        _unchanged(market, given)


def check_reads_nothing_but_the_market(strategy: Strategy, market: Market) -> None:
    """No file, folder, database, network, process or clock is asked while deciding."""
    if cannot_travel(strategy):
        with watched(type(strategy).__module__.partition(".")[0]) as watch:
            decided(strategy, market)
        imported, seen = [], watch.seen
    else:
        answer = ask(strategy, market)
        if answer.error:
            raise ContractError(f"{answer.error}, in another process; what it needs must be importable there")
        imported, seen = answer.while_importing, answer.while_deciding
    for _, each in _classes(strategy):
        seen = seen + [found for found in clock_in_source(each) if found not in seen]
    told = [f"{each} while deciding" for each in seen] + [f"{each} when imported" for each in imported]
    if told:
        raise ContractError(
            f"{'; '.join(told)}: what a strategy knows comes from the market and its parameters"
        )


def check_draws_no_global_random_numbers(strategy: Strategy, market: Market) -> None:
    """The global random numbers are neither used nor moved on."""
    way_out = "draw from np.random.default_rng(seed), made while deciding"
    ours, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002  # the global state is what is judged
    try:
        tables: list[pd.DataFrame] = []
        for seed in (1, 1, 2):
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            before = _random_state()
            tables.append(decided(strategy, market))
            moved = _random_state() != before
        if (
            first_difference(tables[0], tables[1]) is None
        ):  # else it is something else that changes the weights
            same_weights(tables[0], tables[2], when="with another global random seed", so=way_out)
        if moved:
            raise ContractError(f"draws global random numbers, or seeds them; {way_out}")
    finally:
        random.setstate(ours)
        np.random.set_state(numpys)  # noqa: NPY002


def _random_state() -> bytes:
    """Return the state of the global random numbers of Python and numpy."""
    return pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002


def _classes(thing: Any) -> Iterator[tuple[str, type[Parameters]]]:
    """Yield the class of a strategy and of every strategy and part among its parameters, with its name."""
    if isinstance(thing, Parameters):
        yield type(thing).__name__, type(thing)
        for name in type(thing).model_fields:
            yield from _classes(getattr(thing, name))
    elif isinstance(thing, dict):
        yield from _classes(list(thing.values()))
    elif isinstance(thing, (list, tuple)):
        for each in thing:
            yield from _classes(each)


def _unchanged(market: Market, given: Market) -> None:
    """Raise ContractError at the first figure of the market that is not what it was."""
    for name in FRAMES:
        before, after = getattr(market, name), getattr(given, name)
        if after.equals(before):
            continue
        where = ""
        if name not in ("events", "cash_yield") and after.shape == before.shape:
            try:
                difference = first_difference(before, after)
            except (TypeError, ValueError):
                difference = None
            where = "" if difference is None else f" at {difference.asset} on {stamp(difference.bar)}"
        raise ContractError(
            f"changes market.{name}{where} while deciding, which the next strategy would see; work on a copy"
        )
    derived = {name for name, value in vars(Market).items() if isinstance(value, cached_property)}
    if given.__dict__.keys() - market.__dict__.keys() - derived:
        raise ContractError("adds to the market while deciding; keep what is yours in variables")
