"""What a base strategy's own weights would have made: the curve that overlays judge gains and losses on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.market import Market
from raisecash.strategy.rules.readings import ROUNDING

SAME = 1e-12  # rows of weights closer than this are no new decision, as in the account


def last_decided(weights: pd.DataFrame) -> np.ndarray:
    """Return the newest decided row at each bar, zeros before the first: shape (n_bars, n_assets)."""
    values = weights.to_numpy(dtype=float)
    silent = np.isnan(values).all(axis=1)
    newest = np.maximum.accumulate(np.where(silent, -1, np.arange(len(values))))
    return np.where((newest >= 0)[:, None], values[np.maximum(newest, 0)], 0.0)


def model_curve(weights: pd.DataFrame, market: Market) -> np.ndarray:
    """Return the value at each close of 1 put into some weights.

    Weights decided at a close are held from that same close on and drift with prices until a
    different row is decided: close to close, without costs, interest or the way to the next open,
    so that the curve is the strategy's own and does not depend on what is laid over it.

    Parameters
    ----------
    weights : DataFrame of shape (n_bars, n_assets)
        Target weights; rows of NaN are no decision.
    market : Market

    Returns
    -------
    array of shape (n_bars,)
        1 up to the first decision. A closed asset is valued at its last close.
    """
    rows, prices = last_decided(weights), market.last_close.to_numpy(dtype=float)
    n = len(rows)
    changed = np.zeros(n, dtype=bool)
    changed[0] = rows[0].any()
    changed[1:] = (np.abs(np.diff(rows, axis=0)) > SAME).any(axis=1)
    newest = np.maximum.accumulate(np.where(changed, np.arange(n), -1))
    before = np.concatenate(([-1], newest[:-1]))  # the decision that was held up to this close
    held = before >= 0
    entry = np.maximum(before, 0)
    kept = np.where((rows[entry] > 0) & held[:, None], rows[entry], 0.0)
    ratio = np.divide(prices, prices[entry], out=np.ones_like(prices), where=kept > 0)
    growth = 1 + (kept * (ratio - 1)).sum(axis=1)
    at_changes = np.cumprod(np.where(changed, growth, 1.0))  # value at the newest change
    return np.where(held, at_changes[entry] * growth, 1.0)


def is_recovered(curve: np.ndarray, *, depth: float, window: int) -> np.ndarray:
    """Return whether the curve is at most `depth` below its highest of the last `window` bars, shape (n,)."""
    highest = pd.Series(curve).rolling(window, min_periods=1).max().to_numpy()
    return np.asarray(curve >= highest * (1 - depth) * (1 - ROUNDING))


def is_trending(curve: np.ndarray, *, window: int) -> np.ndarray:
    """Return whether the curve is above its mean over the last `window` bars; False before, shape (n,)."""
    mean = pd.Series(curve).rolling(window).mean().to_numpy()
    return np.asarray(curve > mean * (1 + ROUNDING))
