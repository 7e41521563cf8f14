"""Event studies: average cumulative abnormal returns around dated events of a category."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from raisecash.errors import DataError
from raisecash.evidence.rate_shock import compounded


@dataclass(frozen=True, eq=False, kw_only=True)
class EventStudy:
    """What returns did around some days, beyond what was normal for them.

    A small t-statistic is the usual end of an event study, and a large one is no proof: dates are
    chosen by people who know what happened, events of one story come in clusters, and then neither
    the t-statistics nor the placebo's independent draws know that their windows share returns. Read
    `overlapping` first.

    Attributes
    ----------
    path : DataFrame of shape (n_offsets, 4)
        Indexed by `offset`, sessions from the event. `average` abnormal return, its sum so far,
        `cumulative`, both fractions; `standard_error` of the sum; `t`, their ratio.
    events : DataFrame
        The events used: `day`, the `session` on or after it, `abnormal`, the sum over the window,
        and `volatility`, the abnormal returns' standard deviation in the estimation window.
    left_out : DataFrame
        `day` and `reason` of the others.
    t : float
        Of the sum over the window, from the estimation windows' variances.
    t_cross_section : float
        The same from the spread between events, which sees variance that rises at events.
    placebo_p : float
        Share of draws of as many other days, taken near the events and away from their windows,
        whose average is at least as far from zero; the observed one counts among them.
    overlapping : int
        Events whose window shares a session with another's.
    """

    path: pd.DataFrame
    events: pd.DataFrame
    left_out: pd.DataFrame
    t: float
    t_cross_section: float
    placebo_p: float
    overlapping: int


def event_days(
    events: pd.DataFrame,
    category: str,
    *,
    on: Literal["event_date", "announced_on"] = "event_date",
    region: str | None = None,
) -> pd.DatetimeIndex:
    """Return the days of a category's events, ascending, each once.

    Parameters
    ----------
    events : DataFrame
        A catalogue (`raisecash.data.events`), a row a vintage.
    category : str
        "slr", "stablecoin", ...
    on : {"event_date", "announced_on"}
        The day it happened: vintages that were moved or cancelled by then are left out. Or the day
        its date became known: every vintage counts.
    region : str, optional
        Only that region's.

    Raises
    ------
    DataError
        When the catalogue has no such category.
    """
    known = sorted(events["category"].unique())
    if category not in known:
        raise DataError(
            f"event_days: no event of category {category!r}; the catalogue has {', '.join(known) or 'none'}"
        )
    chosen = events["category"] == category
    if region is not None:
        chosen &= events["region"] == region
    if on == "event_date":
        chosen &= ~(events["ended_on"] <= events["event_date"])
    return pd.DatetimeIndex(events.loc[chosen, on]).normalize().unique().sort_values()


def event_study(
    returns: pd.Series,
    days: pd.DatetimeIndex,
    *,
    market_returns: pd.Series | None = None,
    window: tuple[int, int] = (-5, 5),
    estimation: int = 120,
    placebo_draws: int = 9_999,
    placebo_within: int = 250,
    seed: int = 0,
) -> EventStudy:
    """Return average cumulative abnormal returns around days, with t-statistics and a placebo.

    Parameters
    ----------
    returns : Series
        Simple returns as fractions, each dated by the day it ends on.
    days : DatetimeIndex
        The events' days. A day without a session is that of the next session, at which its news
        could first be traded.
    market_returns : Series, optional
        Normal returns are then those of the market model, over the sessions both have (returns are
        compounded in between); without it, the mean of the estimation window.
    window : (int, int)
        First and last session of the event window, from the event's.
    estimation : int
        Sessions of the estimation window, which ends just before the event window.
    placebo_draws, placebo_within, seed : int
        How often other days are drawn, at most how many sessions from an event, and the draws' seed.

    Raises
    ------
    DataError
        When the windows are no windows, or dates are not ascending and unique.

    Notes
    -----
    Source: MacKinlay (1997), 'Event Studies in Economics and Finance', Journal of Economic
    Literature 35(1): abnormal returns of the market and the constant-mean model, and the
    t-statistic from the estimation windows' residual variances, independent across events. The
    estimation's own error is left out, as is usual for long windows. Cross-section: Boehmer,
    Musumeci and Poulsen (1991), Journal of Financial Economics 30(2), on variance raised by events.
    """
    first, last = window
    if first > last or estimation < 10 or placebo_draws < 1:
        raise DataError(
            "event_study: window must not end before it begins, estimation must be 10 sessions or more and "
            f"placebo_draws 1 or more, got {window}, {estimation} and {placebo_draws}"
        )
    own, other = _sessions(returns, market_returns)
    abnormal, volatility, earliest = _abnormal(own.to_numpy(), other, first, last, estimation)
    sessions = pd.DatetimeIndex(own.index)
    used, left_out = _placed(days.normalize().unique().sort_values(), sessions, earliest, len(abnormal))
    rows = used["position"].to_numpy(dtype=int) - earliest
    sums = abnormal[rows].sum(axis=1)
    spread = float(np.std(sums, ddof=1)) if len(rows) > 1 else math.nan
    path = _path(abnormal[rows], volatility[rows], first)
    near = np.diff(used["position"].to_numpy(dtype=int)) <= last - first
    return EventStudy(
        path=path,
        events=pd.DataFrame(
            {"day": used["day"], "session": used["session"], "abnormal": sums, "volatility": volatility[rows]}
        ),
        left_out=left_out,
        t=float(path["t"].iloc[-1]),
        t_cross_section=float(sums.mean()) / (spread / math.sqrt(len(rows))) if spread > 0 else math.nan,
        placebo_p=_placebo(
            abnormal.sum(axis=1),
            rows,
            reach=last - first,
            within=placebo_within,
            draws=placebo_draws,
            seed=seed,
        ),
        overlapping=int(np.count_nonzero(np.r_[near, False] | np.r_[False, near])) if len(rows) else 0,
    )


def _sessions(returns: pd.Series, market_returns: pd.Series | None) -> tuple[pd.Series, np.ndarray | None]:
    """Return the returns and the market's, over the sessions both have."""
    for name, series in (("returns", returns), ("market_returns", market_returns)):
        if series is not None and not (series.index.is_monotonic_increasing and series.index.is_unique):
            raise DataError(f"event_study: {name} must be indexed by ascending and unique dates")
    if market_returns is None:
        return returns.astype(float), None
    dates = pd.DatetimeIndex(returns.index.intersection(market_returns.index))
    return compounded(returns, dates), compounded(market_returns, dates).to_numpy()


