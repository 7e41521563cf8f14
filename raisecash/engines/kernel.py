"""The ledger's rules, compiled: the one body that a single account and thousands of them are kept by.

All compiled functions of the engines stand in this file: numba's cache on disk is renewed when the
file of a compiled function changes, not when one that it calls does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba
import numpy as np

from raisecash.engines.account import DATA_ENDED, REPLACED, SCALED_TO_CASH, UNDER_ONE_LOT
from raisecash.execution.tolerances import CASH_TOLERANCE, CHANGE_TOLERANCE, DUST, LOT_TOLERANCE

if TYPE_CHECKING:
    from raisecash.data.panel import Bools, Floats, Ints


@numba.njit(cache=True, nogil=True, inline="always")
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


@numba.njit(cache=True, nogil=True, inline="always")
def _value(t: int, last_close: Floats, shares: Floats, cash: float) -> float:
    """Return the equity at the close."""
    equity = cash
    for j in range(len(shares)):
        equity += shares[j] * last_close[t, j]
    return equity


@numba.njit(cache=True, nogil=True, inline="always")
def _record(
    rest: Floats,
    t: int,
    shares: Floats,
    cash: float,
    interest: float,
    commission: float,
    traded: float,
    received: float,
) -> None:
    """Write what the book holds besides the equity, where it is kept at all."""
    if len(rest) > 0:
        rest[0, t] = cash
        rest[1, t] = interest
        rest[2, t] = commission
        rest[3, t] = traded
        rest[4, t] = received
        for j in range(len(shares)):
            rest[5 + j, t] = shares[j]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def keep(
    opens: Floats, last_close: Floats, dividends: Floats, accrual: Floats, starts_period: Bools, lots: Floats,
    cash: float, commission_rate: float, slippage: float, on_change: bool, drift: float,
    targets: Floats, decides: Bools, equity: Floats, rest: Floats, fills: Floats, unfilled: Floats,
) -> tuple[int, int]:  # fmt: skip
    """Keep one account: fill its equity, the rest of its book and its logs; return the rows each log needs.

    Parameters
    ----------
    opens to drift
        As `ledger.shared` gives them.
    targets, decides
        The rows of `CheckedWeights`, and which of them are decisions.
    equity : array of shape (n,)
    rest : array of shape (5 + m, n) or (0, n)
        The other columns of the book; without a row they are not kept.
    fills, unfilled : array of shape (n_rows, 6)
        What has no room is counted, not written; none is written in arrays without a row.
    """
    n, m = opens.shape
    pays_dividends = len(dividends) > 0
    n_fills = 0
    n_unfilled = 0
    shares = np.zeros(m)
    pending = np.full(m, np.nan)
    submitted = np.full(m, np.nan)
    decided_at = np.zeros(m, dtype=np.int64)
    tried = np.zeros(m, dtype=np.bool_)
    wanted = np.zeros(m)
    n_pending = 0

    for t in range(n):
        # 1. Interest on the cash, dividends on the shares held since the previous bar.
        interest = max(cash, 0.0) * accrual[t]
        received = 0.0
        if pays_dividends:
            for j in range(m):
                received += shares[j] * dividends[t, j]
        cash += interest + received

        # Most bars trade nothing and decide nothing: a short way round for them.
        if n_pending == 0 and not decides[t]:
            equity[t] = _value(t, last_close, shares, cash)
            _record(rest, t, shares, cash, interest, 0.0, 0.0, received)
            continue

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
                    if whole == 0.0 and shares[j] == 0.0 and count * opens[t, j] > DUST * value:
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
                    n_fills = _write(fills, n_fills, t, j, decided_at[j], delta, price, fee)
                else:
                    need += delta * opens[t, j] * (1.0 + slippage) * (1.0 + commission_rate)
            budget = max(cash, 0.0)
            scale = min(1.0, budget / need) if need > 0.0 else 1.0
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
                        n_unfilled = _write(
                            unfilled, n_unfilled, t, j, decided_at[j], wanted[j], delta, SCALED_TO_CASH
                        )
                    if delta * opens[t, j] > DUST * value:
                        price = opens[t, j] * (1.0 + slippage)
                        fee = commission_rate * delta * price
                        cash = max(cash - (delta * price + fee), 0.0)  # below zero only by rounding
                        shares[j] += delta
                        commission += fee
                        traded += delta * price
                        n_fills = _write(fills, n_fills, t, j, decided_at[j], delta, price, fee)
                if is_done:
                    pending[j] = np.nan
                    n_pending -= 1

        # 3. Valuation at the close.
        worth = _value(t, last_close, shares, cash)
        equity[t] = worth
        _record(rest, t, shares, cash, interest, commission, traded, received)

        # 4. Decision at the close.
        if decides[t]:
            is_submitted = math.isnan(submitted[0]) or starts_period[t]
            for j in range(m):
                if on_change and abs(targets[t, j] - submitted[j]) > CHANGE_TOLERANCE:
                    is_submitted = True
                if drift > 0.0 and abs(shares[j] * last_close[t, j] / worth - targets[t, j]) > drift:
                    is_submitted = True
            if is_submitted:
                for j in range(m):
                    if (
                        not math.isnan(pending[j])
                        and not tried[j]
                        and (pending[j] != 0.0 or shares[j] != 0.0)
                    ):
                        n_unfilled = _write(unfilled, n_unfilled, t, j, decided_at[j], np.nan, 0.0, REPLACED)
                    pending[j] = targets[t, j]
                    submitted[j] = targets[t, j]
                    decided_at[j] = t
                    tried[j] = False
                n_pending = m

    for j in range(m):
        if not math.isnan(pending[j]) and not tried[j] and (pending[j] != 0.0 or shares[j] != 0.0):
            n_unfilled = _write(unfilled, n_unfilled, n - 1, j, decided_at[j], np.nan, 0.0, DATA_ENDED)
    return n_fills, n_unfilled


@numba.njit(cache=True, nogil=True, error_model="numpy")
def keep_fills(
    last_close: Floats, dividends: Floats, accrual: Floats, cash: float, commission_rate: float,
    bars: Ints, assets: Ints, sizes: Floats, prices: Floats, equity: Floats, rest: Floats,
) -> Floats:  # fmt: skip
    """Fill equity and the rest of a book from fills in the order of their bars; return the commission of each."""
    shares = np.zeros(last_close.shape[1])
    fees = np.empty(len(bars))
    k = 0
    for t in range(len(last_close)):
        interest = max(cash, 0.0) * accrual[t]
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
        equity[t] = _value(t, last_close, shares, cash)
        _record(rest, t, shares, cash, interest, commission, traded, received)
    return fees
