"""What a vendor says differently today: two versions of one series compared cell by cell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from raisecash.data.cache.entry import Restated
from raisecash.messages.words import stamp

RAW_TOLERANCE = 1e-9
# Yahoo's adjusted closes differ from one answer to the next in their seventh digit.
GROWTH_TOLERANCE = 1e-5
ADJUSTED = "adj_close"
MONEY = ("open", "high", "low", "close", "dividends")  # what a split re-scales


@dataclass(frozen=True, eq=False, kw_only=True)
class Revision:
    """How the new version of some bars differs from the old one.

    Attributes
    ----------
    cells : DataFrame of bool, shape (n_common_bars, n_common_columns)
        Figures that differ. An adjusted close differs where its growth since the bar before does.
    change : DataFrame of the same shape
        |new / old - 1|; NaN where there was no figure before.
    new : DataFrame of the same shape
        The new figures.
    added, gone : DatetimeIndex
        Bars that only the new or only the old version has.
    adjusted_scale : float
        New over old adjusted close at the last common bar; 1 when it did not move.
    is_scaled_alike : bool
        Whether that ratio is the same at the first common bar.
    """

    cells: pd.DataFrame
    change: pd.DataFrame
    new: pd.DataFrame
    added: pd.DatetimeIndex
    gone: pd.DatetimeIndex
    adjusted_scale: float = 1.0
    is_scaled_alike: bool = True

    def __bool__(self) -> bool:
        return bool(self.cells.to_numpy().any() or len(self.added) or len(self.gone))

    @property
    def is_in_other_units(self) -> bool:
        """Whether most closes moved: the two versions cannot be joined."""
        return "close" in self.cells.columns and bool(self.cells["close"].mean() > 0.5)

    def restated(self) -> Restated:
        """Return the difference as an entry keeps it."""
        differ = self.cells.any(axis=1).to_numpy()
        times = pd.DatetimeIndex(self.cells.index[differ]).union(self.added).union(self.gone).sort_values()
        columns = [str(name) for name in self.cells.columns[self.cells.any(axis=0).to_numpy()]]
        change = self.change.to_numpy()[self.cells.to_numpy()]
        change = change[np.isfinite(change)]
        digest = hashlib.sha256(times.as_unit("us").asi8.tobytes())
        digest.update(self.new.where(self.cells).loc[differ, columns].to_numpy(dtype="<f8").tobytes())
        return Restated(
            columns=tuple(columns),
            first=stamp(times[0]),
            last=stamp(times[-1]),
            bars=len(times),
            added=len(self.added),
            gone=len(self.gone),
            largest=float(change.max()) if len(change) else None,
            digest=digest.hexdigest(),
        )


def revision(old: pd.DataFrame, new: pd.DataFrame, *, tolerance: float = RAW_TOLERANCE) -> Revision:
    """Return how two versions of the same stretch of a series differ, on the columns both have.

    Raw figures are compared as they are, to a relative `tolerance`. Adjusted closes are re-scaled by
    every new dividend, so they are compared by their growth from bar to bar.
    """
    columns = [column for column in old.columns if column in new.columns]
    times = pd.DatetimeIndex(old.index.intersection(new.index))
    before, after = old.loc[times, columns], new.loc[times, columns]
    old_values, new_values = before.to_numpy(dtype=float), after.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(new_values - old_values)
        cells = apart > tolerance * np.maximum(np.abs(old_values), np.abs(new_values))
        cells |= np.isnan(old_values) != np.isnan(new_values)
        change = np.where(old_values == 0, np.nan, apart / np.abs(old_values))
        scale, alike = 1.0, True
        if ADJUSTED in columns:
            column = columns.index(ADJUSTED)
            differ, growth, scale, alike = _by_growth(old_values[:, column], new_values[:, column])
            cells[:, column], change[:, column] = differ, growth
    return Revision(
        cells=pd.DataFrame(cells, index=times, columns=columns),
        change=pd.DataFrame(change, index=times, columns=columns),
        new=after,
        added=pd.DatetimeIndex(new.index.difference(old.index)),
        gone=pd.DatetimeIndex(old.index.difference(new.index)),
        adjusted_scale=scale,
        is_scaled_alike=alike,
    )


def split_factor(old: pd.DataFrame, new: pd.DataFrame) -> float:
    """Return what splits since the last old bar did to the prices before them; 1 without one.

    A 2-for-1 split the vendor lists halves every earlier price: 0.5. A listed split that the closes do
    not show (an answer from before it was worked in) counts as none.
    """
    if "splits" not in new.columns or "close" not in old.columns:
        return 1.0
    ratios = new["splits"][new.index > old.index[-1]].to_numpy(dtype=float)
    ratios = ratios[(ratios > 0) & np.isfinite(ratios)]
    factor = float(1.0 / np.prod(ratios))
    times = old.index.intersection(new.index)
    seen = (new.loc[times, "close"] / old.loc[times, "close"]).median()
    return factor if factor != 1.0 and abs(seen / factor - 1) <= GROWTH_TOLERANCE else 1.0


def in_new_shares(frame: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Return bars as they read after a split; volume is left out, because vendors round it."""
    money = [column for column in MONEY if column in frame.columns]
    scaled = frame.drop(columns="volume", errors="ignore")
    scaled[money] = scaled[money] * factor
    return scaled


def in_scale(frame: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Return bars whose adjusted closes are multiplied by a factor; their growth does not change."""
    if scale == 1.0 or ADJUSTED not in frame.columns:
        return frame
    return frame.assign(**{ADJUSTED: frame[ADJUSTED] * scale})


def _by_growth(old: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, bool]:
    """Return where growth differs, by how much, the ratio at the last bar, and whether the first has it too."""
    ratio = new / old
    known = np.isfinite(ratio) & (ratio > 0)
    differ = np.isnan(old) != np.isnan(new)
    change = np.full(len(ratio), np.nan)
    rows = np.flatnonzero(known)
    if not len(rows):
        return differ, change, 1.0, True
    change[rows[1:]] = np.abs(np.diff(np.log(ratio[rows])))
    change[rows[0]] = 0.0
    differ |= change > GROWTH_TOLERANCE
    last = float(ratio[rows[-1]])
    alike = abs(ratio[rows[0]] / last - 1) <= GROWTH_TOLERANCE
    return differ, change, last if abs(last - 1) > GROWTH_TOLERANCE else 1.0, bool(alike)
