"""`Account`: what an engine gives back, as bare arrays, and the reasons for what it did not fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from raisecash.data.panel import Floats

MONEY = ("equity", "cash", "interest", "commission", "traded", "dividends")  # the book's first columns

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
class Account:
    """What an engine recorded; n bars, m assets. No array can be written to.

    Attributes
    ----------
    book : array of shape (n, 6 + m)
        At each close: `MONEY` (equity, cash, interest credited, commission paid, value traded and
        dividends received at the bar), then the shares held of each asset. Its columns lie one
        after the other in memory.
    fills : array of shape (n_fills, 6)
        Bar and asset by number, bar of the decision, shares, price, commission.
    unfilled : array of shape (n_unfilled, 6)
        Bar and asset by number, bar of the decision, shares wanted (NaN where the market never
        opened for the order), shares filled, reason (a number into `REASONS + PLAIN_REASONS`).
    """

    book: Floats
    fills: Floats
    unfilled: Floats

    def __post_init__(self) -> None:
        for log in (self.book, self.fills, self.unfilled):
            log.flags.writeable = False

    @property
    def equity(self) -> Floats:
        """Account value at each close, shape (n,)."""
        return self.book[:, 0]

    @property
    def cash(self) -> Floats:
        """Money not invested at each close, shape (n,)."""
        return self.book[:, 1]

    @property
    def interest(self) -> Floats:
        """Interest credited at each bar, shape (n,)."""
        return self.book[:, 2]

    @property
    def commission(self) -> Floats:
        """Commission paid at each bar, shape (n,)."""
        return self.book[:, 3]

    @property
    def traded(self) -> Floats:
        """Value bought and sold at each bar, shape (n,)."""
        return self.book[:, 4]

    @property
    def dividends(self) -> Floats:
        """Dividends received at each bar, shape (n,)."""
        return self.book[:, 5]

    @property
    def shares(self) -> Floats:
        """Units held at each close, shape (n, m)."""
        return self.book[:, len(MONEY) :]
