"""`outlook`: what each strategy of a config holds at the next open, why, and the dated events ahead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.data.events import live_events
from raisecash.engines.account import PLAIN_REASONS
from raisecash.errors import InputError
from raisecash.execution.tolerances import CHANGE_TOLERANCE
from raisecash.execution.weights import check_weights
from raisecash.simulation.plain import simulate_plain
from raisecash.strategy.plain import PlainStrategy
from raisecash.study.blame import blamed
from raisecash.study.entries import strategies_of
from raisecash.study.market import market_of
from raisecash.study.progress import Progress, Silent

if TYPE_CHECKING:
    from raisecash.config.model import Config
    from raisecash.data.market import Market
    from raisecash.strategy.base import Strategy
    from raisecash.study.entries import NamedStrategy

DIGITS = 12  # of a weight: 1 - 0.9 is 0.1
NEVER_FILLED = PLAIN_REASONS[4]


@dataclass(frozen=True, eq=False, kw_only=True)
class Stand:
    """What one strategy wants to hold, and since when.

    Attributes
    ----------
    weights : Series of shape (n_assets,)
        Fractions of equity last decided; 0 throughout before the first decision. Of a plain
        backtrader strategy: what it holds, market orders on their way included, at the last closes.
    cash : float
        The rest.
    changed_at : Timestamp or None
        Bar at whose close the weights last changed (a plain strategy's last fill); None before any
        decision.
    before : Series or None
        The weights before that; None where there were none.
    working : tuple of str
        A plain strategy's orders that wait for a price, in words.
    """

    name: str
    strategy: Strategy
    weights: pd.Series
    cash: float
    changed_at: pd.Timestamp | None
    before: pd.Series | None
    working: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlook:
    """Every strategy's stand on a day, the last bar it could see, and the events ahead as then known."""

    on: pd.Timestamp
    last_bar: pd.Timestamp
    stands: tuple[Stand, ...]
    events: pd.DataFrame
    notes: tuple[str, ...]


def outlook(
    config: Config,
    *,
    on: pd.Timestamp | None = None,
    data_dir: Path | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Outlook:
    """Return what each strategy of a config wants to hold at the open after a day.

    Every strategy is handed the market as it could be known at the end of that day, and nothing else.

    Parameters
    ----------
    config : Config
    on : Timestamp, optional
        A day; default the date of the last bar.
    data_dir, offline, progress
        As for a run.

    Raises
    ------
    InputError
        When the day lies before the first bar, or as for a run.
    """
    progress = progress or Silent()
    named = strategies_of(config)
    loaded = market_of(config, data_dir=data_dir, offline=offline, progress=progress)
    market = loaded.market
    day = market.bars[-1].normalize() if on is None else on.normalize()
    if day < market.bars[0].normalize():
        raise InputError(
            f"{config.path}: --on must not lie before the first bar, {market.bars[0]:%Y-%m-%d}, got {day:%Y-%m-%d}; "
            "choose a later day or an earlier market.start"
        )
    past = market.until(day + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1))
    return Outlook(
        on=day,
        last_bar=past.bars[-1],
        stands=tuple(_stand(each, config, past) for each in named if each.role == "strategy"),
        events=live_events(past.events, day),
        notes=loaded.notes,
    )


def _stand(each: NamedStrategy, config: Config, past: Market) -> Stand:
    """Return what one strategy wants to hold, decided from the past alone."""
    name = each.entry.name
    with blamed(each.where, each.entry.use):
        if isinstance(each.strategy, PlainStrategy):
            return _plain_stand(each.strategy, config, past, name)
        decided = check_weights(each.strategy.target_weights(past), past, name=name).table.dropna()
    weights = decided.round(DIGITS)
    changed = (weights.diff().abs() > CHANGE_TOLERANCE).any(axis=1).to_numpy()
    if not len(weights):
        nothing = pd.Series(0.0, index=list(past.assets))
        return Stand(
            name=name, strategy=each.strategy, weights=nothing, cash=1.0, changed_at=None, before=None
        )
    row = int(np.flatnonzero(changed)[-1]) if changed.any() else 0
    return Stand(
        name=name,
        strategy=each.strategy,
        weights=weights.iloc[-1],
        cash=round(1.0 - float(weights.iloc[-1].sum()), DIGITS),
        changed_at=weights.index[row],
        before=weights.iloc[row - 1] if row else None,
    )


def _plain_stand(strategy: PlainStrategy, config: Config, past: Market, name: str) -> Stand:
    """Return what a plain strategy holds once its market orders on their way are filled at the last closes."""
    execution = config.execution
    result = simulate_plain(strategy, past, execution.costs, cash=execution.cash, name=name)
    record, close = result.record, past.last_close.iloc[-1].fillna(0.0)
    waiting = record.unfilled[record.unfilled["reason"] == NEVER_FILLED]
    keys = ["placed_at", "asset", "shares"]
    waiting = waiting.rename(columns={"decided_at": "placed_at", "wanted": "shares"})[keys].drop_duplicates()
    orders = result.orders.merge(waiting, on=keys)
    at_market = orders[orders["kind"].isin(["Market", "Close"])]
    shares = record.shares.iloc[-1].add(at_market.groupby("asset")["shares"].sum(), fill_value=0.0)
    weights = (shares[list(past.assets)] * close / record.equity.iloc[-1]).round(DIGITS)
    fills = record.fills["time"]
    changed_at = past.bars[-1] if len(at_market) else (fills.iloc[-1] if len(fills) else None)
    before = None
    if changed_at is not None:
        row = past.bars.get_loc(changed_at)
        earlier = len(past.bars) - 1 if len(at_market) else int(row) - 1  # type: ignore[arg-type]  # bars are unique
        before = record.weights.iloc[earlier]
    return Stand(
        name=name,
        strategy=strategy,
        weights=weights,
        cash=round(1.0 - float(weights.sum()), DIGITS),
        changed_at=changed_at,
        before=before,
        working=tuple(
            f"{order.kind} order for {order.shares:,.6g} {order.asset} at {order.price:,.6g}"
            for order in orders[~orders.index.isin(at_market.index)].itertuples()
        ),
    )
