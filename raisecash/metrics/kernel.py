"""What the metrics of many equity curves are made of, compiled: sums, spreads and depths at day ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from raisecash.engines.compiled import compiled

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Ints

BLOCK = 128  # numbers that NumPy adds up in one go
LANES = 8
FIRST, LAST, SPREAD, EXCESS, EXCESS_SPREAD, DOWNSIDE, DEEPEST, RUINED_AT = range(8)
WIDTH = 8


def halving(n: int) -> tuple[Ints, Ints]:
    """Return how NumPy adds up n numbers: the end of each block, and how many sums are joined after it.

    A spread that is nothing but rounding depends on the order of additions: taken in this one, it is
    that of `raisecash.metrics.performance` to the last bit.
    """
    ends: list[int] = []
    joined: list[int] = []

    def walk(start: int, stop: int) -> None:
        half = (stop - start) // 2
        half -= half % LANES
        if stop - start <= BLOCK:
            ends.append(stop)
            joined.append(0)
        else:
            walk(start, start + half)
            walk(start + half, stop)
            joined[-1] += 1

    walk(0, n)
    return np.array(ends, dtype=np.int64), np.array(joined, dtype=np.int64)


@compiled
def total(values: Floats, ends: Ints, joined: Ints) -> float:
    """Return the sum of the values in the order that `halving` gives."""
    sums = np.empty(64)
    height = 0
    start = 0
    for block in range(len(ends)):
        stop = ends[block]
        result = 0.0
        if stop - start >= LANES:
            a, b, c, d = values[start], values[start + 1], values[start + 2], values[start + 3]
            e, f, g, h = values[start + 4], values[start + 5], values[start + 6], values[start + 7]
            last = start + (stop - start) // LANES * LANES
            for i in range(start + LANES, last, LANES):
                a += values[i]
                b += values[i + 1]
                c += values[i + 2]
                d += values[i + 3]
                e += values[i + 4]
                f += values[i + 5]
                g += values[i + 6]
                h += values[i + 7]
            result = ((a + b) + (c + d)) + ((e + f) + (g + h))
            start = last
        for i in range(start, stop):
            result += values[i]
        start = stop
        for _ in range(joined[block]):
            height -= 1
            result = sums[height] + result
        sums[height] = result
        height += 1
    found: float = sums[0]
    return found  # mypy takes an element of an array for anything


@compiled
def _spread(values: Floats, mean: float, squares: Floats, ends: Ints, joined: Ints) -> float:
    """Return the sample standard deviation (divisor n - 1); NaN with fewer than two values."""
    n = len(values)
    if n < 2:
        return math.nan
    for i in range(n):
        around = values[i] - mean
        squares[i] = around * around
    return math.sqrt(total(squares, ends, joined) / (n - 1))


@compiled
def parts(
    equity: Floats, day_ends: Ints, earned: Floats, cash: float, ends: Ints, joined: Ints, with_losses: bool, found: Floats
) -> None:  # fmt: skip
    """Find what the metrics of equity curves are made of; n bars, d dates with a bar, r returns.

    Parameters
    ----------
    equity : array of shape (n_curves, n)
        From the ledger: nothing has traded at the first bar.
    day_ends : int array of shape (d,)
    earned : array of shape (r,) or (0,)
        What a unit of cash earned over each return; without a row when it never earned anything.
    cash : float
        Money at the start: the first day end where the first date has several bars.
    ends, joined : int array
        From `halving(r)`.
    with_losses : bool
        Whether the root of the mean squared loss is wanted.
    found : array of shape (n_curves, 8)
        First and last day end, spread of the returns, mean of the returns above the cash yield,
        their spread, the root of their mean squared loss, the deepest drawdown; and the first bar at
        which equity is no positive amount, -1 where there is none: the rest is not written then.
    """
    d = len(day_ends)
    before = 1 if day_ends[0] != 0 else 0
    n = before + d - 1
    of_days = np.empty(n + 1)
    returns = np.empty(n)
    squares = np.empty(n)
    for v in range(len(equity)):
        curve = equity[v]
        bad = 0
        for t in range(len(curve)):
            bad += not ((curve[t] > 0.0) & (curve[t] < math.inf))
        found[v, RUINED_AT] = -1.0
        if bad > 0:
            t = 0
            while 0.0 < curve[t] < math.inf:
                t += 1
            found[v, RUINED_AT] = t
            continue
        values = curve
        if d < len(curve):
            values = of_days
            values[0] = cash
            for i in range(d):
                values[before + i] = curve[day_ends[i]]
        for i in range(n):
            returns[i] = values[i + 1] / values[i] - 1.0
        mean = total(returns, ends, joined) / n
        found[v, FIRST] = values[0]
        found[v, LAST] = values[n]
        found[v, SPREAD] = found[v, EXCESS_SPREAD] = _spread(returns, mean, squares, ends, joined)
        if len(earned) > 0:
            for i in range(n):
                returns[i] -= earned[i]
            mean = total(returns, ends, joined) / n
            found[v, EXCESS_SPREAD] = _spread(returns, mean, squares, ends, joined)
        found[v, EXCESS] = mean
        if with_losses:
            for i in range(n):
                loss = returns[i] if returns[i] < 0.0 else 0.0
                squares[i] = loss * loss
            found[v, DOWNSIDE] = math.sqrt(total(squares, ends, joined) / n)
        peak = values[0]
        lowest = 1.0
        for i in range(n + 1):  # written out: `max` and `min` ask for NaN, and take twice as long
            peak = values[i] if values[i] > peak else peak
            share = values[i] / peak
            lowest = share if share < lowest else lowest
        found[v, DEEPEST] = lowest - 1.0
