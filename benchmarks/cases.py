"""The jobs that the benchmarks time: seeded markets and targets of a stated size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Market


def frames(n_bars: int, *, freq: str = "B", seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return two random walks as open, high, low, close, volume."""
    rng = np.random.default_rng(seed)
    bars = pd.date_range("2014-01-01", periods=n_bars, freq=freq)
    made = {}
    for name, volatility in (("A", 0.03), ("B", 0.01)):
        # Mean-reverting, so that a million bars neither overflow nor vanish.
        noise = rng.normal(0, volatility, n_bars)
        close = 100 * np.exp(np.convolve(noise, 0.999 ** np.arange(2000), mode="full")[:n_bars])
        opens = close * np.exp(rng.normal(0, volatility / 4, n_bars))
        made[name] = pd.DataFrame(
            {
                "open": opens,
                "high": np.maximum(opens, close),
                "low": np.minimum(opens, close),
                "close": close,
                "volume": 1e6,
            },
            index=bars,
        )
    return made


def market_of(prices: dict[str, pd.DataFrame], *, cash_yield: float = 0.0) -> Market:
    """Return the market of frames that share their bars."""
    return Market(
        cash_yield=cash_yield,
        **{
            name: pd.DataFrame({asset: frame[name] for asset, frame in prices.items()})
            for name in ("open", "high", "low", "close", "volume")
        },
    )


def targets_of(market: Market, *, share: float = 0.08, seed: int = 1) -> pd.DataFrame:
    """Return weights decided on the given share of bars, no decision on the others."""
    rng = np.random.default_rng(seed)
    n = len(market.bars)
    rows = np.full((n, 2), np.nan)
    decided = np.sort(rng.choice(n, int(n * share), replace=False))
    rows[decided] = rng.dirichlet([2, 2, 1], len(decided))[:, :2]
    return pd.DataFrame(rows, index=market.bars, columns=list(market.assets))
