"""The backtrader engine: the same weights traded through a real Cerebro, its feeds, broker and orders."""

from __future__ import annotations

import array
import math
from typing import TYPE_CHECKING, Any

import backtrader as bt
import numpy as np

from raisecash.engines.account import DATA_ENDED, REPLACED, SCALED_TO_CASH, UNDER_ONE_LOT, Account
from raisecash.errors import ReconciliationError
from raisecash.execution.tolerances import CASH_TOLERANCE, CHANGE_TOLERANCE, DUST, LOT_TOLERANCE

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Panel
    from raisecash.execution.terms import Terms
    from raisecash.execution.weights import CheckedWeights

ROUNDING = (
    1e-14  # of the cash: backtrader refuses a buy outright when cash ends at -1e-12, so rounding is covered
)
UNIX_EPOCH = 719_163.0  # backtrader counts days from 0001-01-01; this is 1970-01-01
PRICE_LINES = ("open", "high", "low", "close")


def run(panel: Panel, terms: Terms, weights: CheckedWeights) -> Account:
    """Return the account that weights make of the terms' cash over a panel, as backtrader's broker kept it."""
    cerebro = bt.Cerebro(stdstats=False, cheat_on_open=True, tradehistory=False)
    cerebro.setbroker(_broker(terms))
    days = days_of(panel)
    is_open = ~np.isnan(panel.open)
    for j in np.flatnonzero(is_open.any(axis=0)):  # backtrader cannot run a feed without a bar
        rows = is_open[:, j]
        feed = WholeBarFeed(times=days[rows], open=panel.open[rows, j], close=panel.close[rows, j])
        cerebro.adddata(feed, name=panel.assets[j])
    if not is_open.any(axis=1).all():  # a bar on which everything is closed still earns interest and decides
        flat = np.ones(len(days))
        cerebro.adddata(WholeBarFeed(times=days, open=flat, close=flat), name=" clock")
    cerebro.addstrategy(Rebalancer, panel=panel, terms=terms, weights=weights)
    (rebalancer,) = cerebro.run()
    return rebalancer.account()  # type: ignore[no-any-return]


class ArrayFeed(bt.feed.DataBase):  # type: ignore[misc]  # backtrader ships no types
    """A feed that hands whole columns over at once; PandasData copies them row by row."""

    params = (("times", None), ("open", None), ("close", None))

    def preload(self) -> None:
        """Fill each line's buffer from its array and rewind."""
        high = np.maximum(self.p.open, self.p.close)
        low = np.minimum(self.p.open, self.p.close)
        zero = np.zeros(len(self.p.times))
        columns = dict(zip(PRICE_LINES, (self.p.open, high, low, self.p.close), strict=True))
        columns["datetime"] = self.p.times
        for name in self.getlinealiases():
            line = getattr(self.lines, name)
            line.array = array.array("d", np.ascontiguousarray(columns.get(name, zero)).tobytes())
        self.home()


class WholeBarFeed(ArrayFeed):
    """A feed of bars that are whole when they come: no ticks within them, no clock of their own."""

    def preload(self) -> None:
        """Fill the lines, and keep the time of the bar to come at hand."""
        super().preload()
        self.moved = [getattr(self.lines, name) for name in (*PRICE_LINES, "datetime")]
        self.times_ahead = iter([*self.p.times.tolist(), math.inf])
        self.next_time: float = next(self.times_ahead)

    def advance_peek(self) -> float:
        """Return the time of the bar to come, infinity after the last."""
        return self.next_time

    def advance(self, size: int = 1, datamaster: Any = None, ticks: bool = True) -> None:
        """Move on to the next bar."""
        for line in self.moved:
            line.advance(size)
        self.next_time = next(self.times_ahead)


class FractionalCommission(bt.CommInfoBase):  # type: ignore[misc]
    """A fraction of traded value; sizes stay fractional, where backtrader would truncate them."""

    params = (("commtype", bt.CommInfoBase.COMM_PERC), ("stocklike", True), ("percabs", True))

    def getsize(self, price: float, cash: float) -> float:
        """Return how many units the cash buys, without truncation to whole ones."""
        return float(self.p.leverage * (cash / price))


class InterestBroker(bt.brokers.BackBroker):  # type: ignore[misc]
    """backtrader's broker, which also pays interest and dividends: its own `add_cash` books a bar late."""

    def credit(self, amount: float) -> None:
        """Add money to the cash now, before the bar's orders are sized."""
        self.cash += amount


class QuietBroker(InterestBroker):
    """The same for our own orders, which fill at once or are an error: most bars have none."""

    def next(self) -> None:
        """Value the account; where no order waits, that is all there is to do at a bar."""
        if self.pending or self._toactivate:
            super().next()
        else:
            self._get_value()

    def notify(self, order: Any) -> None:
        """Tell the strategy what became of an order; that it was submitted and accepted is no news."""
        if order.status not in (order.Submitted, order.Accepted):
            super().notify(order)


