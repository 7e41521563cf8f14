"""`CacheEntry`: one cached series and what is known about it; `Restated`: how the vendor's newest figures differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from raisecash.data.history import History


@dataclass(frozen=True, kw_only=True)
class Restated:
    """How the vendor's newest figures differ from the older ones an entry keeps.

    Attributes
    ----------
    columns : tuple of str
        Columns with a difference.
    first, last : str
        The first and last bar that differs, is new between old ones, or is gone.
    bars, added, gone : int
        How many bars differ in a figure, were added between old ones, were taken out.
    largest : float or None
        Largest relative change of a figure that was there before; None when none was.
    digest : str
        Hash of what differs: equal when the vendor still says the same.
    seen : str
        When it was first seen, UTC.
    version : str
        The file that keeps the vendor's figures, from the folder of series on.
    is_frozen : bool
        Whether newer bars were left out, because they are not in the same units as the old ones.
    """

    columns: tuple[str, ...]
    first: str
    last: str
    bars: int
    added: int
    gone: int
    largest: float | None
    digest: str
    seen: str = ""
    version: str = ""
    is_frozen: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class CacheEntry:
    """One cached series.

    Attributes
    ----------
    frame : DataFrame
        Bars as fetched, indexed by tz-naive time.
    start, end : Timestamp or None
        What was asked for; None for all there was.
    fetched : Timestamp
        When the vendor was last asked, in UTC, tz-naive.
    vendor : str
        Whose figures these are, for people.
    restated : Restated or None
        A difference to the vendor's newest figures that `--refresh` has not decided yet.
    """

    frame: pd.DataFrame
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    fetched: pd.Timestamp
    vendor: str = ""
    restated: Restated | None = None

    @property
    def last(self) -> pd.Timestamp:
        """The time of the last bar."""
        return pd.Timestamp(self.frame.index[-1])

    @property
    def sha256(self) -> str:
        """Hash of times, column names and values, as `History.sha256` computes it."""
        return History(name="", frame=self.frame, source="").sha256

    def covers(self, start: pd.Timestamp | None, end: pd.Timestamp | None) -> bool:
        """Return whether a request was already part of what this entry was fetched for."""
        from_before = self.start is None or (start is not None and self.start <= start)
        to_after = self.end is None or (end is not None and end <= self.end)
        return from_before and to_after


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return bars as they come back from a file: float columns, one kind of NaN, microseconds, no names."""
    values = frame.to_numpy(dtype=float, copy=True)
    values[np.isnan(values)] = np.nan  # NaNs of other bit patterns would hash differently
    times = pd.DatetimeIndex(np.asarray(frame.index.to_numpy(), dtype="datetime64[us]"))
    return pd.DataFrame(values, index=times, columns=[str(column) for column in frame.columns])
