"""Where a series is that of its twin one bar earlier or later: the likeliest stretches, found piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

LAGS = (0, 1, -1)  # in the twin's bars; 0 first, so that it wins where nothing tells them apart
WINDOW = 61  # bars over which two sources' levels are taken to differ by a constant
FLOOR = 0.1  # least noise between two sources, as a share of the usual move from bar to bar
WORST = 8.0  # cost of a bar that does not fit at all: one odd bar must not outweigh a stretch
SWITCH = 24.0  # cost of a change of lag: three bars that do not fit at all
SHORTEST = 10  # bars; fewer cannot be told from a vendor's bad week
CLEARLY = 0.5  # the median difference must at least halve when the stretch is moved


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Bars from `first` to `last` whose values are those of the twin `lag` bars later.

    Attributes
    ----------
    lag : int
        +1: each value is the twin's next one, known a bar too early. -1: the twin's one before.
    as_dated, moved : float
        Median absolute difference to the twin as the dates stand, and moved by the lag.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    lag: int
    as_dated: float
    moved: float


def shifted_stretches(levels: pd.Series, twin: pd.Series) -> tuple[Stretch, ...]:
    """Return the stretches in which a series matches its twin one bar earlier or later, in order.

    The sequence of lags that fits all bars best is found exactly (Viterbi's dynamic programme), a bar
    costing by how far its level lies from the twin's at that lag and every change of lag costing as
    much as a few misfits. Levels, each less their local distance, tell the ends of a stretch to the
    bar where returns would blur them.

    Parameters
    ----------
    levels, twin : Series
        Log prices, or yields as quoted, indexed by ascending days.
    """
    if len(twin) < 2:
        return ()
    days = levels.index.intersection(twin.index)
    move = np.abs(np.diff(twin.to_numpy(dtype=float)))
    usual = float(np.median(move)) or float(move.mean())
    if len(days) < 2 * SHORTEST or usual == 0:
        return ()
    raw = _apart(levels.loc[days], twin)
    apart = raw - _local(raw)
    noise = 1.4826 * float(np.median(np.nanmin(np.abs(apart), axis=1)))
    cost = np.minimum(0.5 * (apart / max(noise, FLOOR * usual)) ** 2, WORST)
    path = _cheapest(np.where(np.isnan(cost), WORST, cost))
    edges = np.flatnonzero(np.r_[True, np.diff(path) != 0, True])
    found = []
    for begin, stop in pairwise(edges.tolist()):
        column = path[begin]
        if column == 0 or stop - begin < SHORTEST:
            continue
        dated, moved = np.nanmedian(np.abs(apart[begin:stop, [0, column]]), axis=0)
        # Over a steady climb a level can seem to fit a bar away; the moves from bar to bar do not.
        steps = np.nanmedian(np.abs(np.diff(raw[begin:stop, [0, column]], axis=0)), axis=0)
        if moved < CLEARLY * dated and steps[1] < CLEARLY * steps[0]:
            stretch = Stretch(
                first=days[begin],
                last=days[stop - 1],
                lag=LAGS[column],
                as_dated=float(dated),
                moved=float(moved),
            )
            found.append(stretch)
    return tuple(found)


def _apart(levels: pd.Series, twin: pd.Series) -> np.ndarray:
    """Return how far each level is from the twin's at each lag: (n, 3), NaN past the twin's ends."""
    at = pd.DatetimeIndex(twin.index).get_indexer(levels.index)
    values = np.r_[twin.to_numpy(dtype=float), np.nan]  # one past either end is no value
    others = [values[np.where((at + k >= 0) & (at + k < len(twin)), at + k, len(twin))] for k in LAGS]
    own = levels.to_numpy(dtype=float)
    return np.column_stack([own - other for other in others])


def _local(apart: np.ndarray) -> np.ndarray:
    """Return the distance two sources' levels usually have around each bar, at each lag."""
    frame = pd.DataFrame(apart)
    local = frame.rolling(WINDOW, center=True, min_periods=WINDOW // 4).median()
    return np.asarray(local.fillna(frame.median()), dtype=float)


def _cheapest(cost: np.ndarray) -> np.ndarray:
    """Return the column to be in at each row so that costs and changes of column add up to the least."""
    best = [0.0] * len(LAGS)
    came: list[list[int]] = []
    for row in cost.tolist():
        cheapest = min(range(len(LAGS)), key=best.__getitem__)
        origins = [k if best[k] <= best[cheapest] + SWITCH else cheapest for k in range(len(LAGS))]
        best = [row[k] + best[origin] + (SWITCH if origin != k else 0.0) for k, origin in enumerate(origins)]
        came.append(origins)
    path = [min(range(len(LAGS)), key=best.__getitem__)]
    for origins in reversed(came[1:]):
        path.append(origins[path[-1]])
    return np.array(path[::-1])
