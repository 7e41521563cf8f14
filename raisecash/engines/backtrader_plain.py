"""Plain backtrader strategies: run as they are in a real Cerebro, every order and fill written down."""

from __future__ import annotations

import array
import contextlib
import copy
import math
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import backtrader as bt
import numpy as np

from raisecash.engines.account import (
    CANCELLED,
    EXPIRED,
    MARGIN,
    NEVER_FILLED,
    REJECTED,
    WAITED,
    Account,
)
from raisecash.engines.backtrader import ArrayFeed, FractionalCommission, InterestBroker, days_of
from raisecash.errors import ConfigError, LookAheadError

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Panel
    from raisecash.execution.terms import Terms

REFUSED = {
    bt.Order.Margin: MARGIN,
    bt.Order.Rejected: REJECTED,
    bt.Order.Canceled: CANCELLED,
    bt.Order.Expired: EXPIRED,
}
# Ways to change the account that the ledger knows nothing of; cash and costs are the config's.
SEALED = (
    "add_cash", "set_cash", "setcash", "setcommission", "addcommissioninfo", "set_slippage_perc",
    "set_slippage_fixed", "set_shortcash", "add_order_history", "set_fund_history",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as a plain strategy placed it.

    Attributes
    ----------
    number : int
        Counted from 1, in the order of placing.
    placed, asset : int
        Bar and asset by number.
    shares : float
        Negative for a sale.
    kind : str
        backtrader's name: Market, Limit, Stop and so on.
    price, limit : float
        The prices it names, NaN where it names none.
    """

    number: int
    placed: int
    asset: int
    shares: float
    kind: str
    price: float
    limit: float


@dataclass(frozen=True, eq=False, kw_only=True)
class PlainRun:
    """What a plain strategy did.

    Attributes
    ----------
    account : Account
    orders : tuple of Order
        Every order it placed.
    seen : tuple of (int, int)
        Fills that looked ahead: the order's number and the bar it was filled on, which had begun
        when the order was placed.
    early_reads : mapping of asset to int
        How often it read a price of a market that had none yet.
    """

    account: Account
    orders: tuple[Order, ...]
    seen: tuple[tuple[int, int], ...]
    early_reads: Mapping[str, int]


def run(
    panel: Panel,
    terms: Terms,
    written: type,
    parameters: Mapping[str, Any],
    *,
    high: Floats,
    low: Floats,
    volume: Floats,
) -> PlainRun:
    """Return what a plain strategy did over the bars of a panel, as backtrader's broker kept it.

    Parameters
    ----------
    panel : Panel
    terms : Terms
        Its lots and rebalancing rule are not looked at.
    written : type
        A `bt.Strategy` subclass.
    parameters : mapping
        Its params.
    high, low, volume : array of shape (n, m)
        NaN where closed, volume also where unknown.
    """
    # runonce=False: in the other mode a line made of two feeds pairs their bars by position, not by date.
    cerebro = bt.Cerebro(runonce=False)
    days = days_of(panel)
    intraday = bool((days % 1.0).any())
    is_open = ~np.isnan(panel.open)
    feeds = {}
    for j in np.flatnonzero(is_open.any(axis=0)):  # backtrader cannot run a feed without a bar
        rows = is_open[:, j]
        feeds[int(j)] = BarFeed(
            times=days[rows],
            open=panel.open[rows, j],
            high=high[rows, j],
            low=low[rows, j],
            close=panel.close[rows, j],
            volume=volume[rows, j],
            timeframe=bt.TimeFrame.Minutes if intraday else bt.TimeFrame.Days,
        )
        cerebro.adddata(feeds[int(j)], name=panel.assets[j])
    broker = RecordingBroker()
    broker.attach(panel, terms, days.tolist(), feeds)
    cerebro.setbroker(broker)
    cerebro.addstrategy(written, **parameters)
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):  # stdout is for results
        warnings.filterwarnings("ignore", message=".*utcnow", category=DeprecationWarning)  # backtrader's own
        if not cerebro.run():
            raise ConfigError(f"{written.__name__} asked not to be run (StrategySkipError)")
    return PlainRun(
        account=broker.account(),
        orders=tuple(each.order for each in broker.tickets.values()),
        seen=tuple(broker.seen),
        early_reads={panel.assets[j]: feed.early_reads for j, feed in feeds.items() if feed.early_reads},
    )


class BarFeed(ArrayFeed):
    """Whole bars, with lines that do not hand out what backtrader would take from the file's end."""

    params = (("high", None), ("low", None), ("volume", None))

    def preload(self) -> None:
        """Fill each line's buffer from its array, guard it and rewind."""
        super().preload()
        self.early_reads = 0
        for name in ("open", "high", "low", "close", "volume"):
            line = getattr(self.lines, name)
            line.array = array.array("d", np.ascontiguousarray(getattr(self.p, name), dtype=float).tobytes())
            line.__class__ = GuardedLine
            line.feed = self


class GuardedLine(bt.linebuffer.LineBuffer):  # type: ignore[misc]
    """A line of prices that has no future, and nothing before its first bar.

    backtrader's own returns the next bar for `close[1]`, and counts from the end of the file for
    `close[0]` before the first bar and for `close[-k]` with fewer than k bars seen.
    """

    feed: BarFeed

    def __getitem__(self, ago: int) -> float:
        row = self.idx + ago
        if ago > 0:
            raise LookAheadError(
                f"a strategy read {self.feed._name} {ago} bar(s) ahead of {self.feed.datetime.date(0)}; "
                "use [0] for the bar that has just closed and [-1] for the one before"
            )
        if row < 0:
            self.feed.early_reads += 1
            return math.nan
        return self.array[row]  # type: ignore[no-any-return]


@dataclass(eq=False, kw_only=True)
class Ticket:
    """One order on its way: what was asked, what has come of it, and whether it was held back."""

    order: Order
    submitted: Any
    booked: int = 0
    held_back: bool = False
    final: bool = False
    filled: float = 0.0


class RecordingBroker(InterestBroker):
    """backtrader's broker with this project's interest, dividends and costs, that writes everything down.

    It differs from backtrader's in what it fills an order on: only a bar of the order's own market
    that began after the order was placed. With calendars that differ backtrader tries Friday's bar
    again on Saturday, for orders that were placed with that bar in sight.
    """

    def attach(self, panel: Panel, terms: Terms, days: list[float], feeds: Mapping[int, BarFeed]) -> None:
        """Set the account up, and take from the strategy every way of changing its terms."""
        self.panel, self.feeds = panel, feeds
        self.slippage = terms.costs.slippage
        self.bar_at = {day: t for t, day in enumerate(days)}
        self.days = days
        self.number = {feed: j for j, feed in feeds.items()}
        self.setcash(terms.cash)
        self.addcommissioninfo(FractionalCommission(commission=terms.costs.commission))
        self.set_slippage_perc(self.slippage, slip_open=True, slip_limit=True, slip_match=True, slip_out=True)
        for name in SEALED:
            setattr(self, name, _sealed(name))
        self.t = -1
        self.book: list[list[float]] = []
        self.fills: list[tuple[float, ...]] = []
        self.unfilled: list[tuple[float, ...]] = []
        self.tickets: dict[int, Ticket] = {}
        self.seen: list[tuple[int, int]] = []
        self.probing = self.would_fill = False

    # -- one bar --------------------------------------------------------------------------------

    def next(self) -> None:
        """Credit interest and dividends, match the orders, write the bar's row of the book."""
        now = self.bar_at[max(feed.datetime[0] for feed in self.feeds.values() if len(feed))]
        while self.t < now - 1:  # bars on which every market is closed: backtrader does not know of them
            self._open_bar()
            self._close_bar(self._value_by_hand())
        self._open_bar()
        super().next()
        self._close_bar(self._value)

    def _open_bar(self) -> None:
        """Go to the next bar and credit what cash and shares earned into it."""
        self.t += 1
        panel, held = self.panel, self._held()
        self.bar_commission = self.bar_traded = self.bar_received = 0.0
        self.bar_interest = max(self.cash, 0.0) * panel.accrual[self.t]
        if len(panel.dividends):
            paid = zip(held, panel.dividends[self.t], strict=True)
            self.bar_received = sum(size * each for size, each in paid)
        self.credit(self.bar_interest + self.bar_received)

    def _close_bar(self, equity: float) -> None:
        """Write down the account at the close."""
        money = (self.cash, self.bar_interest, self.bar_commission, self.bar_traded, self.bar_received)
        self.book.append([equity, *money, *self._held()])

    def _value_by_hand(self) -> float:
        """Return the account's value on a bar that backtrader does not know of."""
        prices = self.panel.last_close[self.t]
        return float(self.cash + sum(size * price for size, price in zip(self._held(), prices, strict=True)))

    def _held(self) -> list[float]:
        """Return the shares held of each asset."""
        held = [0.0] * len(self.panel.assets)
        for feed, position in self.positions.items():
            held[self.number[feed]] = float(position.size)
        return held

    def _get_value(self, datas: Any = None, lever: bool = False) -> Any:
        """Value the account without the markets that have no bar yet: zero shares at no price are NaN."""
        for feed in [each for each in self.positions if not len(each)]:
            del self.positions[feed]
        return super()._get_value(datas=datas, lever=lever)

    # -- orders ---------------------------------------------------------------------------------

    def submit(self, order: Any, check: bool = True) -> Any:
        """Write an order down; one for a market without a bar yet is rejected, it has no price to go by."""
        self.tickets[order.ref] = Ticket(
            submitted=order,
            order=Order(
                number=len(self.tickets) + 1,
                placed=max(self.t, 0),
                asset=self.number[order.data],
                shares=float(order.created.size),
                kind=order.getordername(),
                price=_price(order.created.price, order),
                limit=_price(order.created.pricelimit, order),
            ),
        )
        if not len(order.data):
            order.reject(self)
            self.notify(order)
            return order
        return super().submit(order, check=check)

    def _try_exec(self, order: Any) -> None:
        """Match an order against a bar of its own market that began after it was placed, and no other."""
        bar = order.data.datetime[0]
        if bar == self.days[self.t] and bar > order.created.dt:
            super()._try_exec(order)
            return
        ticket = self.tickets[order.ref]
        if ticket.held_back or order.exectype == bt.Order.Market:  # backtrader lets market orders wait too
            return
        # backtrader's own matching, on a copy, says whether it would have filled; a close order always would,
        # at the old bar's close, as soon as a newer bar is there.
        self.probing, self.would_fill = True, order.exectype == bt.Order.Close
        trial = copy.copy(order)
        trial.created = copy.copy(order.created)
        super()._try_exec(trial)
        self.probing = False
        if self.would_fill:
            ticket.held_back = True
            self._list(ticket, WAITED)

    def _execute(self, order: Any, *arguments: Any, **options: Any) -> Any:
        """Execute an order, or only note that it would have been executed."""
        if not self.probing:
            return super()._execute(order, *arguments, **options)
        self.would_fill = True
        return None

    def _slip_up(self, pmax: float, price: float, doslip: bool = True, lim: bool = False) -> float:
        """Return a buy's price with slippage; a limit order never pays more than its limit."""
        slipped = price * (1.0 + self.slippage)
        return min(slipped, pmax) if lim else slipped

    def _slip_down(self, pmin: float, price: float, doslip: bool = True, lim: bool = False) -> float:
        """Return a sale's price with slippage; a limit order never gets less than its limit."""
        slipped = price * (1.0 - self.slippage)
        return max(slipped, pmin) if lim else slipped

    def notify(self, order: Any) -> None:
        """Book what has been executed since the last notice, list what will not be, tell the strategy."""
        ticket = self.tickets[order.ref]
        for bit in list(order.executed.exbits)[ticket.booked :]:
            ticket.booked += 1
            ticket.filled += bit.size
            self.bar_commission += bit.comm
            self.bar_traded += abs(bit.size) * bit.price
            if bit.dt <= order.created.dt:
                self.seen.append((ticket.order.number, self.bar_at[bit.dt]))
            self.fills.append(
                (self.t, ticket.order.asset, ticket.order.placed, bit.size, bit.price, bit.comm)
            )
        if order.status in REFUSED and not ticket.final:
            ticket.final = True
            self._list(ticket, REFUSED[order.status])
        super().notify(order)

    def _list(self, ticket: Ticket, reason: int) -> None:
        """Write down an order that was not filled, or not filled there."""
        order = ticket.order
        self.unfilled.append((max(self.t, 0), order.asset, order.placed, order.shares, ticket.filled, reason))

    def account(self) -> Account:
        """Return what was recorded, as arrays; the bars after backtrader's last one included."""
        while self.t < len(self.days) - 1:
            self._open_bar()
            self._close_bar(self._value_by_hand())
        for ticket in self.tickets.values():
            if ticket.submitted.alive():
                self._list(ticket, NEVER_FILLED)
        return Account(
            book=np.array(self.book, dtype=float, order="F"),
            fills=np.array(self.fills, dtype=float).reshape(-1, 6),
            unfilled=np.array(self.unfilled, dtype=float).reshape(-1, 6),
        )


def _price(price: float | None, order: Any) -> float:
    """Return the price an order names; NaN for a market or close order, which backtrader gives its close."""
    if price is None or order.exectype in (bt.Order.Market, bt.Order.Close):
        return math.nan
    return float(price)


def _sealed(name: str) -> Any:
    """Return what a strategy reaches when it tries to change cash or costs."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise ConfigError(
            f"a plain strategy called broker.{name}; cash, interest and costs are those of [execution] in the config"
        )

    return refuse
