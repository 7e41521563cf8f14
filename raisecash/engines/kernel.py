"""The ledger's rules, compiled: the one body that a single account and thousands of them are kept by.

All compiled functions of the engines stand in this file: numba's cache on disk is renewed when the
file of a compiled function changes, not when one that it calls does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from raisecash.engines.account import DATA_ENDED, REPLACED, SCALED_TO_CASH, UNDER_ONE_LOT
from raisecash.engines.compiled import compiled
from raisecash.execution.tolerances import (
    CASH_TOLERANCE,
    CHANGE_TOLERANCE,
    DUST,
    LOT_TOLERANCE,
    WEIGHT_TOLERANCE,
)

if TYPE_CHECKING:
    from raisecash.data.panel import Bools, Floats, Ints


KEPT, ROUNDED, BROKEN = range(3)  # what a table of weights can be, by the contract


@compiled
def _write(
    log: Floats, n: int, bar: int, asset: int, decided: int, first: float, second: float, third: float
) -> int:
    """Write row n of a log where there is room for it; return the number of the next row."""
    if n < len(log):
        log[n, 0] = bar
        log[n, 1] = asset
        log[n, 2] = decided
        log[n, 3] = first
        log[n, 4] = second
        log[n, 5] = third
    return n + 1


@compiled
def keep(
    opens: Floats, last_close: Floats, dividends: Floats, accrual: Floats, starts_period: Bools, lots: Floats,
    cash: float, commission_rate: float, slippage: float, on_change: bool, drift: float,
    targets: Floats, decisions: Ints, equity: Floats,
    rest: Floats | None, fills: Floats | None, unfilled: Floats | None,
) -> tuple[int, int]:  # fmt: skip
    """Keep one account: fill its equity, the rest of its book and its logs; return the rows each log needs.

    Parameters
    ----------
    opens to drift
        As `ledger.shared` gives them.
    targets : array of shape (n, m)
        The rows of `CheckedWeights`.
    decisions : int array of shape (n_decisions,)
        The bars whose row is a decision, in order.
    equity : array of shape (n,)
    rest : array of shape (5 + m, n), or None
        The other columns of the book, one after the other.
    fills, unfilled : array of shape (n_rows, 6), or None
        What has no room is counted, not written. For None, as for `rest`, nothing is kept, and the
        function is compiled without it.
    """
    n, m = opens.shape
    n_fills = 0
    n_unfilled = 0
    shares = np.zeros(m)
    pending = np.full(m, np.nan)
    submitted = np.full(m, np.nan)
    decided_at = np.zeros(m, dtype=np.int64)
    tried = np.zeros(m, dtype=np.bool_)
    wanted = np.zeros(m)
    n_pending = 0

    pays_interest = len(accrual) > 0
    pays_dividends = len(dividends) > 0
    k = 0
    next_decision = decisions[0] if len(decisions) > 0 else n
    t = 0
    while t < n:
        # 1. Interest on the cash, dividends on the shares held since the previous bar.
        interest = max(cash, 0.0) * accrual[t] if pays_interest else 0.0
        received = 0.0
        if pays_dividends:
            for j in range(m):
                received += shares[j] * dividends[t, j]
        cash += interest + received
        commission = 0.0
        traded = 0.0

        # 2. Fills at the open.
        if n_pending > 0:
            value = cash
            waiting = 0
            for j in range(m):
                is_closed = math.isnan(opens[t, j])
                value += shares[j] * (last_close[t - 1, j] if is_closed else opens[t, j])
                if is_closed and not math.isnan(pending[j]):
                    waiting += 1
            need = 0.0
            for j in range(m):
                wanted[j] = 0.0
                if math.isnan(pending[j]) or math.isnan(opens[t, j]):
                    continue
                count = pending[j] * value / opens[t, j]
                if lots[j] > 0.0:
                    whole = math.floor(count / lots[j] * (1.0 + LOT_TOLERANCE)) * lots[j]
                    is_under = whole == 0.0 and shares[j] == 0.0 and count * opens[t, j] > DUST * value
                    if unfilled is not None and is_under:
                        n_unfilled = _write(
                            unfilled, n_unfilled, t, j, decided_at[j], count, 0.0, UNDER_ONE_LOT
                        )
                    count = whole
                delta = count - shares[j]
                if abs(delta) * opens[t, j] <= DUST * value:
                    continue
                wanted[j] = delta
                if delta < 0.0:  # sells first: they fund the buys
                    price = opens[t, j] * (1.0 - slippage)
                    fee = commission_rate * -delta * price
                    cash += -delta * price - fee
                    shares[j] = count
                    commission += fee
                    traded += -delta * price
                    if fills is not None:
                        n_fills = _write(fills, n_fills, t, j, decided_at[j], delta, price, fee)
                else:
                    need += delta * opens[t, j] * (1.0 + slippage) * (1.0 + commission_rate)
            budget = cash if cash > 0.0 else 0.0
            scale = budget / need if need > budget else 1.0
            is_cut = need > budget * (1.0 + CASH_TOLERANCE)
            for j in range(m):
                if math.isnan(pending[j]) or math.isnan(opens[t, j]):
                    continue
                tried[j] = True
                is_done = True
                if wanted[j] > 0.0:
                    delta = wanted[j] * scale
                    if lots[j] > 0.0:
                        delta = math.floor(delta / lots[j]) * lots[j] if is_cut else wanted[j]
                    if is_cut:
                        is_done = waiting == 0
                    if unfilled is not None and is_cut:
                        n_unfilled = _write(
                            unfilled, n_unfilled, t, j, decided_at[j], wanted[j], delta, SCALED_TO_CASH
                        )
                    if delta * opens[t, j] > DUST * value:
                        price = opens[t, j] * (1.0 + slippage)
                        fee = commission_rate * delta * price
                        cash -= delta * price + fee
                        cash = cash if cash > 0.0 else 0.0  # below zero only by rounding
                        shares[j] += delta
                        commission += fee
                        traded += delta * price
                        if fills is not None:
                            n_fills = _write(fills, n_fills, t, j, decided_at[j], delta, price, fee)
                if is_done:
                    pending[j] = np.nan
                    n_pending -= 1

        # 3. Valuation at the close. Most bars neither trade nor decide: they follow here at once, steps 1 and 3 alone.
        worth = cash
        last = t if n_pending > 0 else min(next_decision, n - 1)
        for u in range(t, last + 1):
            if u > t:
                interest = max(cash, 0.0) * accrual[u] if pays_interest else 0.0
                received = 0.0
                if pays_dividends:
                    for j in range(m):
                        received += shares[j] * dividends[u, j]
                cash += interest + received
                commission = 0.0
                traded = 0.0
            worth = cash
            for j in range(m):
                worth += shares[j] * last_close[u, j]
                if rest is not None:
                    rest[5 + j, u] = shares[j]
            equity[u] = worth
            if rest is not None:
                rest[0, u] = cash
                rest[1, u] = interest
                rest[2, u] = commission
                rest[3, u] = traded
                rest[4, u] = received
        t = last

        # 4. Decision at the close.
        if t == next_decision:
            k += 1
            next_decision = decisions[k] if k < len(decisions) else n
            is_submitted = math.isnan(submitted[0]) or starts_period[t]
            for j in range(m):
                if on_change and abs(targets[t, j] - submitted[j]) > CHANGE_TOLERANCE:
                    is_submitted = True
                if drift > 0.0 and abs(shares[j] * last_close[t, j] / worth - targets[t, j]) > drift:
                    is_submitted = True
            if is_submitted:
                for j in range(m):
                    is_untried = not math.isnan(pending[j]) and not tried[j]
                    if unfilled is not None and is_untried and (pending[j] != 0.0 or shares[j] != 0.0):
                        n_unfilled = _write(unfilled, n_unfilled, t, j, decided_at[j], np.nan, 0.0, REPLACED)
                    pending[j] = targets[t, j]
                    submitted[j] = targets[t, j]
                    decided_at[j] = t
                    tried[j] = False
                n_pending = m
        t += 1

    if unfilled is not None:
        for j in range(m):
            if not math.isnan(pending[j]) and not tried[j] and (pending[j] != 0.0 or shares[j] != 0.0):
                n_unfilled = _write(unfilled, n_unfilled, n - 1, j, decided_at[j], np.nan, 0.0, DATA_ENDED)
    return n_fills, n_unfilled


@compiled
def keep_fills(
    last_close: Floats, dividends: Floats, accrual: Floats, cash: float, commission_rate: float,
    bars: Ints, assets: Ints, sizes: Floats, prices: Floats, equity: Floats, rest: Floats,
) -> Floats:  # fmt: skip
    """Fill equity and the rest of a book from fills in the order of their bars; return the commission of each."""
    shares = np.zeros(last_close.shape[1])
    fees = np.empty(len(bars))
    k = 0
    for t in range(len(last_close)):
        interest = max(cash, 0.0) * accrual[t] if len(accrual) > 0 else 0.0
        received = 0.0
        if len(dividends) > 0:
            for j in range(len(shares)):
                received += shares[j] * dividends[t, j]
        cash += interest + received
        commission = 0.0
        traded = 0.0
        while k < len(bars) and bars[k] == t:
            value = sizes[k] * prices[k]
            fees[k] = commission_rate * abs(value)
            cash -= value + fees[k]
            shares[assets[k]] += sizes[k]
            commission += fees[k]
            traded += abs(value)
            k += 1
        rest[0, t] = cash
        rest[1, t] = interest
        rest[2, t] = commission
        rest[3, t] = traded
        rest[4, t] = received
        equity[t] = cash
        for j in range(len(shares)):
            rest[5 + j, t] = shares[j]
            equity[t] += shares[j] * last_close[t, j]
    return fees


@compiled
def read(targets: Floats, last_close: Floats, decisions: Ints) -> tuple[int, int]:
    """Find the rows that are decisions; return how many, and what the table is by the weights contract.

    The rules are those of `execution.weights.raise_for_rows`, which says what is broken where. Few
    passes without a branch: most tables keep the contract.
    """
    n, m = targets.shape
    flat = targets.reshape(targets.size)
    missing = 0
    outside = 0
    for i in range(len(flat)):
        missing += math.isnan(flat[i])
        outside += (flat[i] < 0.0) | (flat[i] > 1.0)
    n_decisions = 0
    for t in range(n):
        decisions[n_decisions] = t
        n_decisions += not math.isnan(targets[t, 0])
    if missing != (n - n_decisions) * m:
        return n_decisions, BROKEN
    over = 0
    for k in range(n_decisions):
        total = 0.0
        for j in range(m):
            total += targets[decisions[k], j]
        over += not total <= 1.0 + WEIGHT_TOLERANCE  # a NaN among numbers too
    for j in range(m):
        for k in range(n_decisions):
            t = decisions[k]
            if last_close[t, j] > 0.0:
                break
            over += targets[t, j] != 0.0  # before the asset's first bar
    if over > 0:
        return n_decisions, BROKEN
    for i in range(len(flat) if outside > 0 else 0):
        if flat[i] < -WEIGHT_TOLERANCE or flat[i] > 1.0 + WEIGHT_TOLERANCE:
            return n_decisions, BROKEN
    return n_decisions, ROUNDED if outside > 0 else KEPT


@compiled
def keep_many(
    opens: Floats, last_close: Floats, dividends: Floats, accrual: Floats, starts_period: Bools, lots: Floats,
    cash: float, commission_rate: float, slippage: float, on_change: bool, drift: float,
    targets: Floats, equity: Floats, states: Ints,
) -> None:  # fmt: skip
    """Keep the account of each table that keeps the contract to the letter; say of each what it is.

    Parameters
    ----------
    opens to drift
        As `ledger.shared` gives them.
    targets : array of shape (n_variants, n, m)
    equity : array of shape (n_variants, n)
        Not written where a table is ROUNDED or BROKEN.
    states : int array of shape (n_variants,)
    """
    decisions = np.empty(len(opens) + 1, dtype=np.int64)
    for v in range(len(targets)):
        n_decisions, states[v] = read(targets[v], last_close, decisions)
        if states[v] == KEPT:
            keep(
                opens, last_close, dividends, accrual, starts_period, lots,
                cash, commission_rate, slippage, on_change, drift,
                targets[v], decisions[:n_decisions], equity[v], None, None, None,
            )  # fmt: skip