def _abnormal(
    own: np.ndarray, other: np.ndarray | None, first: int, last: int, estimation: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return abnormal returns and their volatility for an event at every session that has both windows.

    Shapes (n_possible, n_offsets) and (n_possible,); and the position of the first such session.
    """
    n_offsets = last - first + 1
    length = estimation + n_offsets
    earliest = max(estimation - first, 0)
    if len(own) < length:
        return np.empty((0, n_offsets)), np.empty(0), earliest
    y = np.lib.stride_tricks.sliding_window_view(own, length)
    skip = earliest - (estimation - first)
    possible = max(min(len(y) - skip, len(own) - earliest), 0)  # the event's own session must exist, too
    y = y[skip : skip + possible]
    past, ahead = y[:, :estimation], y[:, estimation:]
    mean = past.mean(axis=1, keepdims=True)
    if other is None:
        residual, abnormal, freedom = past - mean, ahead - mean, estimation - 1
    else:
        x = np.lib.stride_tricks.sliding_window_view(other, length)[skip : skip + possible]
        x_mean = x[:, :estimation].mean(axis=1, keepdims=True)
        around, ahead_around = x[:, :estimation] - x_mean, x[:, estimation:] - x_mean
        spread = (around * around).sum(axis=1, keepdims=True)
        together = (around * (past - mean)).sum(axis=1, keepdims=True)
        beta = np.divide(together, spread, out=np.zeros_like(spread), where=spread > 0)
        residual, abnormal = past - mean - beta * around, ahead - mean - beta * ahead_around
        freedom = estimation - 2
    return abnormal, np.sqrt((residual * residual).sum(axis=1) / freedom), earliest


def _placed(
    days: pd.DatetimeIndex, sessions: pd.DatetimeIndex, earliest: int, possible: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the events with the session each belongs to, and those left out with the reason."""
    used: list[tuple[pd.Timestamp, pd.Timestamp, int]] = []
    left_out: list[tuple[pd.Timestamp, str]] = []
    for day, position in zip(days, sessions.searchsorted(days).tolist(), strict=True):
        if position >= len(sessions) or position >= earliest + possible:
            left_out.append((day, "the returns end before its window does"))
        elif position < earliest or day < sessions[0]:
            left_out.append((day, "too few returns before it for the estimation window"))
        elif used and used[-1][2] == position:
            left_out.append((day, "an earlier event falls on the same session"))
        else:
            used.append((day, sessions[position], position))
    return (
        pd.DataFrame(used, columns=["day", "session", "position"]),
        pd.DataFrame(left_out, columns=["day", "reason"]),
    )


def _path(abnormal: np.ndarray, volatility: np.ndarray, first: int) -> pd.DataFrame:
    """Return the average abnormal return of each offset, its running sum, and the sum's error and t-statistic."""
    n, n_offsets = abnormal.shape
    offsets = pd.RangeIndex(first, first + n_offsets, name="offset")
    if not n:
        return pd.DataFrame(math.nan, index=offsets, columns=["average", "cumulative", "standard_error", "t"])
    average = abnormal.mean(axis=0)
    cumulative = np.cumsum(average)
    error = np.sqrt(np.arange(1, n_offsets + 1) * float(volatility @ volatility)) / n
    t = np.divide(cumulative, error, out=np.full(n_offsets, math.nan), where=error > 0)
    return pd.DataFrame(
        {"average": average, "cumulative": cumulative, "standard_error": error, "t": t}, index=offsets
    )


def _placebo(sums: np.ndarray, rows: np.ndarray, *, reach: int, within: int, draws: int, seed: int) -> float:
    """Return how often as many other days near the events average at least as far from zero."""
    if not len(rows):
        return math.nan
    apart = np.abs(np.arange(len(sums))[:, None] - rows[None, :]).min(axis=1)
    others = sums[(apart > reach) & (apart <= within)]
    if len(others) <= len(rows):
        return math.nan
    rng = np.random.default_rng(seed)
    drawn = others[rng.integers(len(others), size=(draws, len(rows)))].mean(axis=1)
    as_far = int(np.count_nonzero(np.abs(drawn) >= abs(float(sums[rows].mean()))))
    return (1 + as_far) / (1 + draws)
