"""`Feed`: where a series comes from; one subclass a file, named in a config by its `kind`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from data_feeds.history import History

Missing = Literal["error", "carry", "drop"]
Unit = Literal["percent", "fraction"]
Price = Literal["adjusted", "raw"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run wants of a series.

    Attributes
    ----------
    start, end : Timestamp, optional
        First and last day wanted, both inclusive; None for all there is. A feed may deliver more:
        the window of a backtest is cut when the series are aligned, never here.
    offline : bool
        Never touch the network.
    deadline : float
        Seconds after which a vendor that does not answer is given up.
    """

    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    offline: bool = False
    deadline: float = 20.0


class Feed(BaseModel, ABC):
    """One source of one series, as a table in a config describes it.

    A subclass sets `kind`, the word after `feed =`, declares its options as annotated fields and
    writes `prices` and `signal`. It is found by being in this folder; there is no list to edit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: ClassVar[str] = ""
    is_live: ClassVar[bool] = False
    default_lag: ClassVar[int] = 0

    missing: Missing = Field("error", description="what to do with a bar that has no price")
    lag: int | None = Field(
        None, ge=0, le=520, description="business days after its date on which a signal's value is known"
    )
    unit: Unit = Field("percent", description="how a cash yield is quoted; other signals stay as quoted")

    @abstractmethod
    def prices(self, name: str, request: Request) -> History:
        """Return the series as bars that can be traded: open, high, low, close, volume.

        Raises
        ------
        DataError
            When the figures break a rule that prices obey; names series, date, rule and value.
        """

    @abstractmethod
    def signal(self, name: str, request: Request) -> History:
        """Return the series as values that can only be looked at: one column, value."""

    def prepare(self) -> None:
        """Import what reading needs; called before the thread that reads is started.

        Two threads that import overlapping packages at once can each see the other's half-made
        modules, and a thread given up on would go on importing behind the run's back.
        """

    @property
    def known_lag(self) -> int:
        """Business days from a value's date to the day it is known: the config's, or the feed's own."""
        return self.default_lag if self.lag is None else self.lag

    @property
    def identity(self) -> str:
        """The source's own name of the series: its symbol or series; empty when it has none."""
        return str(getattr(self, "symbol", None) or getattr(self, "series", None) or "")

    def describe(self) -> str:
        """Return two or three words for a progress line: `yfinance SPY`."""
        return f"{self.kind} {self.identity}".strip()
