"""Prices that were not adjusted for a share split: an overnight move of a simple ratio that stays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.checks.subjects import OneSeries
from raisecash.data.history import Finding, found
from raisecash.messages.words import stamp

RATIOS = {
    "3:2": 1.5,
    "2:1": 2.0,
    "3:1": 3.0,
    "4:1": 4.0,
    "5:1": 5.0,
    "10:1": 10.0,
    "20:1": 20.0,
    "50:1": 50.0,
}
NEAR = 0.05  # log distance of the overnight move from the ratio: an ordinary night's move on top
SIGMAS = 8.0  # of the series' own overnight moves: what is usual for it is no split
AROUND = 20  # bars on each side whose medians must show the ratio too
STAYS = 0.2  # log distance of those medians from it
STRICTER = 0.4  # what is left of both distances where no volume can confirm


def splits(series: OneSeries) -> Finding | None:
    """Return the nights on which a split is probably not adjusted for.

    The open differs from the close before by about a simple ratio, the prices after stay there, and
    the volume does not say otherwise: shares traded grow by the ratio when the price falls by it.
    Severity error where the volume agrees, warning where it is not known.
    """
    bars = series.bars
    close, opening = (np.log(bars[column].to_numpy(dtype=float)) for column in ("close", "open"))
    overnight = opening[1:] - close[:-1]
    spread = 1.4826 * float(np.median(np.abs(overnight - np.median(overnight)))) if len(overnight) else 0.0
    least = np.log(min(RATIOS.values())) - NEAR
    rows = np.flatnonzero((np.abs(overnight) > least) & (np.abs(overnight) > SIGMAS * spread)) + 1
    volume = bars["volume"].to_numpy(dtype=float)
    times = pd.DatetimeIndex(bars.index)
    nights: list[int] = []
    said: list[str] = []
    agreed = False
    for row in rows:
        move = overnight[row - 1]
        label, ratio = min(RATIOS.items(), key=lambda item: abs(abs(move) - np.log(item[1])))
        before, after = slice(max(0, row - AROUND), row), slice(row, row + AROUND)
        level = np.median(close[after]) - np.median(close[before])
        factor = np.sign(move) * np.log(ratio)
        clue = _volume_agrees(volume[before], volume[after], factor)
        leeway = STRICTER if clue is None else 1.0
        if clue is False or abs(move - factor) > NEAR * leeway or abs(level - factor) > STAYS * leeway:
            continue
        agreed = agreed or clue is True
        nights.append(int(row))
        shape = label if move < 0 else ":".join(reversed(label.split(":")))
        said.append(f"{shape} on {stamp(times[int(row)])}")
    if not nights:
        return None
    shown = ", ".join(said[:5]) + (", ..." if len(said) > 5 else "")
    certainty = "and the volume changes with it" if agreed else "(no volume to confirm it)"
    message = f"looks like a share split not adjusted for, {shown} {certainty}; take adjusted prices"
    return found(series.name, "split", "error" if agreed else "warning", times[nights], message)


def _volume_agrees(before: np.ndarray, after: np.ndarray, factor: float) -> bool | None:
    """Return whether shares traded changed by about the inverse of the price's factor; None if unknown."""
    if not (np.nan_to_num(before) > 0).any() or not (np.nan_to_num(after) > 0).any():
        return None
    change = np.log(np.nanmedian(after[after > 0]) / np.nanmedian(before[before > 0]))
    return bool(abs(change + factor) < 0.6 * abs(factor) + 0.1)
