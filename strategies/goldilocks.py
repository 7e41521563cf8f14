"""The Goldilocks zone: exposure by how many of the market's fears have eased at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from pydantic import model_validator

from raisecash import Field, Market
from raisecash.errors import ParameterError
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import ROUNDING, Part, read_signals, scale, trailing_rank


class FallingYields(Part):
    """Bond yields that have fallen: in percentage points, so that zero and negative yields are no exception."""

    signals: tuple[str, ...] = Field(
        ("JGB10Y", "UST10Y"), min_length=1, description="the bond yields, signals of the market, percent"
    )
    window: int = Field(20, ge=1, le=260, description="readings over which a yield must have fallen")

    def eased(self, market: Market, *, owner: str) -> np.ndarray:
        """Return the share of yields that are lower than `window` readings ago, shape (n_bars,)."""
        fell = np.zeros(len(market.bars))
        for signal in self.signals:
            readings = read_signals(market, signal, owner=owner)
            level = readings.quoted[:, 0]
            lower = np.zeros(len(level))
            lower[self.window :] = level[self.window :] < level[: -self.window] - ROUNDING
            fell += readings.on_bars(lower, before=0.0)
        return fell / len(self.signals)


class QuietVolatility(Part):
    """Equity volatility that is low in its own history."""

    signal: str = Field("VIX", min_length=1, description="the equity volatility index, a signal")
    history: int = Field(250, ge=2, le=2600, description="readings today's volatility is compared with")
    min_history: int = Field(60, ge=2, le=2600, description="readings of volatility there must be")
    calm: float = Field(
        0.5, ge=0, le=1, description="largest share of history that may have been calmer than today"
    )

    def eased(self, market: Market, *, owner: str) -> np.ndarray:
        """Return 1 while at most the share `calm` of the last readings was lower, else 0; shape (n_bars,)."""
        readings = read_signals(market, self.signal, owner=owner)
        rank = trailing_rank(
            readings.quoted[:, 0], window=self.history, at_least=min(self.min_history, self.history)
        )
        return readings.on_bars((rank <= self.calm).astype(float), before=0.0)


class RisingTrend(Part):
    """Prices, or a sentiment, above their own average: days on which an asset is closed are not counted."""

    window: int = Field(100, ge=2, le=1300, description="sessions or readings of the moving average")
    assets: tuple[str, ...] | None = Field(
        None, min_length=1, description="assets whose trend counts; all when not given"
    )
    sentiment: str | None = Field(None, description="a signal that rises with confidence, instead of prices")

    def eased(self, market: Market, *, owner: str) -> np.ndarray:
        """Return the share of assets above their average, or whether sentiment is; shape (n_bars,)."""
        if self.sentiment is not None:
            readings = read_signals(market, self.sentiment, owner=owner)
            above = _above_average(readings.quoted[:, 0], self.window)
            return readings.on_bars(above.astype(float), before=0.0)
        closes = market.close.to_numpy(dtype=float)
        up = np.zeros(len(closes))
        columns = [_column(market, asset, owner) for asset in self.assets or market.assets]
        for column in columns:
            is_open = ~np.isnan(closes[:, column])
            above = _above_average(closes[is_open, column], self.window)
            up += np.concatenate(([False], above))[np.cumsum(is_open)]
        return up / len(columns)


class Goldilocks(Overlay):
    """Hold the more of the base, the more of three fears have eased: bonds, volatility, trend.

    The score is the mean of its parts, each between 0 and 1, without those that are switched off:

    - `bonds`: the share of its yields that are lower than `window` readings ago;
    - `volatility`: 1 while at most the share `calm` of the last `history` readings of the index was
      lower than today's, else 0;
    - `trend`: the share of its assets whose last close is above the mean of their own last `window`
      closes, or, with `sentiment`, 1 while that signal is above the mean of its own last `window`
      readings, else 0.

    At score 1 the base is held in full, at 0 the share `reserve` of it is cash, in between
    proportionally. A part that cannot be told yet counts 0. A reading is a weekday's value
    (`raisecash.strategy.rules.readings`).

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025; the trend rule is that of Faber (2007), 'A Quantitative Approach to Tactical Asset
    Allocation', Journal of Wealth Management 9(4).
    """

    renamed: ClassVar[Mapping[str, str]] = {
        "yields": "bonds.signals",
        "yield_window": "bonds.window",
        "trend_window": "trend.window",
        "trend_assets": "trend.assets",
    }

    bonds: FallingYields | None = Field(FallingYields(), description="the yields that must have fallen")
    volatility: QuietVolatility | None = Field(
        QuietVolatility(), description="the equity volatility that must be low"
    )
    trend: RisingTrend | None = Field(RisingTrend(), description="what must be above its average")
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base's weights turned into cash at score 0"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self._parts():
            raise ValueError("must have one of bonds, volatility and trend: all three are switched off")
        return self

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights times 1 - reserve x (1 - score)."""
        score = self.score(market).to_numpy()
        return scale(self.base.target_weights(market), 1 - self.reserve * (1 - score))

    def score(self, market: Market) -> pd.Series:
        """Return how many of the fears have eased at each bar, 0 to 1.

        Raises
        ------
        ParameterError
            When the market does not have a signal, or an asset of `trend.assets`.
        """
        owner = type(self).__name__
        eased = [part.eased(market, owner=f"{owner}.{name}") for name, part in self._parts().items()]
        return pd.Series(sum(eased) / len(eased), index=market.bars, name="Goldilocks score")

    def _parts(self) -> dict[str, FallingYields | QuietVolatility | RisingTrend]:
        """Return the parts that are on, by their names."""
        named = {"bonds": self.bonds, "volatility": self.volatility, "trend": self.trend}
        return {name: part for name, part in named.items() if part is not None}


def _column(market: Market, asset: str, owner: str) -> int:
    """Return an asset's column, or say that the market does not have it."""
    if asset not in market.assets:
        raise ParameterError(
            f"{owner}.assets names {asset!r}, which is not in the market; it has {', '.join(market.assets)}"
        )
    return market.assets.index(asset)


def _above_average(values: np.ndarray, window: int) -> np.ndarray:
    """Return whether each value is above the mean of the last `window`, itself included; False before."""
    mean = pd.Series(values).rolling(window).mean().to_numpy()
    return np.asarray(values - mean > ROUNDING * np.abs(mean))
