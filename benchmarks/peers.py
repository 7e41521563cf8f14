"""What the benchmarks compare against: hand-written backtrader and a bare compiled loop."""

from __future__ import annotations

import math

import backtrader as bt
import numba
import numpy as np
import pandas as pd

COMMISSION, SLIPPAGE = 0.001, 0.0005


class PlainRebalancer(bt.Strategy):
    """What a quant writes by hand: decide in `next`, trade in `next_open`, sells before buys."""

    params = (("targets", None),)

    def __init__(self):
        self.rows = {
            row.Index.to_pydatetime(): row[1:]
            for row in self.p.targets.itertuples()
            if not math.isnan(row[1])
        }
        self.wanted = {}

    def next(self):
        row = self.rows.get(self.datetime.datetime(0))
        if row:
            self.wanted = dict(zip(self.datas, row, strict=True))

    def next_open(self):
        if not self.wanted:
            return
        now = max(data.datetime[0] for data in self.datas)
        price = {d: d.open[0] if d.datetime[0] == now else d.close[0] for d in self.datas}
        cash = self.broker.getcash()
        value = cash + sum(self.getposition(d).size * price[d] for d in self.datas)
        todo = [
            (d, weight * value / price[d] - self.getposition(d).size)
            for d, weight in self.wanted.items()
            if d.datetime[0] == now
        ]
        for d, size in todo:
            if size < 0:
                self.sell(d, size=-size)
                cash -= size * price[d] * (1 - SLIPPAGE) * (1 - COMMISSION)
        need = sum(size * price[d] for d, size in todo if size > 0) * (1 + SLIPPAGE) * (1 + COMMISSION)
        scale = min(1.0, cash * (1 - 1e-12) / need) if need > 0 else 1.0
        for d, size in todo:
            if size > 0:
                self.buy(d, size=size * scale)
            del self.wanted[d]

    prenext = nextstart = next
    prenext_open = nextstart_open = next_open


class Fractional(bt.CommInfoBase):
    params = (
        ("commission", COMMISSION),
        ("commtype", bt.CommInfoBase.COMM_PERC),
        ("percabs", True),
        ("stocklike", True),
    )


def plain_backtrader(frames: dict[str, pd.DataFrame], targets: pd.DataFrame, cash: float) -> float:
    """Return the final equity of the same targets in hand-written backtrader over `PandasData`."""
    cerebro = bt.Cerebro(stdstats=False, cheat_on_open=True)
    cerebro.broker.setcash(cash)
    cerebro.broker.addcommissioninfo(Fractional())
    cerebro.broker.set_slippage_perc(SLIPPAGE, slip_open=True, slip_match=True, slip_out=True)
    cerebro.broker.set_checksubmit(False)
    for name, frame in frames.items():
        cerebro.adddata(bt.feeds.PandasData(dataname=frame), name=name)
    cerebro.addstrategy(PlainRebalancer, targets=targets)
    cerebro.run()
    return cerebro.broker.getvalue()


@numba.njit(cache=True)
def bare_loop(opens, closes, weights, cash):
    """Keep one equity curve of two always-open assets: the least a backtest can do."""
    n, m = opens.shape
    shares = np.zeros(m)
    wanted = np.zeros(m)
    equity = np.empty(n)
    pending = -1
    for t in range(n):
        if pending >= 0:
            value = cash
            for j in range(m):
                value += shares[j] * opens[t, j]
            need = 0.0
            for j in range(m):
                wanted[j] = weights[pending, j] * value / opens[t, j] - shares[j]
                if wanted[j] < 0.0:
                    cash -= wanted[j] * opens[t, j] * (1.0 - SLIPPAGE) * (1.0 - COMMISSION)
                    shares[j] += wanted[j]
                else:
                    need += wanted[j] * opens[t, j] * (1.0 + SLIPPAGE) * (1.0 + COMMISSION)
            scale = min(1.0, cash / need) if need > 0.0 else 1.0
            for j in range(m):
                if wanted[j] > 0.0:
                    cash -= wanted[j] * scale * opens[t, j] * (1.0 + SLIPPAGE) * (1.0 + COMMISSION)
                    shares[j] += wanted[j] * scale
            pending = -1
        value = cash
        for j in range(m):
            value += shares[j] * closes[t, j]
        equity[t] = value
        if not math.isnan(weights[t, 0]):
            pending = t
    return equity
