"""`simulate_plain`: a plain backtrader strategy becomes a `Backtest`, its fills audited and replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from raisecash.engines.account import PLAIN_REASONS
from raisecash.errors import LookAheadError, RaisecashError, Refusal
from raisecash.execution.terms import CASH_AT_START, Terms
from raisecash.execution.weights import CheckedWeights
from raisecash.lookahead.run_time import TOLERANCE, LookAheadCheck
from raisecash.simulation.backtest import Backtest
from raisecash.simulation.reconcile import Reconciliation, reconcile

if TYPE_CHECKING:
    from raisecash.data.market import Market
    from raisecash.engines.backtrader_plain import PlainRun
    from raisecash.execution.costs import Costs
    from raisecash.execution.rebalance import Rebalance
    from raisecash.strategy.plain import PlainStrategy

CUTS = 3  # a plain strategy runs bar by bar in Python: each cut costs a part of a whole run
WAITED = PLAIN_REASONS[-1]
ORDER_COLUMNS = ("number", "placed_at", "asset", "shares", "kind", "price", "limit")


@dataclass(frozen=True, eq=False, kw_only=True)
class PlainBacktest:
    """A plain strategy's account, twice, and what its reader must know.

    Attributes
    ----------
    record, replay : Backtest
        As backtrader kept it, and as the ledger makes it from the recorded fills.
    reconciliation : Reconciliation
        How far the two are apart.
    orders : DataFrame
        One row an order it placed: its number, the bar at whose close it was placed, asset, shares
        (negative for a sale), backtrader's kind, and the prices it names (NaN where none).
    notes : tuple of str
        Sentences that every page with this account must carry.
    """

    record: Backtest
    replay: Backtest
    reconciliation: Reconciliation
    orders: pd.DataFrame
    notes: tuple[str, ...]


def simulate_plain(
    strategy: PlainStrategy,
    market: Market,
    costs: Costs | None = None,
    rebalance: Rebalance | None = None,
    *,
    cash: float = CASH_AT_START,
    lots: Mapping[str, float] | float = 0.0,
    name: str | None = None,
) -> PlainBacktest:
    """Return what a plain backtrader strategy did to an account, audited and computed twice.

    Parameters
    ----------
    strategy : PlainStrategy
        From `find_strategy`, or `plain_strategy(Class)(**params)`.
    market : Market
    costs : Costs, default free of costs
        Slippage moves market and stop orders; a limit order never fills beyond its limit.
    rebalance, lots
        The study's terms, written down with the account. A plain strategy sizes and times its own
        orders, so they do not act on it.
    cash : float
        Money at the start.
    name : str, optional
        Who decided, for messages; default the class's name.

    Raises
    ------
    LookAheadError
        When an order was filled on a bar that had begun before it was placed, or a price was read
        ahead: names the order, the date and the asset.
    ReconciliationError
        When the replay of its fills is not the account that backtrader kept.
    Refusal
        When shorts or leverage lost all the money there was.
    """
    terms = Terms.of(market.assets, costs, rebalance, cash=cash, lots=lots)
    return simulate_plain_under(strategy, market, terms, name=name or type(strategy).__name__)


def simulate_plain_under(
    strategy: PlainStrategy, market: Market, terms: Terms, *, name: str
) -> PlainBacktest:
    """Return what `simulate_plain` does, under terms that are checked already; raises what it raises."""
    from raisecash.engines import backtrader_plain, ledger

    panel = market.panel
    run = backtrader_plain.run(
        panel,
        terms,
        strategy.written(),
        strategy.parameters(),
        high=market.high.to_numpy(dtype=float),
        low=market.low.to_numpy(dtype=float),
        volume=market.volume.to_numpy(dtype=float),
    )
    _refuse_fills_on_seen_bars(run, market, name)
    nothing = CheckedWeights.none(market)
    record, replay = (
        Backtest(name=name, engine=engine, market=market, terms=terms, decided=nothing, account=account)
        for engine, account in (
            ("backtrader", run.account),
            ("ledger", ledger.replay_fills(panel, terms, run.account.fills)),
        )
    )
    ruined = record.equity[~(record.equity > 0)]
    if len(ruined):
        raise Refusal(
            f"{name}: equity must stay above 0, and is {ruined.iloc[0]:,.2f} on {_day(ruined.index[0])}: "
            "its short positions lost more than the account held; trade smaller"
        )
    return PlainBacktest(
        record=record,
        replay=replay,
        reconciliation=reconcile(record, replay),
        orders=_orders(run, market),
        notes=tuple(_notes(record, run, market, name)),
    )


def check_plain_lookahead(
    strategy: PlainStrategy, result: PlainBacktest, *, name: str | None = None
) -> LookAheadCheck:
    """Run a plain strategy again with the future cut off, at three bars, and compare orders and fills.

    The bars are those at whose close its first, middle and last orders were placed: a strategy that
    reads ahead shows it in the order it placed last.

    Raises
    ------
    LookAheadError
        Naming the first order or fill that was different, or the error that reading past the cut raised.
    """
    record, name = result.record, name or type(strategy).__name__
    market = record.market
    cuts = _cuts(result.orders, market)
    for bar in cuts:
        past = f"with everything after {_day(bar)} cut off"
        try:
            again = simulate_plain_under(strategy, market.until(bar), record.terms, name=name)
        except RaisecashError:
            raise
        except Exception as error:
            raise LookAheadError(
                f"{name} looks ahead: {past} it raised {type(error).__name__}: {error}; "
                "use the bars up to the present one only"
            ) from error
        for what, columns, before, after in (
            (
                "order",
                ("placed_at", "asset", "shares", "kind", "price", "limit"),
                result.orders,
                again.orders,
            ),
            ("fill", ("time", "asset", "shares", "price"), record.fills, again.record.fills),
        ):
            happened = before[before[columns[0]] <= bar]
            row = _first_difference(happened, after, columns)
            if row is not None:
                raise LookAheadError(
                    f"{name} looks ahead: {what} {row + 1} is {_told(happened, row, columns)}, and "
                    f"{_told(after, row, columns)} {past}; use the bars up to the present one only"
                )
    return LookAheadCheck(strategy=name, cuts=len(cuts), by_construction=False, of_orders=True)


def _cuts(orders: pd.DataFrame, market: Market) -> list[pd.Timestamp]:
    """Return the bars to cut after: where the first, a middle and the last order were placed, or some more.

    Not before every market has a bar: backtrader has no feed for one without any, and a strategy
    that asks for it fails for that reason alone.
    """
    is_open = market.is_open.to_numpy()
    first = int(is_open[:, is_open.any(axis=0)].argmax(axis=0).max())
    bars = market.bars[first:-1]
    if not len(bars):
        return []
    placed = bars[bars.isin(orders["placed_at"])]
    chosen = {placed[round(row)] for row in np.linspace(0, len(placed) - 1, CUTS)} if len(placed) else set()
    for share in range(1, CUTS):  # few orders: at some bar without one, too
        if len(chosen) < min(CUTS, len(bars)):
            chosen.add(bars[len(bars) * share // CUTS])
    return sorted(chosen)


def _first_difference(before: pd.DataFrame, after: pd.DataFrame, columns: tuple[str, ...]) -> int | None:
    """Return the first row in which two tables differ; None where they are the same."""
    for row in range(max(len(before), len(after))):
        if row >= min(len(before), len(after)):
            return row
        for column in columns:
            one, other = before[column].iloc[row], after[column].iloc[row]
            if isinstance(one, float):
                if not np.isclose(one, other, rtol=TOLERANCE, atol=0.0, equal_nan=True):
                    return row
            elif one != other:
                return row
    return None


def _told(table: pd.DataFrame, row: int, columns: tuple[str, ...]) -> str:
    """Return an order or a fill in a few words."""
    if row >= len(table):
        return "not there"
    values = (table[column].iloc[row] for column in columns)
    shown = (_day(each) if isinstance(each, pd.Timestamp) else each for each in values)
    return " ".join(f"{each:.6g}" if isinstance(each, float) else str(each) for each in shown if each == each)


def _refuse_fills_on_seen_bars(run: PlainRun, market: Market, name: str) -> None:
    """Raise at the first fill on a bar that had begun before its order was placed."""
    if not run.seen:
        return
    number, bar = run.seen[0]
    order = run.orders[number - 1]
    raise LookAheadError(
        f"{name} looks ahead: order {number} ({order.kind}, {order.shares:.6g} {market.assets[order.asset]}, placed "
        f"at the close of {_day(market.bars[order.placed])}) was filled on the bar of {_day(market.bars[bar])}, which it "
        f"had seen; {len(run.seen)} such fill(s). Leave cheat-on-close and cheat-on-open off"
    )


def _orders(run: PlainRun, market: Market) -> pd.DataFrame:
    """Return one row an order."""
    rows = [
        (each.number, market.bars[each.placed], market.assets[each.asset], each.shares, each.kind, each.price, each.limit)
        for each in run.orders
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(ORDER_COLUMNS)).astype(
        {"placed_at": market.bars.dtype, "shares": float, "price": float, "limit": float}
    )


def _notes(record: Backtest, run: PlainRun, market: Market, name: str) -> Iterator[str]:
    """Yield what a reader of this account must know."""
    yield (
        f"{name} is a plain backtrader strategy: it places orders of its own, limits and stops among them; "
        "lot sizes and rebalancing rules do not apply to it."
    )
    held_back = record.unfilled[record.unfilled["reason"] == WAITED]
    if len(held_back):
        waited, count = held_back.iloc[0], len(held_back)
        seen = market.open[waited["asset"]].loc[: waited["time"]].last_valid_index()
        yield (
            f"{name}: look-ahead prevented: backtrader would have filled {count} order(s) on a bar that was over when they "
            f"could first be filled, and they waited for the next one; the first is the order for {waited['wanted']:.6g} "
            f"{waited['asset']} placed on {_day(waited['decided_at'])}, which would have got the bar of {_day(seen)}. "
            "All are listed under the orders not filled in full."
        )
    for asset, count in run.early_reads.items():
        yield (
            f"{name} read a price of {asset} {count} time(s) when it had none yet, and was given NaN; backtrader would "
            "have given it the last prices of the file."
        )
    if (record.account.shares < 0).any():
        yield f"{name} sold short: borrowing costs nothing here, and the proceeds earn the cash yield while they are cash."


def _day(time: Any) -> str:
    """Return a bar's date, with the time of day where there is one."""
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
