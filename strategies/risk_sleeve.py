"""The risk sleeve: how much of each asset to hold while the view says risk."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from raisecash import Field, Market, Strategy
from raisecash.strategy.rules import FixedWeights, weights_in

YEAR = 365.25 * 24 * 3600 * 1e6  # microseconds
STILL = 1e-12  # a yearly volatility below this is none: the price does not move


class RiskSleeve(Strategy):
    """Hold BTC and equities by fixed shares, by inverse volatility, or to a volatility target.

    `weights` are the shares b of the account, and their sum the most that is ever invested; there
    is no leverage. With s the assets' yearly volatilities:

    - `fixed`: b.
    - `inverse_volatility`: sum(b) shared in proportion to b / s, so that assets of equal b are
      equally risky on their own.
    - `volatility_target`: b x min(1, target_volatility / volatility of b).

    An asset's volatility is the root of its last `window` squared returns, from close to close of
    its own sessions, over the calendar time they took: bars on which it is closed are no returns of
    zero, and a year is a year whether it has 252 sessions or 365. Two assets' correlation is that
    of their last `window` returns between sessions which both have (a weekend of BTC beside SPY's
    Friday to Monday), 1 until there are as many. The share of an asset that has fewer returns,
    or (by inverse volatility) does not move at all, stays cash.

    Source: Moreira and Muir (2017), 'Volatility-Managed Portfolios', Journal of Finance 72(4);
    inverse volatility: Maillard, Roncalli and Teiletche (2010), 'The Properties of Equally Weighted
    Risk Contribution Portfolios', Journal of Portfolio Management 36(4).
    """

    weighting: Literal["fixed", "inverse_volatility", "volatility_target"] = Field(
        "inverse_volatility", description="how the shares become weights"
    )
    weights: FixedWeights | None = Field(None, description="share of each asset; equal when not given")
    window: int = Field(60, ge=2, le=1300, description="returns of an asset that make its volatility")
    target_volatility: float = Field(
        0.2, gt=0, le=5, description="yearly volatility that volatility_target aims at, a fraction"
    )
    every: Literal["bar", "week", "month"] = Field(
        "month", description="how often the weights are set anew; an asset's first volatility sets them too"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the weights of the newest bar on which they were set."""
        shares = np.array(list(weights_in(market, self.weights, owner=type(self).__name__).values()))
        closes = market.close.to_numpy(dtype=float)
        times = market.bars.to_numpy().astype("datetime64[us]").astype(np.int64) / YEAR
        if self.weighting == "fixed":
            usable = ~np.isnan(market.last_close.to_numpy())
            weights = usable * shares
        else:
            volatility = _volatilities(closes, times, self.window)
            usable = volatility > (STILL if self.weighting == "inverse_volatility" else -1)
            usable &= shares > 0
            weigh = self._by_inverse if self.weighting == "inverse_volatility" else self._to_target
            weights = weigh(closes, np.where(usable, shares, 0.0), np.where(usable, volatility, 0.0))
        is_set = self._is_set(market.bars, usable)
        newest = np.maximum.accumulate(np.where(is_set, np.arange(len(is_set)), 0))
        return pd.DataFrame(weights[newest], index=market.bars, columns=list(market.assets))

    def _by_inverse(self, closes: np.ndarray, shares: np.ndarray, volatility: np.ndarray) -> np.ndarray:
        """Return the sum of the shares, divided in proportion to share over volatility."""
        risk = np.divide(shares, volatility, out=np.zeros_like(shares), where=volatility > 0)
        total = risk.sum(axis=1, keepdims=True)
        portion = np.divide(risk, total, out=np.zeros_like(risk), where=total > 0)
        return np.asarray(portion * shares.sum(axis=1, keepdims=True))

    def _to_target(self, closes: np.ndarray, shares: np.ndarray, volatility: np.ndarray) -> np.ndarray:
        """Return the shares, scaled down where together they are more volatile than the target."""
        risk = shares * volatility
        variance = (risk * risk).sum(axis=1)
        for one, other in combinations(np.flatnonzero(shares.any(axis=0)).tolist(), 2):
            variance += (
                2 * risk[:, one] * risk[:, other] * _correlations(closes[:, [one, other]], self.window)
            )
        together = np.sqrt(np.maximum(variance, 0.0))
        scale = np.minimum(1.0, self.target_volatility / np.maximum(together, STILL))
        return np.asarray(shares * scale[:, None])

    def _is_set(self, bars: pd.DatetimeIndex, usable: np.ndarray) -> np.ndarray:
        """Return whether the weights are set anew: at a period's first bar, and when an asset joins or leaves."""
        if self.every == "bar":
            return np.ones(len(bars), dtype=bool)
        stamps = bars.to_numpy()
        if self.every == "month":
            period = stamps.astype("datetime64[M]").astype(np.int64)
        else:
            period = (stamps.astype("datetime64[D]").astype(np.int64) + 3) // 7  # weeks begin on Monday
        is_set = np.diff(period, prepend=period[0] - 1) != 0
        is_set[1:] |= (usable[1:] != usable[:-1]).any(axis=1)
        return np.asarray(is_set)


@np.errstate(over="ignore", invalid="ignore")  # a figure out of all bounds must not stop a run
def _volatilities(closes: np.ndarray, times: np.ndarray, window: int) -> np.ndarray:
    """Return each asset's yearly volatility at each bar, NaN before `window` returns; times in years."""
    volatility = np.full(closes.shape, np.nan)
    for column in range(closes.shape[1]):
        is_open = ~np.isnan(closes[:, column])
        prices, sessions = closes[is_open, column], times[is_open]
        if len(prices) <= window:
            continue
        returns = prices[1:] / prices[:-1] - 1
        summed = pd.Series(returns * returns).rolling(window).sum().to_numpy()[window - 1 :]
        yearly = np.sqrt(np.maximum(summed, 0) / (sessions[window:] - sessions[:-window]))
        own = np.concatenate((np.full(window + 1, np.nan), yearly))
        volatility[:, column] = own[np.cumsum(is_open)]
    return volatility


@np.errstate(over="ignore", invalid="ignore")  # a figure out of all bounds must not stop a run
def _correlations(closes: np.ndarray, window: int) -> np.ndarray:
    """Return two assets' correlation around zero at each bar, over their common sessions; 1 before `window`."""
    both = ~np.isnan(closes).any(axis=1)
    prices = closes[both]
    if len(prices) <= window:
        return np.ones(len(closes))
    returns = prices[1:] / prices[:-1] - 1
    products = np.column_stack((returns[:, 0] * returns[:, 1], returns**2))
    summed = pd.DataFrame(products).rolling(window).sum().to_numpy()[window - 1 :]
    scale = np.sqrt(np.maximum(summed[:, 1] * summed[:, 2], 0))
    correlation = np.divide(summed[:, 0], scale, out=np.ones(len(scale)), where=scale > 0)
    own = np.concatenate((np.ones(window + 1), np.clip(correlation, -1, 1)))
    return np.asarray(own[np.cumsum(both)])
