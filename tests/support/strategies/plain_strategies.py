"""Plain backtrader strategies, as their authors would write them: nothing here knows this project."""

from __future__ import annotations

import backtrader as bt


class SmaCross(bt.Strategy):
    """Hold the first market while its fast average is above its slow one."""

    params = (("fast", 5), ("slow", 20), ("share", 0.9))

    def __init__(self):
        fast = bt.ind.SMA(self.data.close, period=self.p.fast)
        slow = bt.ind.SMA(self.data.close, period=self.p.slow)
        self.cross = bt.ind.CrossOver(fast, slow)

    def next(self):
        if not self.position and self.cross > 0:
            self.buy(size=self.p.share * self.broker.getcash() / self.data.close[0])
        elif self.position and self.cross < 0:
            self.close()


class Listed(bt.Strategy):
    """Place orders from a list: (bar counted from 0, market, buy or sell, order's keywords)."""

    params = (("orders", ()), ("heard", None))

    def next(self):
        for bar, name, side, order in self.p.orders:
            if bar == len(self) - 1:
                options = {**order}
                if "exectype" in options:
                    options["exectype"] = getattr(bt.Order, options["exectype"])
                getattr(self, side)(data=self.getdatabyname(name), **options)

    prenext = next

    def notify_order(self, order):
        if self.p.heard is not None:
            self.p.heard.append(("order", order.getstatusname(), order.executed.price))

    def notify_trade(self, trade):
        if self.p.heard is not None:
            self.p.heard.append(("trade", trade.isclosed, trade.pnlcomm))

    def notify_cashvalue(self, cash, value):
        if self.p.heard is not None:
            self.p.heard.append(("cash", cash, value))


class Brackets(bt.Strategy):
    """Buy every market below its close with a bracket around it, again whenever it is gone."""

    params = (("below", 0.01), ("stop", 0.04), ("limit", 0.04), ("shares", 10))

    def __init__(self):
        self.alive = {data: [] for data in self.datas}

    def notify_order(self, order):
        if not order.alive():
            self.alive[order.data] = [ref for ref in self.alive[order.data] if ref != order.ref]

    def next(self):
        for data in self.datas:
            if data.datetime[0] == self.datetime[0] and not self.alive[data]:
                price = data.close[0] * (1 - self.p.below)
                bracket = self.buy_bracket(
                    data=data,
                    size=self.p.shares,
                    price=price,
                    stopprice=price * (1 - self.p.stop),
                    limitprice=price * (1 + self.p.limit),
                )
                self.alive[data] = [order.ref for order in bracket]


class SaturdayLimit(bt.Strategy):
    """Place a limit order for SPY on a Saturday, at a price that Friday saw."""

    def next(self):
        spy = self.getdatabyname("SPY")
        if self.datetime.date(0).weekday() == 5 and not self.getposition(spy).size:
            self.buy(data=spy, size=1, exectype=bt.Order.Limit, price=spy.high[0])


class CheatOnClose(bt.Strategy):
    """Buy at a close after having seen it."""

    def start(self):
        self.broker.set_coc(True)

    def next(self):
        if len(self) == 3:
            self.buy(size=1)


class Peek(bt.Strategy):
    """Look at the next bar, past the lines: straight into the array."""

    def next(self):
        line = self.data.lines.close
        if line.idx + 1 < len(line.array) and line.array[line.idx + 1] > self.data.close[0]:
            self.buy(size=1)


class NextBar(bt.Strategy):
    """Look at the next bar, in the way that backtrader lets pass."""

    def next(self):
        if self.data.close[1] > self.data.close[0]:
            self.buy(size=1)


class RatioWatcher(bt.Strategy):
    """Note a line made of two markets, and what a market shows before its first bar."""

    params = (("seen", None),)

    def __init__(self):
        self.ratio = self.data0.close / self.data1.close

    def prenext(self):
        self.p.seen.append((self.datetime.date(0), self.data1.close[0]))

    def next(self):
        self.p.seen.append((self.datetime.date(0), self.ratio[0]))
