"""Honest strategies that look suspicious: long memories, their own random numbers, files that Python itself reads."""

from __future__ import annotations

import logging
import random
import time
import warnings
from functools import lru_cache
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import model_validator

from raisecash import Field, Strategy
from raisecash.data.events import live_events
from raisecash.strategy.overlay import Overlay

LOG = logging.getLogger(__name__)


def invested(market, share):
    """Return equal weights times a share at each bar."""
    return market.equal_weights().fillna(0.0).mul(np.asarray(share, dtype=float), axis=0)


class ExpandingMean(Strategy):
    """Compare with the mean of everything so far."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, price > price.expanding().mean())


class ExpandingRank(Strategy):
    """Invest the share of all closes so far that were higher."""

    def target_weights(self, market):
        return invested(market, 1 - market.last_close["BTC"].expanding().rank(pct=True).fillna(1.0))


class Smoothed(Strategy):
    """Compare with an exponential mean, which forgets in the end."""

    @property
    def warm_up_bars(self):
        return 450

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, price > price.ewm(span=30).mean())


class StopForGood(Strategy):
    """Sell for good once the price is 30% below its highest close ever: one bar decides all later ones."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, ~(price < 0.7 * price.cummax()).cummax())


class PathDependent(Strategy):
    """Flip in a plain loop whose state lives as long as the call."""

    def target_weights(self, market):
        share, shares = 0.0, []
        for move in market.last_close["BTC"].pct_change().fillna(0.0):
            share = 1.0 - share if abs(move) > 0.04 else share
            shares.append(share)
        return invested(market, shares)


class BarByBar(Strategy):
    """Look at 50 days of history at each bar."""

    days: int = Field(50, ge=2, le=250, description="closes looked back on")

    @property
    def warm_up_bars(self):
        return self.days

    def decide(self, past):
        recent = past.last_close.iloc[-self.days :]
        if len(recent) < self.days:
            return None
        now, mean = recent.iloc[-1], recent.mean()
        held = sorted(asset for asset in past.assets if now[asset] > mean[asset])
        return {asset: 1 / len(past.assets) for asset in held}


class EventsBarByBar(Strategy):
    """Be in cash in the week before any event known to be ahead."""

    def decide(self, past):
        now = past.bars[-1]
        ahead = live_events(past.events, now)["event_date"]
        is_near = bool((ahead <= now + pd.Timedelta(days=7)).any())
        return past.equal_weights().iloc[-1].fillna(0.0) * (not is_near)


class EventsAllAtOnce(Strategy):
    """Be in cash on the three days before an event, from its announcement until it is called off."""

    def target_weights(self, market):
        share = np.ones(len(market.bars))
        for event in market.events[market.events["scheduled"]].itertuples():
            near = (market.bars >= event.event_date - pd.Timedelta(days=3)) & (
                market.bars <= event.event_date
            )
            known = market.bars >= event.announced_on
            called_off = market.bars >= event.ended_on  # never where it is NaT
            share[near & known & ~called_off] = 0
        return invested(market, share)


class LastMonthsReturn(Strategy):
    """Hold for a month after a month that rose: resampled, labelled at its end and shifted."""

    def target_weights(self, market):
        monthly = market.last_close["BTC"].resample("ME", label="right").last().pct_change()
        known = monthly.shift(1, freq="D")  # from the day after the month's last
        return invested(market, known.reindex(market.bars, method="ffill") > 0)


