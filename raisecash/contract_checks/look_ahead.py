"""Checks that nothing later than a bar can be told from its weights: every future is tried in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from raisecash.contract_checks.decisions import decided, decided_at, isolated, kind_of
from raisecash.data.market import Market
from raisecash.errors import ContractError, LookAheadError
from raisecash.lookahead.futures import (
    CHANGES,
    TRADED,
    Difference,
    Future,
    changed_after,
    cut_off,
    cut_rows,
    events_forgotten,
    events_invented,
    events_rewritten,
    first_difference,
)
from raisecash.messages.blame import phrase_of
from raisecash.messages.words import stamp
from raisecash.strategy.base import Strategy

CUTS = 36  # half spread evenly, half just before the largest changes of weight
REOPENINGS = 5  # an asset: bars before it trades again, where a price filled in backwards shows
DAYS = 18  # on which events were announced or ended

WAY_OUT = "use rows up to t only, or define decide(past)"


def check_ignores_future_bars(strategy: Strategy, market: Market) -> None:
    """Weights are the same when the market ends there and then."""
    _try(strategy, market, [("cut off", cut_off)], what="bars", rows=_bars_to_cut_at)


def check_ignores_future_prices(strategy: Strategy, market: Market) -> None:
    """Weights are the same when later prices are extreme, missing, reversed, shuffled or a bar early."""
    futures = [(change, _changed(change, TRADED)) for change in CHANGES]
    _try(strategy, market, futures, what="prices", rows=_bars_to_cut_at)


def check_ignores_future_signals(strategy: Strategy, market: Market) -> None:
    """Weights are the same when signals later show other values, or show theirs a bar early."""
    if market.signals.shape[1]:
        futures = [(change, _changed(change, ("signals",))) for change in CHANGES]
        _try(strategy, market, futures, what="signals", rows=_bars_to_cut_at)


def check_ignores_unannounced_events(strategy: Strategy, market: Market) -> None:
    """Weights are the same whatever is announced later, and whatever becomes of what was announced."""
    if len(market.events):
        forgotten = ("forgotten", events_forgotten)
        futures = [
            forgotten,
            ("rewritten", events_rewritten),
            forgotten,
            ("joined by invented ones", events_invented),
        ]
        _try(strategy, market, futures, what="announcements", rows=_days_of_news)


def _changed(change: str, frames: tuple[str, ...]) -> Future:
    """Return the future in which some frames are changed in one way."""
    return partial(changed_after, change=change, frames=frames)


def _try(
    strategy: Strategy,
    market: Market,
    futures: Sequence[tuple[str, Future]],
    *,
    what: str,
    rows: Callable[[pd.DataFrame, Market], list[int]],
) -> None:
    """Raise LookAheadError at the first weight that is not the same in one of the futures.

    Each cut tries one future, in turn. When weights changed, every earlier bar is cut at with that
    future, so that the bar named is the first one.
    """
    weights = decided(strategy, market).reindex(market.bars)
    for number, row in enumerate(rows(weights, market)):
        name, future = futures[number % len(futures)]
        if _difference(strategy, market, weights, row, name, future) is None:
            continue
        for first in range(row + 1):
            difference = _difference(strategy, market, weights, first, name, future)
            if difference is not None:
                raise LookAheadError(
                    f"its weight of {difference} with the {what} after {stamp(market.bars[first])} {name}; {WAY_OUT}"
                )


def _difference(
    strategy: Strategy, market: Market, weights: pd.DataFrame, row: int, name: str, future: Future
) -> Difference | None:
    """Return the first weight up to the row that is not the same in a future."""
    other = future(market, row)
    try:
        if kind_of(strategy) == "per-bar":
            # Views of the whole market's figures, as in a run: what lies behind a view must not matter.
            true, false = (
                decided_at(strategy, isolated(each).until(market.bars[row])) for each in (market, other)
            )
            return first_difference(true, false)
        return first_difference(weights.iloc[: row + 1], decided(strategy, other))
    except Exception as error:
        raise ContractError(
            f"cannot be compared: it raised {phrase_of(error)} with everything after "
            f"{stamp(market.bars[row])} {name}; decide nothing where there is too little to decide on"
        ) from error


def _bars_to_cut_at(weights: pd.DataFrame, market: Market) -> list[int]:
    """Return rows spread evenly, before large changes of weight, and before markets that open again."""
    rows = set(cut_rows(weights, len(market.bars), count=CUTS))
    for column in market.is_open.to_numpy().T:
        opens = np.flatnonzero(column[1:] & ~column[:-1])
        if len(opens):
            rows |= set(opens[np.linspace(0, len(opens) - 1, REOPENINGS).astype(int)].tolist())
    return sorted(rows)


def _days_of_news(weights: pd.DataFrame, market: Market) -> list[int]:
    """Return the rows just before events were announced or ended, and some that lie anywhere."""
    news = pd.concat([market.events["announced_on"], market.events["ended_on"]]).dropna().unique()
    before = np.sort(market.bars.searchsorted(pd.DatetimeIndex(news)) - 1)
    before = np.unique(before[(before >= 0) & (before < len(market.bars) - 1)])
    if len(before) > DAYS:
        before = before[np.linspace(0, len(before) - 1, DAYS).astype(int)]
    rows = {int(row) for row in before} | set(cut_rows(weights, len(market.bars), count=DAYS // 3))
    return [row for row in sorted(rows) for _ in range(2)]  # each is forgotten, and rewritten or joined
