"""`EventWatch`: how much cash the dated events ahead call for at each bar, from what was known at it."""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from raisecash.data.market import Market
from raisecash.strategy.parameters import Part

DAY = "datetime64[D]"


def _check_categories(categories: dict[str, float]) -> dict[str, float]:
    """Return the categories' weights, or say which one is out of bounds."""
    for name, weight in categories.items():
        if not (math.isfinite(weight) and 0 <= weight <= 1):
            raise ValueError(f"must be between 0 and 1 for {name}")
    if not any(categories.values()):
        raise ValueError("must watch something: give at least one category a weight above 0")
    return categories


Categories = Annotated[dict[str, float], AfterValidator(_check_categories)]


class Raised(NamedTuple):
    """What the events known at each bar call for, arrays of shape (n_bars,).

    `share` is the share of the reserve to be held as cash after the fill of that bar's decision, in
    [0, 1]; `is_full` says whether some watched event's cash is to be complete by then.
    """

    share: np.ndarray
    is_full: np.ndarray

    @classmethod
    def nothing(cls, market: Market) -> Raised:
        """Return what no event calls for."""
        n = len(market.bars)
        return cls(np.zeros(n), np.zeros(n, dtype=bool))


class EventWatch(Part):
    """Which dated events are watched, and the sessions around each.

    An event is watched while it is scheduled, announced, and neither moved nor cancelled as far as
    known. On daily bars the decision at the close of day d knows announcements dated d or earlier,
    and is traded on the next bar; on intraday bars only those dated before that day. When a date
    moves, the old one is dropped and the new one watched at the decision that first knows it.

    Only the event's date, its announcement and end, its category and its region are looked at, and
    a surprise is never seen ahead. Sessions are days on a seven-day clock and weekdays otherwise.
    """

    categories: Categories = Field(
        {"debt_ceiling": 1.0, "tariff": 1.0, "fiscal": 1.0},
        description="event categories watched, each with the share of the reserve it calls for",
    )
    regions: tuple[str, ...] | None = Field(
        None, min_length=1, description="regions whose events are watched; all when not given"
    )
    glide_days: int = Field(10, ge=1, le=250, description="sessions over which the cash is raised")
    ready_days: int = Field(
        1, ge=0, le=60, description="sessions before the event on which the last sale is filled"
    )
    back_after: int = Field(
        1, ge=1, le=250, description="session after the event on which risk is held again"
    )
    announcement_lag: int = Field(
        0, ge=0, le=60, description="days by which an announcement is seen late, for a stricter test"
    )

    def raised(self, market: Market) -> Raised:
        """Return the cash that the events known at each bar call for.

        With k the sessions from the fill's to the event's, an event calls for
        1 - (k - ready_days) / glide_days of its category's weight, between 0 and 1; from the event
        on for all of it, until the fill on the `back_after`-th session after it. Of several events
        the one that calls for most counts, so that one listed twice counts once. An event first known on
        its own day or later calls for nothing.
        """
        share, full = Raised.nothing(market)
        events = market.events
        weight = self._weights(events)
        watched = np.flatnonzero(weight)
        if not len(watched):
            return Raised(share, full)
        weight = weight[watched]
        clock = _Sessions(market)
        event_day = _days(events["event_date"])[watched]
        lag = np.timedelta64(self.announcement_lag, "D")
        seen_from = _days(events["announced_on"])[watched] + lag
        ended_from = _days(events["ended_on"])[watched] + lag
        # Sessions are numbered: the bars an event can concern are found by number, all events at once.
        until = clock.number(event_day)
        since = clock.number(event_day + np.timedelta64(1, "D"))
        first = np.searchsorted(clock.fill, until - self.ready_days - self.glide_days, side="right")
        last = np.searchsorted(clock.after_fill, since + self.back_after, side="left")
        length = np.maximum(last - first, 0)
        which = np.repeat(np.arange(len(watched)), length)
        bar = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + first[which]
        today = clock.known[bar]
        live = (seen_from[which] <= today) & ~(ended_from[which] <= today)  # NaT compares false: it stands
        live &= seen_from[which] < event_day[which]
        which, bar = which[live], bar[live]
        left = until[which] - clock.fill[bar] - self.ready_days
        sold = np.clip(1 - left / self.glide_days, 0, 1)
        np.maximum.at(share, bar, sold * weight[which])
        full[bar[sold == 1]] = True
        return Raised(share, full)

    def _weights(self, events: pd.DataFrame) -> np.ndarray:
        """Return each event's share of the reserve, 0 for one that is not watched: shape (n_events,)."""
        weights = np.array(
            [self.categories.get(each, 0.0) for each in events["category"].tolist()], dtype=float
        )
        weights *= events["scheduled"].to_numpy(dtype=bool)
        if self.regions is not None:
            weights *= np.array([each in self.regions for each in events["region"].tolist()], dtype=bool)
        return weights


class _Sessions:
    """The sessions of a market's clock, numbered: which one fills each bar's decision, and what it knows."""

    def __init__(self, market: Market) -> None:
        self._seven_days = market.is_seven_days
        times = market.bars.to_numpy()
        today = times.astype(DAY)
        fill = _days(market.next_sessions)
        self.fill = self.number(fill)
        self.after_fill = self.number(fill + np.timedelta64(1, "D"))
        self.known = today if (times == today).all() else today - np.timedelta64(1, "D")

    def number(self, days: np.ndarray) -> np.ndarray:
        """Return how many sessions lie before each day, counted from 1970."""
        if self._seven_days:
            return days.astype(np.int64)
        return np.asarray(np.busday_count(np.datetime64("1970-01-01", "D"), days), dtype=np.int64)


def _days(times: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Return times as days."""
    return times.to_numpy().astype(DAY)
