"""Other futures: markets that are the same up to a bar and not after it, and the first weight that changed with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.data.events import events_known_on
from raisecash.data.market import PRICES
from raisecash.messages.words import stamp

if TYPE_CHECKING:
    from raisecash.data.market import Market

Future = Callable[["Market", int], "Market"]  # the market, and the last row that stays as it is
Values = np.ndarray

TOLERANCE = 1e-9  # weights closer than this are the same: sums round differently on tables of other lengths
TRADED = (*PRICES, "volume", "dividends", "cash_yield")
EVERYTHING = (*TRADED, "signals")
PAID = ("dividends", "cash_yield")  # never NaN in a market; nothing paid is 0
SOON = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first weight in which two tables differ."""

    row: int
    bar: pd.Timestamp
    asset: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.asset} on {stamp(self.bar)} is {self.before:.6g}, and {self.after:.6g}"


def first_difference(before: pd.DataFrame, after: pd.DataFrame) -> Difference | None:
    """Return the first of `before`'s weights that `after` does not have, None when it has them all.

    Rows and columns are matched by name; a row that one of them lacks decides nothing, as does NaN.
    """
    was = before.to_numpy(dtype=float)
    now = after.reindex(index=before.index, columns=before.columns).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        same = (np.abs(was - now) <= TOLERANCE) | (was == now) | (np.isnan(was) & np.isnan(now))
    if same.all():
        return None
    row, column = (int(number) for number in np.argwhere(~same)[0])
    return Difference(
        row=row,
        bar=pd.Timestamp(before.index[row]),
        asset=str(before.columns[column]),
        before=float(was[row, column]),
        after=float(now[row, column]),
    )


def cut_rows(targets: pd.DataFrame, n_bars: int, *, count: int) -> list[int]:
    """Return rows to cut at: half of them spread evenly, half just before the largest changes of weight."""
    if n_bars < 2:
        return []
    even = np.linspace(0, n_bars - 2, count // 2).astype(int)
    changes = targets.fillna(0.0).diff().abs().sum(axis=1).to_numpy()
    largest = np.argsort(-changes, kind="stable")[: count // 2] - 1
    return sorted({int(row) for row in (*even, *largest) if 0 <= row < n_bars - 1})


def cut_off(market: Market, row: int) -> Market:
    """Return the market that ends at the row."""
    return market.until(market.bars[row])


def _extreme(values: Values, row: int, name: str) -> Values:
    """Multiply by 50 and by 0.02 in turn."""
    return values * np.where((np.arange(len(values)) + row) % 2, 50.0, 0.02)[:, None]


def _missing(values: Values, row: int, name: str) -> Values:
    """Close every market, publish nothing and pay nothing."""
    return np.full_like(values, 0.0 if name in PAID else np.nan)


def _reversed(values: Values, row: int, name: str) -> Values:
    """Let the last come first."""
    return values[::-1]


def _shuffled(values: Values, row: int, name: str) -> Values:
    """Deal the rows anew, every frame's in the same order."""
    return values[np.random.default_rng(row).permutation(len(values))]


def _earlier(values: Values, row: int, name: str) -> Values:
    """Let every value come one bar before its time."""
    return np.vstack([values[1:], values[-1:]])


CHANGES: Mapping[str, Callable[[Values, int, str], Values]] = {
    "made extreme": _extreme,
    "closed": _missing,
    "reversed": _reversed,
    "shuffled": _shuffled,
    "brought forward by a bar": _earlier,
}


def changed_after(market: Market, row: int, change: str, *, frames: Iterable[str] = EVERYTHING) -> Market:
    """Return the market with some of its frames changed after a row, and the rest of it as it was.

    Parameters
    ----------
    market : Market
    row : int
        The last row that stays as it is.
    change : str
        One of `CHANGES`.
    frames : iterable of str
        Fields of the market.
    """

    def changed(name: str) -> pd.DataFrame | pd.Series:
        frame: pd.DataFrame | pd.Series = getattr(market, name)
        is_series = isinstance(frame, pd.Series)
        values = np.array(frame.to_numpy(dtype=float), copy=True, ndmin=2)
        values = values.T if is_series else values
        values[row + 1 :] = CHANGES[change](values[row + 1 :].copy(), row, name)
        if isinstance(frame, pd.Series):
            return pd.Series(values[:, 0], index=frame.index, name=frame.name)
        return pd.DataFrame(values, index=frame.index, columns=frame.columns)

    return market.replaced(**{name: changed(name) for name in frames})


def false_future(market: Market, row: int, change: str) -> Market:
    """Return the market with every frame changed after a row, and the events as they were known there."""
    return changed_after(market, row, change).replaced(
        events=events_known_on(market.events, market.bars[row])
    )


def events_forgotten(market: Market, row: int) -> Market:
    """Return the market with the events that were announced by the row, and none of their later fate."""
    return market.replaced(events=events_known_on(market.events, market.bars[row]))


def events_rewritten(market: Market, row: int) -> Market:
    """Return the market in which what is announced after the row falls on other days, and fates are swapped."""
    now = market.bars[row]
    events = market.events.copy()
    later = (events["announced_on"] > now).to_numpy()
    for column in {"event_date", "window_end"} & set(events.columns):
        events[column] = events[column].where(~later, events[column] + pd.Timedelta(days=9))
    ended = pd.DatetimeIndex(events["ended_on"])
    ends_later, stands = np.asarray(ended > now), np.asarray(ended.isna())
    fate = ended.to_numpy(copy=True)
    fate[ends_later] = np.datetime64("NaT", "us")
    fate[stands & ~later] = np.datetime64(now + SOON)
    events["ended_on"] = fate
    return market.replaced(events=events)


def events_invented(market: Market, row: int) -> Market:
    """Return the market with an event of every category announced on the day after the row, for the days after."""
    now = market.bars[row].normalize()
    models = market.events.drop_duplicates("category")
    ahead = pd.to_timedelta(2 + np.arange(len(models)), unit="D")
    days = {column: now + ahead for column in ("event_date", "window_end") if column in models.columns}
    invented = models.assign(
        **days,
        event_id=[f"invented-{number}" for number in range(len(models))],
        announced_on=now + SOON,
        ended_on=np.full(len(models), np.datetime64("NaT", "us")),
        scheduled=True,
    )
    events = pd.concat([market.events, invented.astype(market.events.dtypes.to_dict())], ignore_index=True)
    return market.replaced(events=events.sort_values(["event_date", "event_id"], ignore_index=True))