def days_of(panel: Panel) -> Floats:
    """Return bar times as backtrader counts them, in days."""
    days: Floats = panel.times.astype("datetime64[us]").astype(np.int64) / 86_400e6 + UNIX_EPOCH
    return days


def _broker(terms: Terms) -> QuietBroker:
    """Return a broker that charges the terms' costs and refuses nothing silently."""
    broker = QuietBroker()
    broker.setcash(terms.cash)
    broker.addcommissioninfo(FractionalCommission(commission=terms.costs.commission))
    # slip_open: market orders at the open slip too; slip_out: past the bar's high or low as well.
    broker.set_slippage_perc(
        terms.costs.slippage, slip_open=True, slip_limit=True, slip_match=True, slip_out=True
    )
    # The check at submission prices orders without slippage and in the wrong order; Rebalancer sizes to the cash
    # and raises on any order that does not complete.
    broker.set_checksubmit(False)
    return broker


class Rebalancer(bt.Strategy):  # type: ignore[misc]
    """Decides at the close in `next`, trades at the next open in `next_open`, records both."""

    params = (("panel", None), ("terms", None), ("weights", None))

    def __init__(self) -> None:
        panel: Panel = self.p.panel
        terms: Terms = self.p.terms
        weights: CheckedWeights = self.p.weights
        self.t = -1
        self.data_of = {j: self.dnames[asset] for j, asset in enumerate(panel.assets) if asset in self.dnames}
        # Plain lists: reading one number from a numpy row costs more than the rest of a bar.
        self.opens = panel.open.tolist()
        self.closed = np.isnan(panel.open).tolist()
        self.rows = weights.rows.tolist()
        self.decides = weights.decides.tolist()
        self.starts_period = panel.starts_period(terms.rebalance.every).tolist()
        self.on_change, self.drift = terms.rebalance.on_change, terms.rebalance.drift
        self.commission, self.slippage = terms.costs.commission, terms.costs.slippage
        self.accrual = panel.accrual.tolist()
        self.lots = terms.lots.tolist()
        self.closes_known = panel.last_close.tolist()
        self.submitted: list[float] | None = None
        self.pending: dict[int, float] = {}
        self.untried: set[int] = set()
        self.decided_at = -1
        self.dividends = panel.dividends.tolist()
        self.bar_commission = self.bar_traded = self.bar_interest = self.bar_received = 0.0
        self.columns: list[tuple[float, ...]] = []
        self.share_rows: list[list[float]] = []
        self.fills: list[tuple[float, ...]] = []
        self.unfilled: list[tuple[float, ...]] = []
        self.number = {data: j for j, data in self.data_of.items()}
        self.none_held = [0.0] * len(panel.assets)
        self.orders_decided: dict[int, int] = {}

    # -- at the open ----------------------------------------------------------------------------

    def next_open(self) -> None:
        """Credit interest and dividends, then trade the pending weights of every asset that is open."""
        self.t += 1
        broker = self.broker
        self.bar_commission = self.bar_traded = 0.0
        self.bar_interest = max(broker.cash, 0.0) * self.accrual[self.t]
        if self.bar_interest:
            broker.credit(self.bar_interest)
        if self.dividends and any(self.dividends[self.t]):
            paid = zip(self._held(), self.dividends[self.t], strict=True)
            self.bar_received = sum(size * each for size, each in paid)
            broker.credit(self.bar_received)
        else:
            self.bar_received = 0.0
        if self.pending:
            self._trade()

    prenext_open = nextstart_open = next_open  # backtrader calls these until its slowest feed has started

    def _trade(self) -> None:
        """Submit sells, then buys scaled to the cash that the sells leave."""
        t, opens, closed = self.t, self.opens[self.t], self.closed[self.t]
        held = self._held()
        cash = self.broker.cash
        valued_at = self.closes_known[t - 1]  # where a market is closed its last close still counts
        value = cash + sum(
            size * (valued_at[j] if closed[j] else opens[j]) for j, size in enumerate(held) if size
        )
        tradable = [j for j in self.pending if not closed[j]]
        others_wait = len(tradable) < len(self.pending)
        buys: list[tuple[int, float]] = []
        for j in tradable:
            change = self._wanted(j, value, opens[j]) - held[j]
            if abs(change) * opens[j] <= DUST * value:
                continue
            if change > 0.0:
                buys.append((j, change))
                continue
            price = opens[j] * (1.0 - self.slippage)
            cash += -change * price * (1.0 - self.commission)
            self._order(j, change)
        unit_cost = (1.0 + self.slippage) * (1.0 + self.commission)
        need = sum(change * opens[j] * unit_cost for j, change in buys)
        budget = max(cash, 0.0)
        scale = min(1.0, budget / need) if need else 1.0
        is_cut = need > budget * (1.0 + CASH_TOLERANCE)
        if need > budget * (1.0 - CASH_TOLERANCE):
            self.broker.credit(budget * ROUNDING + (0.0 if is_cut else max(need - budget, 0.0)))
        for j, change in buys:
            size = change * scale
            if self.lots[j]:
                size = math.floor(size / self.lots[j]) * self.lots[j] if is_cut else change
            if is_cut:
                self.unfilled.append((t, j, self.decided_at, change, size, SCALED_TO_CASH))
            if size * opens[j] > DUST * value:
                self._order(j, size)
        retried = {j for j, _ in buys} if is_cut and others_wait else set()
        for j in tradable:
            self.untried.discard(j)
            if j not in retried:
                del self.pending[j]

    def _held(self) -> list[float]:
        """Return the shares the broker holds of each asset."""
        held, positions = self.none_held.copy(), self.broker.positions
        for j, data in self.data_of.items():
            held[j] = positions[data].size
        return held

    def _wanted(self, j: int, value: float, price: float) -> float:
        """Return the shares the pending weight stands for, in whole lots where there are lots."""
        shares: float = self.pending[j] * value / price
        lot: float = self.lots[j]
        if not lot:
            return shares
        whole = math.floor(shares / lot * (1.0 + LOT_TOLERANCE)) * lot
        if whole == 0.0 and shares * price > DUST * value and not self.broker.positions[self.data_of[j]].size:
            self.unfilled.append((self.t, j, self.decided_at, shares, 0.0, UNDER_ONE_LOT))
        return whole

    def _order(self, j: int, size: float) -> None:
        """Submit a market order that this bar's open fills."""
        data = self.data_of[j]
        order = self.buy(data, size=size) if size > 0 else self.sell(data, size=-size)
        self.orders_decided[order.ref] = self.decided_at

    def notify_order(self, order: Any) -> None:
        """Record a fill; an order that backtrader refused is an error, never silence."""
        if order.status in (order.Submitted, order.Accepted):
            return
        j = self.number[order.data]
        if order.status != order.Completed:
            raise ReconciliationError(
                f"backtrader answered {order.getstatusname()} to an order for {order.created.size} "
                f"{self.p.panel.assets[j]} on {self.p.panel.times[self.t]}: the sizing left too little cash"
            )
        done = order.executed
        self.bar_commission += done.comm
        self.bar_traded += abs(done.size) * done.price
        decided = self.orders_decided.pop(order.ref)
        self.fills.append((self.t, j, decided, done.size, done.price, done.comm))

    # -- at the close ---------------------------------------------------------------------------

    def next(self) -> None:
        """Record the account, then take the row decided at this close."""
        broker, t = self.broker, self.t
        equity = broker.getvalue()
        self.columns.append(
            (equity, broker.cash, self.bar_interest, self.bar_commission, self.bar_traded, self.bar_received)
        )
        self.share_rows.append(self._held())
        if self.decides[t] and self._is_submitted(self.rows[t], equity):
            self._replace_pending(self.rows[t])

    prenext = nextstart = next

    def _is_submitted(self, row: list[float], equity: float) -> bool:
        """Return whether the row decided at this close becomes an order."""
        if self.submitted is None or self.starts_period[self.t]:
            return True
        if self.on_change and any(
            abs(new - old) > CHANGE_TOLERANCE for new, old in zip(row, self.submitted, strict=True)
        ):
            return True
        if not self.drift:
            return False
        prices, held = self.closes_known[self.t], self.share_rows[-1]
        return any(abs(held[j] * prices[j] / equity - weight) > self.drift for j, weight in enumerate(row))

    def _replace_pending(self, row: list[float]) -> None:
        """Make the row the pending target; what never met an open market is written down as unfilled."""
        self._write_off(REPLACED)
        self.pending = dict(enumerate(row))
        self.untried = set(self.pending)
        self.submitted = row
        self.decided_at = self.t

    def stop(self) -> None:
        """Write down what the data's end left waiting."""
        self._write_off(DATA_ENDED)

    def _write_off(self, reason: int) -> None:
        """Record the pending targets that never met an open market and would have traded."""
        held = self._held()
        for j in sorted(self.untried):
            if self.pending[j] or held[j]:
                self.unfilled.append((self.t, j, self.decided_at, math.nan, 0.0, reason))

    def account(self) -> Account:
        """Return what was recorded, as arrays."""
        rows = [np.array(self.columns, dtype=float), np.array(self.share_rows, dtype=float)]
        book = np.asfortranarray(np.hstack(rows))
        fills = np.array(self.fills, dtype=float).reshape(-1, 6)
        unfilled = np.array(self.unfilled, dtype=float).reshape(-1, 6)
        return Account(book=book, fills=fills, unfilled=unfilled)
