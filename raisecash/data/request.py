"""`Request`: what a run wants of a series, and the words in which a config says how to read one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

Missing = Literal["error", "carry", "drop"]
Unit = Literal["percent", "fraction"]
Price = Literal["adjusted", "raw"]

ASSET_RUN_UP = pd.Timedelta(days=10)  # a bar aggregated onto the first session reaches back to the one before
NO_TIME = pd.Timedelta(0)
SIGNAL_RUN_UP = pd.Timedelta(days=400)  # a value published long before the first bar is still the newest one


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run wants of a series.

    Attributes
    ----------
    start, end : Timestamp, optional
        First and last day wanted, both inclusive; None for all there is. A feed may deliver more:
        the window of a backtest is cut when the series are aligned, never here.
    run_up : Timedelta
        How long before the window's first day `start` lies.
    offline : bool
        Never touch the network.
    refresh : bool
        Ask for everything again and take it, also where it differs from what is cached.
    deadline : float
        Seconds after which a vendor that does not answer is given up: for one answer, its repeated
        attempts and the pauses between them; a download in pages has them for each page.
    progress : callable
        Told now and then how far a long download is; may be called from another thread.
    """

    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    run_up: pd.Timedelta = NO_TIME
    offline: bool = False
    refresh: bool = False
    deadline: float = 20.0
    progress: Callable[[str], None] = field(default=lambda _: None, compare=False, repr=False)

    @property
    def window_start(self) -> pd.Timestamp | None:
        """The first day of the window itself."""
        return None if self.start is None else self.start + self.run_up

    def reaching_back(self, *, is_asset: bool) -> Request:
        """Return the request for a series of this window: from some time before its first day on."""
        run_up = ASSET_RUN_UP if is_asset else SIGNAL_RUN_UP
        start = self.window_start
        return replace(self, start=None if start is None else start - run_up, run_up=run_up)
