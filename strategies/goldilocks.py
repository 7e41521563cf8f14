"""The Goldilocks zone: exposure by how many of the market's fears have eased at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.errors import ParameterError
from raisecash.strategy.composition import Overlay
from raisecash.strategy.rules.holdings import scale
from raisecash.strategy.rules.readings import ROUNDING, read_signals, trailing_rank


class Goldilocks(Overlay):
    """Hold the more of the base, the more of three fears have eased: bonds, volatility, trend.

    The score is the mean of three parts, each between 0 and 1:

    - bonds: the share of `yields` that are lower than `yield_window` readings ago, in percentage
      points, so that zero and negative yields are no exception;
    - volatility: 1 while at most the share `calm` of the last `history` readings of `volatility`
      was lower than today's, else 0;
    - trend: the share of `trend_assets` whose last close is above the mean of their own last
      `trend_window` closes (days on which an asset is closed are not counted), or, with `sentiment`,
      1 while that signal is above the mean of its own last `trend_window` readings, else 0.

    At score 1 the base is held in full, at 0 the share `reserve` of it is cash, in between
    proportionally. A part that cannot be told yet counts 0. A reading is a weekday's value
    (`raisecash.strategy.rules.readings`).

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025; the trend rule is that of Faber (2007), 'A Quantitative Approach to Tactical Asset
    Allocation', Journal of Wealth Management 9(4).
    """

    yields: tuple[str, ...] = Field(
        ("JGB10Y", "UST10Y"), min_length=1, description="the bond yields, signals of the market, percent"
    )
    yield_window: int = Field(20, ge=1, le=260, description="readings over which a yield must have fallen")
    volatility: str = Field("VIX", min_length=1, description="the equity volatility index, a signal")
    history: int = Field(250, ge=2, le=2600, description="readings today's volatility is compared with")
    min_history: int = Field(60, ge=2, le=2600, description="readings of volatility there must be")
    calm: float = Field(
        0.5, ge=0, le=1, description="largest share of history that may have been calmer than today"
    )
    sentiment: str | None = Field(None, description="a signal that rises with confidence, instead of prices")
    trend_window: int = Field(100, ge=2, le=1300, description="sessions or readings of the moving average")
    trend_assets: tuple[str, ...] | None = Field(
        None, min_length=1, description="assets whose trend counts; all when not given"
    )
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base's weights turned into cash at score 0"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - reserve x (1 - score)."""
        score = self.score(market).to_numpy()
        return scale(self.base.target_weights(market), 1 - self.reserve * (1 - score))

    def score(self, market: Market) -> pd.Series:
        """Return how many of the fears have eased at each bar, 0 to 1.

        Raises
        ------
        ParameterError
            When the market does not have a signal, or an asset of `trend_assets`.
        """
        parts = (self._bonds(market) + self._volatility(market) + self._trend(market)) / 3
        return pd.Series(parts, index=market.bars, name="Goldilocks score")

    def _bonds(self, market: Market) -> np.ndarray:
        """Return the share of yields that fell, shape (n_bars,)."""
        fell = np.zeros(len(market.bars))
        for signal in self.yields:
            readings = read_signals(market, signal, owner=type(self).__name__)
            level = readings.quoted[:, 0]
            lower = np.zeros(len(level))
            lower[self.yield_window :] = level[self.yield_window :] < level[: -self.yield_window] - ROUNDING
            fell += readings.on_bars(lower, before=0.0)
        return fell / len(self.yields)

    def _volatility(self, market: Market) -> np.ndarray:
        """Return 1 where equity volatility is low in its own history, else 0; shape (n_bars,)."""
        readings = read_signals(market, self.volatility, owner=type(self).__name__)
        rank = trailing_rank(
            readings.quoted[:, 0], window=self.history, at_least=min(self.min_history, self.history)
        )
        return readings.on_bars((rank <= self.calm).astype(float), before=0.0)

    def _trend(self, market: Market) -> np.ndarray:
        """Return the share of assets above their average, or whether sentiment is; shape (n_bars,)."""
        if self.sentiment is not None:
            readings = read_signals(market, self.sentiment, owner=type(self).__name__)
            above = _above_average(readings.quoted[:, 0], self.trend_window)
            return readings.on_bars(above.astype(float), before=0.0)
        closes = market.close.to_numpy(dtype=float)
        up = np.zeros(len(closes))
        columns = [self._column(market, asset) for asset in self.trend_assets or market.assets]
        for column in columns:
            is_open = ~np.isnan(closes[:, column])
            above = _above_average(closes[is_open, column], self.trend_window)
            up += np.concatenate(([False], above))[np.cumsum(is_open)]
        return up / len(columns)

    def _column(self, market: Market, asset: str) -> int:
        """Return an asset's column, or say that the market does not have it."""
        if asset not in market.assets:
            raise ParameterError(
                f"{type(self).__name__}.trend_assets names {asset!r}, which is not in the market; "
                f"it has {', '.join(market.assets)}"
            )
        return market.assets.index(asset)


def _above_average(values: np.ndarray, window: int) -> np.ndarray:
    """Return whether each value is above the mean of the last `window`, itself included; False before."""
    mean = pd.Series(values).rolling(window).mean().to_numpy()
    return np.asarray(values - mean > ROUNDING * np.abs(mean))