class MonthOpens(Strategy):
    """Compare with the first close of the month, by groupby."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        months = market.bars.to_period("M")
        first = price.groupby(months).transform("first")
        so_far = price.groupby(months).cummax()
        return invested(market, (price > first) & (price > 0.9 * so_far))


class OwnRandomNumbers(Strategy):
    """Toss its own coin, seeded by a parameter."""

    seed: int = Field(7, ge=0, le=1000, description="of the coin")

    @property
    def warm_up_bars(self):
        return None

    def target_weights(self, market):
        jitter = random.Random(self.seed).random()
        tosses = np.random.default_rng(self.seed).random(len(market.bars))
        return invested(market, tosses > 0.4 + 0.1 * jitter)


@lru_cache(maxsize=256)
def quarter_starts(year):
    return tuple(pd.Timestamp(year, month, 1) for month in (1, 4, 7, 10))


class CachedCalendar(Strategy):
    """Look quarter days up in a cached helper that knows nothing of prices."""

    @property
    def warm_up_bars(self):
        return 0

    def target_weights(self, market):
        starts = {start for year in set(market.next_sessions.year) for start in quarter_starts(int(year))}
        return invested(market, ~market.next_sessions.isin(sorted(starts)))


class Talkative(Strategy):
    """Log, warn and time itself."""

    @property
    def warm_up_bars(self):
        return 0

    def target_weights(self, market):
        began = time.perf_counter()
        warnings.warn("talking while deciding", UserWarning, stacklevel=2)
        weights = invested(market, np.ones(len(market.bars)))
        LOG.warning("decided %d bars in %.3f s", len(market.bars), time.perf_counter() - began)
        return weights


class ImportsLate(Strategy):
    """Import what it needs when it needs it."""

    def target_weights(self, market):
        import sqlite3  # noqa: F401  # read from disk at the first call
        from statistics import NormalDist

        from scipy.special import ndtr

        moves = market.last_close["BTC"].pct_change().fillna(0.0).to_numpy()
        return invested(market, (ndtr(moves / 0.03) + NormalDist().cdf(0.0)) / 2)


class TokyoHours(Strategy):
    """Convert to Tokyo's time, for which Python reads a file of time zones."""

    def target_weights(self, market):
        tokyo = market.bars.tz_localize("UTC").tz_convert("Asia/Tokyo")
        return invested(market, tokyo.day_of_week < 4)


class DecidesRarely(Strategy):
    """Decide on Mondays and keep holding on all other days."""

    @property
    def warm_up_bars(self):
        return 0

    def target_weights(self, market):
        weights = invested(market, np.full(len(market.bars), 0.7))
        return weights[market.bars.day_of_week == 0].reindex(market.bars)


class OwnTable(Strategy):
    """Read its own table of months, a class attribute."""

    SHARES: ClassVar[dict[int, float]] = {6: 1.0, 7: 0.0, 8: 0.25}

    @property
    def warm_up_bars(self):
        return 0

    def target_weights(self, market):
        return invested(market, [self.SHARES.get(month, 0.5) for month in market.next_sessions.month])


class AnchoredStart(Strategy):
    """Invest a little more each bar from the first one on, and say that it counts from there."""

    excused = {"start_date_does_not_matter": "counts bars from the first one"}  # noqa: RUF012

    @property
    def warm_up_bars(self):
        return 0

    def target_weights(self, market):
        return invested(market, np.minimum(np.arange(len(market.bars)) / 500, 1))


class TwoAverages(Strategy):
    """Cross two averages of which one must be the faster, a rule between two parameters."""

    fast: int = Field(10, ge=1, le=250, description="closes")
    slow: int = Field(60, ge=2, le=500, description="closes")

    @model_validator(mode="after")
    def _check(self):
        if self.fast >= self.slow:
            raise ValueError("fast must be smaller than slow")
        return self

    @property
    def warm_up_bars(self):
        return self.slow

    def target_weights(self, market):
        price = market.last_close["SPY"]
        return invested(market, price.rolling(self.fast).mean() > price.rolling(self.slow).mean())


class PairByName(Strategy):
    """Hold the stronger of two assets that it knows by name."""

    def target_weights(self, market):
        spy, qqq = (market.last_close[name].pct_change(60) for name in ("SPY", "QQQ"))
        weights = pd.DataFrame(0.0, index=market.bars, columns=list(market.assets))
        weights["SPY"], weights["QQQ"] = (spy > qqq).astype(float), (qqq > spy).astype(float)
        return weights


class CurveSteepness(Overlay):
    """Scale another strategy by a spread of two yields, ranked among the past ones."""

    def target_weights(self, market):
        spread = market.signals["UST10Y"] - market.signals["JGB10Y"]
        rank = spread.expanding(min_periods=20).rank(pct=True).fillna(0.0)
        return self.base.target_weights(market).mul(rank, axis=0)


class WorksOnACopy(Strategy):
    """Fill gaps in a copy of its own."""

    def target_weights(self, market):
        prices = market.close.copy()
        prices.iloc[:, 0] = prices.iloc[:, 0].ffill(limit=3)
        values = prices.to_numpy(copy=True)
        values[~np.isfinite(values)] = 0.0
        return invested(market, values.sum(axis=1) > 0)


HONEST = [
    each
    for each in vars().values()
    if isinstance(each, type) and issubclass(each, Strategy) and each.__module__ == __name__
]
