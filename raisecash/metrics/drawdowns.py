"""Drawdowns: how far, and for how long, an account was below its highest value so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.metrics.days import date_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from raisecash.data.panel import Floats, Times

    Positions = npt.NDArray[np.intp]


def drawdown(equity: Floats) -> Floats:
    """Return the loss since the highest value so far.

    Parameters
    ----------
    equity : array of shape (n_days,)
        Positive account values; the first row is the starting capital and the first peak.

    Returns
    -------
    array of shape (n_days,)
        equity / running maximum - 1: a fraction <= 0 (-0.23 is 23% below the peak), 0 at a peak.
    """
    return equity / np.maximum.accumulate(equity) - 1


def max_drawdown(under_water: Floats) -> float:
    """Return the deepest drawdown: a fraction <= 0, and 0 for an account that never fell.

    Parameters
    ----------
    under_water : array of shape (n_days,)
        `drawdown` of the account, the starting capital its first peak: a loss on the first bar counts.
    """
    return float(under_water.min())


def longest_drawdown_days(under_water: Floats, days: Times) -> float:
    """Return the longest time under water, in calendar days.

    Parameters
    ----------
    under_water : array of shape (n_days,)
        `drawdown` of the account, the starting capital its first peak.
    days : datetime64 array of shape (n_days,)
        Their days.

    Returns
    -------
    float
        Days from a peak to the day the peak was reached again, or to the last day while it has not
        been; a whole number, 0 for an account that never fell.
    """
    peaks, recoveries = _episodes(under_water)
    if not len(peaks):
        return 0.0
    return float(_lengths(days, peaks, recoveries).max())


def worst_drawdowns(under_water: Floats, days: Times, n: int = 10) -> pd.DataFrame:
    """Return the n deepest drawdowns, the deepest first and the earlier of equals first.

    Parameters
    ----------
    under_water : array of shape (n_days,)
        `drawdown` of the account, the starting capital its first peak.
    days : datetime64 array of shape (n_days,)
        Their days.
    n : int
        At most so many rows.

    Returns
    -------
    DataFrame of shape (at most n, 5)
        `peak`, `trough` and `recovery` are days: the last at the old high, the (first) lowest, and
        the first back at the old high, NaT while under water. `depth` is a fraction < 0. `days` are
        calendar days from peak to recovery, or to the last day.
    """
    peaks, recoveries = _episodes(under_water)
    pairs = zip(peaks.tolist(), recoveries.tolist(), strict=True)
    troughs = np.array([low + int(under_water[low:back].argmin()) for low, back in pairs], dtype=np.intp)
    deepest = np.argsort(under_water[troughs], kind="stable")[:n]
    peaks, troughs, recoveries = peaks[deepest], troughs[deepest], recoveries[deepest]
    index, last = date_index(days), len(days) - 1
    return pd.DataFrame(
        {
            "peak": index[peaks],
            "trough": index[troughs],
            "recovery": index[np.minimum(recoveries, last)].where(recoveries <= last),
            "depth": under_water[troughs],
            "days": _lengths(days, peaks, recoveries),
        }
    )


def _episodes(under_water: Floats) -> tuple[Positions, Positions]:
    """Return the positions of each drawdown's peak and recovery; n_days stands for no recovery yet."""
    below = under_water < 0
    changes = np.flatnonzero(below[1:] != below[:-1])  # down and up in turn: the first row is a peak
    recoveries = changes[1::2] + 1
    return changes[::2], np.append(recoveries, len(below)) if below[-1] else recoveries


def _lengths(days: Times, peaks: Positions, recoveries: Positions) -> npt.NDArray[np.int64]:
    """Return each drawdown's calendar days from the peak to its recovery, or to the last day."""
    until = days[np.minimum(recoveries, len(days) - 1)]
    return (until - days[peaks]).astype("timedelta64[D]").astype(np.int64)
