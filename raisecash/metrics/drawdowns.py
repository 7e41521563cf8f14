"""Drawdowns: how far, and for how long, an account was below its highest value so far."""

from __future__ import annotations

import numpy as np
import pandas as pd


def drawdown(equity: pd.Series) -> pd.Series:
    """Return the loss since the highest value so far.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values; the first row is the starting capital and the first peak.

    Returns
    -------
    Series of shape (n_days,)
        equity / running maximum - 1: a fraction <= 0 (-0.23 is 23% below the peak), 0 at a peak.
    """
    values = equity.to_numpy(dtype=float)
    return pd.Series(values / np.maximum.accumulate(values) - 1, index=equity.index, name="drawdown")


def max_drawdown(equity: pd.Series) -> float:
    """Return the deepest `drawdown`: a fraction <= 0, and 0 for an account that never fell.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values, the starting capital first: a loss on the first bar counts.
    """
    return float(drawdown(equity).min())


def longest_drawdown_days(equity: pd.Series) -> float:
    """Return the longest time under water, in calendar days.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values, the starting capital first.

    Returns
    -------
    float
        Days from a peak to the day the peak was reached again, or to the last day while it has not
        been; a whole number, 0 for an account that never fell.
    """
    peaks, _, recoveries = _episodes(drawdown(equity).to_numpy())
    if not len(peaks):
        return 0.0
    dates = equity.index.to_numpy().astype("datetime64[D]")
    return float((dates[np.minimum(recoveries, len(dates) - 1)] - dates[peaks]).astype(int).max())


def worst_drawdowns(equity: pd.Series, n: int = 10) -> pd.DataFrame:
    """Return the n deepest drawdowns, the deepest first and the earlier of equals first.

    Parameters
    ----------
    equity : Series of shape (n_days,)
        Positive account values, the starting capital first.
    n : int
        At most so many rows.

    Returns
    -------
    DataFrame of shape (at most n, 5)
        `peak`, `trough` and `recovery` are days: the last at the old high, the (first) lowest, and
        the first back at the old high, NaT while under water. `depth` is a fraction < 0. `days` are
        calendar days from peak to recovery, or to the last day.
    """
    under_water = drawdown(equity).to_numpy()
    peaks, troughs, recoveries = _episodes(under_water)
    deepest = np.argsort(under_water[troughs], kind="stable")[:n]
    peaks, troughs, recoveries = peaks[deepest], troughs[deepest], recoveries[deepest]
    index, last = pd.DatetimeIndex(equity.index), len(equity) - 1
    until = index[np.minimum(recoveries, last)]
    return pd.DataFrame(
        {
            "peak": index[peaks],
            "trough": index[troughs],
            "recovery": until.where(recoveries <= last),
            "depth": under_water[troughs],
            "days": (until.normalize() - index[peaks].normalize()).days.astype("int64"),
        }
    )


def _episodes(under_water: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the positions of each drawdown's peak, trough and recovery; n_days stands for none."""
    changes = np.diff((under_water < 0).astype(np.int8), append=np.int8(0))
    peaks = np.flatnonzero(changes == 1)  # the first row is a peak, so every fall has a row before it
    recoveries = np.flatnonzero(changes == -1) + 1
    pairs = zip(peaks.tolist(), recoveries.tolist(), strict=True)
    troughs = np.array([low + int(under_water[low:back].argmin()) for low, back in pairs], dtype=np.intp)
    return peaks, troughs, recoveries
