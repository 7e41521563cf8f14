"""`Plan` and `Account`: what an engine is given and what it gives back, as bare arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Both engines count in these, so that rounding in the last digit never decides differently in one of them.
CASH_TOLERANCE = 1e-12  # a need this share above the cash is rounding: the buy counts as paid in full
LOT_TOLERANCE = 1e-12  # a wanted count this share below a whole lot is that whole lot
DUST = 1e-11  # an order for less than this share of the account is rounding, not a trade; above LOT_TOLERANCE

REASONS = (
    "cash: the buy was scaled to the cash at hand",
    "replaced by a newer decision before its market opened",
    "the data ended before its market opened",
    "less than one lot",
)
SCALED_TO_CASH, REPLACED, DATA_ENDED, UNDER_ONE_LOT = range(4)
PLAIN_REASONS = (  # of orders that a plain backtrader strategy placed itself
    "margin: backtrader refused it for lack of cash",
    "rejected: its market had no bar yet, or its bracket was gone",
    "cancelled by the strategy, its bracket or the order it was tied to",
    "expired",
    "never filled: the data ended first",
    "look-ahead: backtrader would have filled it on a bar that was over; it waited for the next",
)
MARGIN, REJECTED, CANCELLED, EXPIRED, NEVER_FILLED, WAITED = range(4, 10)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Decided weights and everything needed to trade them; n bars, m assets.

    Attributes
    ----------
    times : datetime64 array of shape (n,)
    open, close : array of shape (n, m)
        NaN where closed.
    last_close : array of shape (n, m)
        The newest close at each bar; 0 before an asset's first, when none of it can be held.
    weights : array of shape (n, m)
        NaN rows decide nothing.
    decides : bool array of shape (n,)
        Whether row t holds a decision.
    starts_period : bool array of shape (n,)
        Whether bar t is the first of a new rebalancing period.
    dividends : array of shape (n, m) or (0, m)
        Money per share held at the bar before; without a row when nothing pays any.
    accrual : array of shape (n,)
        Interest credited at bar t per unit of cash held before it.
    lots : array of shape (m,)
        Lot size, 0 for fractional shares.
    """

    assets: tuple[str, ...]
    times: npt.NDArray[np.datetime64]
    open: Floats
    close: Floats
    last_close: Floats
    weights: Floats
    decides: Bools
    starts_period: Bools
    dividends: Floats
    accrual: Floats
    lots: Floats
    cash: float
    commission: float
    slippage: float
    on_change: bool
    drift: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """What an engine recorded.

    Attributes
    ----------
    book : array of shape (n, 6 + m)
        At each close: equity, cash, interest credited, commission paid, value traded and
        dividends received at the bar, then the shares held of each asset.
    fills : array of shape (n_fills, 6)
        Bar and asset by number, bar of the decision, shares, price, commission.
    unfilled : array of shape (n_unfilled, 6)
        Bar and asset by number, bar of the decision, shares wanted (NaN where the market never
        opened for the order), shares filled, reason (a number into `REASONS + PLAIN_REASONS`).
    """

    book: Floats
    fills: Floats
    unfilled: Floats


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
