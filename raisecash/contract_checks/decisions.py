"""Asking a strategy for its weights: on a copy of the market, all bars at once or a bar at a time."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd

from raisecash.contract_checks.markets import latest
from raisecash.data.market import PRICES, Market
from raisecash.errors import ContractError, WeightsError
from raisecash.lookahead.futures import Difference, first_difference
from raisecash.messages.words import stamp
from raisecash.strategy.base import Strategy
from raisecash.strategy.plain import PlainStrategy

Kind = Literal["vectorised", "per-bar", "plain"]

FRAMES = (*PRICES, "volume", "dividends", "signals", "events", "cash_yield")
PER_BAR = 1_200  # bars on which a strategy that is called once a bar is checked,
ONE_IN = 24  # and asked at one in so many of them: each call costs milliseconds, thousands are made
SHORT = 60  # bars of a market on which it is asked at every one


def kind_of(strategy: Strategy) -> Kind:
    """Return how a strategy decides: all bars at once, bar by bar, or as a plain backtrader strategy."""
    if isinstance(strategy, PlainStrategy):
        return "plain"
    return "per-bar" if type(strategy).target_weights is Strategy.target_weights else "vectorised"


def market_for(strategy: Strategy, market: Market) -> Market:
    """Return the market a strategy is checked on: its last bars where each bar is a call."""
    return latest(market, PER_BAR) if kind_of(strategy) == "per-bar" else market


def isolated(market: Market) -> Market:
    """Return a copy that shares no figure with the market, so that nobody's change reaches the next check."""
    return market.replaced(**{name: getattr(market, name).copy(deep=True) for name in FRAMES})


def decided(strategy: Strategy, market: Market) -> pd.DataFrame:
    """Return a strategy's weights on a copy of the market, its warnings unheard.

    Returns
    -------
    DataFrame of shape (n_rows, n_assets)
        A row a bar; of a per-bar strategy, a row for each bar it is asked at.

    Raises
    ------
    WeightsError
        When it returns anything but a table, or weights of what the market does not have.
    """
    if kind_of(strategy) == "per-bar":
        copy = isolated(market)
        return pd.concat([decided_at(strategy, copy.until(bar)) for bar in asked_at(market.bars)])
    weights = weights_of(strategy, isolated(market))
    if not isinstance(weights, pd.DataFrame):
        raise WeightsError(
            f"target_weights must return a DataFrame (bars x assets), got {type(weights).__name__}"
        )
    return weights.reindex(index=market.bars, columns=list(market.assets))


def weights_of(strategy: Strategy, market: Market) -> Any:
    """Return whatever `target_weights` returns, its warnings unheard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return strategy.target_weights(market)


def decided_at(strategy: Strategy, past: Market) -> pd.DataFrame:
    """Return what a per-bar strategy decides at the last bar of the past, a table of one row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decision = strategy.decide(past)
    row = pd.Series(np.nan, index=list(past.assets))
    if decision is not None:
        given = dict(decision)
        unknown = [name for name in given if name not in past.assets]
        if unknown:
            raise WeightsError(
                f"{type(strategy).__name__} on {stamp(past.bars[-1])}: weight for {unknown[0]!r}, which is not in the "
                f"market; it has {', '.join(past.assets)}"
            )
        row = pd.Series({asset: float(given.get(asset, 0.0)) for asset in past.assets})
    return row.to_frame(past.bars[-1]).T


def asked_at(bars: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the bars at which a per-bar strategy is asked: the same dates, wherever a market begins and ends."""
    if len(bars) <= SHORT:
        return bars
    seconds = bars.to_numpy().astype("datetime64[s]").astype(np.uint64)
    scattered = (seconds * np.uint64(2_654_435_761)) % np.uint64(2**32)  # a multiplicative hash
    chosen: pd.DatetimeIndex = bars[scattered < 2**32 // ONE_IN]
    return chosen


def same_weights(before: pd.DataFrame, after: pd.DataFrame, *, when: str, so: str) -> None:
    """Raise ContractError at the first weight that is not the same.

    Parameters
    ----------
    before, after : DataFrame of shape (n_bars, n_assets)
    when : str
        What was different the second time, to complete "its weight of A on D is x, and y ...".
    so : str
        The way out.
    """
    difference = first_difference(before, after)
    if difference is not None:
        raise ContractError(sentence(difference, when=when, so=so))


def sentence(difference: Difference, *, when: str, so: str) -> str:
    """Return the words for a weight that is not the same."""
    return f"its weight of {difference} {when}; {so}"
