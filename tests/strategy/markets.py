"""Small seeded markets for strategies to decide on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data_feeds import Market


def market(start: str, end: str, *, assets: tuple[str, ...] = ("BTC", "SPY"), seed: int = 0) -> Market:
    """Return random walks; an asset called SPY is closed at weekends, the others never."""
    rng = np.random.default_rng(seed)
    bars = pd.date_range(start, end)
    frames = {}
    for asset in assets:
        days = bars[bars.day_of_week < 5] if asset == "SPY" else bars
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, len(days))))
        frames[asset] = pd.DataFrame(
            {"open": close * np.exp(rng.normal(0, 0.003, len(days))), "close": close}, index=days
        )
    return Market.from_frames(frames)
