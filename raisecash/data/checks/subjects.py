"""What a data check looks at: one series, all assets together, or a series beside its second source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.history import History, Severity


@dataclass(frozen=True, eq=False, kw_only=True)
class OneSeries:
    """One series and the window in which it is looked at.

    Attributes
    ----------
    start, end : Timestamp, optional
        Both inclusive; None for all of it.
    holes_judged : bool
        Whether `raisecash.data.checks.holes` has already said what became of sessions without a bar.
    now : Timestamp, optional
        UTC without a zone; None for the present.
    """

    history: History
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    holes_judged: bool = False
    now: pd.Timestamp | None = None

    @property
    def name(self) -> str:
        """The series' name in the config."""
        return self.history.name

    @property
    def has_prices(self) -> bool:
        """Whether it has bars that can be traded, and not values to look at."""
        return "close" in self.history.frame.columns

    @property
    def by_sessions(self) -> bool:
        """Whether it follows the sessions of an exchange that closes."""
        return self.history.calendar not in (None, ALWAYS)

    @property
    def usual_severity(self) -> Severity:
        """How grave what is odd about its days is: nothing is traded at the values of a signal."""
        return "warning" if self.has_prices else "info"

    @cached_property
    def bars(self) -> pd.DataFrame:
        """Its rows inside the window."""
        return self.history.frame.loc[self.start : self.end]

    @property
    def times(self) -> pd.DatetimeIndex:
        """The times of its rows inside the window."""
        return pd.DatetimeIndex(self.bars.index)

    @cached_property
    def all_times(self) -> pd.DatetimeIndex:
        """The times of all its rows."""
        return pd.DatetimeIndex(self.history.frame.index)


@dataclass(frozen=True, eq=False, kw_only=True)
class AllAssets:
    """All assets of a market, its first and last bar, and its clock: an asset's name or `union`."""

    histories: tuple[History, ...]
    first: pd.Timestamp
    last: pd.Timestamp
    clock: str


@dataclass(frozen=True, eq=False, kw_only=True)
class TwoSources:
    """A series and its twin, a second source of the same, both with prices or both with values.

    Attributes
    ----------
    start, end : Timestamp
        First and last bar of the market.
    """

    history: History
    twin: History
    start: pd.Timestamp
    end: pd.Timestamp
