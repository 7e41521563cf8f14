"""The linkage of Japanese and US yields: rolling beta, lead-lag, and a gate that holds only while it lasts.

Tokyo closes first. A JGB yield dated d is fixed about 06:00 UTC on d, a Treasury yield dated d about
20:00 UTC, 14 hours later. Of two changes with the same date, Tokyo's comes first and New York may
answer it the same day; Tokyo answers New York on the next date. "Same date" is therefore not
"same time": a correlation there is Tokyo leading, and one of New York with the next Tokyo date is
New York leading. Neither can be traded before the later of the two has been published, which is
what a market's signals already guarantee.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from raisecash import Field, Market
from raisecash.errors import DataError
from raisecash.strategy.overlay import Overlay
from raisecash.strategy.rules import read_signals, scale

Leader = Literal["tokyo", "new_york", "either"]
MOVES = 1e-12  # summed squared changes below this, in squared percentage points, are rounding


def rolling_beta(
    tokyo: pd.Series, new_york: pd.Series, *, window: int, leader: Literal["tokyo", "new_york"] = "tokyo"
) -> pd.DataFrame:
    """Return how much the follower's yield moved with the leader's over the last `window` pairs of changes.

    Parameters
    ----------
    tokyo, new_york : Series
        Yields in percentage points, each indexed by its own value dates (never by the bars of a
        seven-day clock, which repeat a Friday). Changes are taken between dates both have.
    window : int
        Pairs of changes, 3 or more.
    leader : {"tokyo", "new_york"}
        Tokyo: the New York change of date d on the Tokyo change of d. New York: the Tokyo change of
        the next date on the New York change of d.

    Returns
    -------
    DataFrame
        Indexed by the common dates; row d uses values dated d and before. `beta`, percentage points
        a percentage point; `correlation`, -1 to 1; `t`, the slope's t-statistic for changes
        without autocorrelation. NaN before `window` pairs, and where a yield did not move.

    Raises
    ------
    DataError
        When `window` is below 3, or the dates are not ascending and unique.

    Notes
    -----
    Source: Forbes and Rigobon (2002), 'No Contagion, Only Interdependence', Journal of Finance
    57(5): a correlation rises with volatility alone, so a high one in a crisis shows no new link;
    the beta and its t-statistic stand beside it.
    """
    if window < 3:
        raise DataError(f"rolling_beta: window must be 3 or more pairs of changes, got {window}")
    changes = _common_changes(tokyo, new_york)
    beta, correlation, t = _fit(
        *_led_by(leader, changes["tokyo"].to_numpy(), changes["new_york"].to_numpy()), window
    )
    return pd.DataFrame({"beta": beta, "correlation": correlation, "t": t}, index=changes.index)


def lead_lag(tokyo: pd.Series, new_york: pd.Series, *, most: int = 5) -> pd.Series:
    """Return the correlation of Tokyo's yield changes with New York's some dates later.

    Parameters
    ----------
    tokyo, new_york : Series
        Yields in percentage points, each indexed by its own value dates.
    most : int
        Largest shift, in common dates.

    Returns
    -------
    Series of shape (2 x most + 1,)
        Indexed by k, -most to most: the correlation of Tokyo's change of date d with New York's of
        date d + k. At k = 0 Tokyo is 14 hours ahead, at k = -1 New York is 10 hours ahead: there is
        no k at which the two are simultaneous. NaN with fewer than 3 pairs, or without movement.

    Raises
    ------
    DataError
        When the dates are not ascending and unique.
    """
    changes = _common_changes(tokyo, new_york).to_numpy()
    found = {}
    for k in range(-most, most + 1):
        one, other = changes[max(-k, 0) : len(changes) - max(k, 0), 0], changes[max(k, 0) :, 1]
        n = min(len(one), len(other))
        found[k] = _fit(one[:n], other[:n], n)[1][-1] if n >= 3 else np.nan
    return pd.Series(found, name="correlation").rename_axis("k")


class LinkageGate(Overlay):
    """Hold the base in full only while Japanese and US yields move together.

    The link holds while the t-statistic of the rolling beta over the last `window` pairs of yield
    changes is `t_statistic` or more: while the follower has been moving in the leader's direction by
    more than chance. Tokyo leads when New York's change of a date follows Tokyo's of the same date,
    New York leads when Tokyo's of the next date follows New York's; `either` is satisfied with one.
    Without the link, and while there are too few changes to tell, the share `reserve` of the base's
    weights is cash.

    The pairs are those of the weekday readings of the two signals (`raisecash.strategy.rules.readings`), as far
    as published. They have the same value date when both are published with the same lag, as
    Japan's MoF curve and FRED's are by default; otherwise `tokyo_fresher` says how many business days
    Tokyo's figure is ahead. A holiday of one market pairs a change with zero and makes the link look
    weaker than it is.

    Source: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin and Equities?',
    28 May 2025; Forbes and Rigobon (2002), 'No Contagion, Only Interdependence', Journal of Finance 57(5).
    """

    tokyo: str = Field(
        "JGB10Y", min_length=1, description="the Japanese yield, a signal of the market, percent"
    )
    new_york: str = Field("UST10Y", min_length=1, description="the US yield, a signal of the market, percent")
    leader: Leader = Field("tokyo", description="whose changes come first: tokyo, new_york, or either")
    window: int = Field(120, ge=3, le=1300, description="pairs of yield changes looked back on")
    t_statistic: float = Field(2.0, ge=0, le=20, description="smallest t-statistic of the rolling beta")
    tokyo_fresher: int = Field(
        0, ge=0, le=5, description="business days by which Tokyo's lag is shorter than New York's"
    )
    reserve: float = Field(
        0.8, ge=0, le=1, description="share of the base's weights turned into cash without the link"
    )

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the base's weights while the link holds, 1 - reserve of them otherwise."""
        exposure = np.where(self.is_linked(market), 1.0, 1 - self.reserve)
        return scale(self.base.target_weights(market), exposure)

    def is_linked(self, market: Market) -> pd.Series:
        """Return whether the link holds, a bool a bar.

        Raises
        ------
        ParameterError
            When the market does not have one of the two signals.
        """
        readings = read_signals(market, self.tokyo, self.new_york, owner=type(self).__name__)
        later = self.tokyo_fresher
        paired = max(len(readings.quoted) - later, 0)
        tokyo, new_york = readings.quoted[:paired, 0], readings.quoted[later:, 1]
        changes = np.diff(tokyo), np.diff(new_york)
        leaders: tuple[Leader, ...] = ("tokyo", "new_york") if self.leader == "either" else (self.leader,)
        holds = np.zeros(len(readings.quoted), dtype=bool)
        for leader in leaders:
            t = _fit(*_led_by(leader, *changes), self.window)[2]
            holds[len(holds) - len(t) :] |= t >= self.t_statistic
        linked = readings.on_bars(holds, before=False)
        return pd.Series(
            linked.astype(bool), index=market.bars, name=f"{self.tokyo} and {self.new_york} linked"
        )


def _common_changes(tokyo: pd.Series, new_york: pd.Series) -> pd.DataFrame:
    """Return both yields' changes between the dates both have."""
    for name, series in (("tokyo", tokyo), ("new_york", new_york)):
        if not (series.index.is_monotonic_increasing and series.index.is_unique):
            raise DataError(
                f"{name}: yields must be indexed by ascending and unique dates; sort them and drop repeats"
            )
    one, other = tokyo.dropna(), new_york.dropna()
    dates = one.index.intersection(other.index)
    levels = pd.DataFrame(
        {"tokyo": one.reindex(dates), "new_york": other.reindex(dates)}, index=dates, dtype=float
    )
    return levels.diff().iloc[1:]


def _led_by(leader: Leader, tokyo: np.ndarray, new_york: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the leader's changes and, row by row, the follower's that come next; a row is dated by the later one."""
    if leader == "tokyo":
        return tokyo, new_york
    return np.concatenate(([np.nan], new_york[:-1]))[: len(tokyo)], tokyo


@np.errstate(over="ignore", invalid="ignore")  # a figure out of all bounds must not stop a run
def _fit(leader: np.ndarray, follower: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return slope, correlation and the slope's t-statistic of each window of pairs; each of shape (n,)."""
    x, y = leader, follower
    sums = pd.DataFrame(np.column_stack((x, y, x * x, y * y, x * y))).rolling(window).sum().to_numpy()
    own, other, together = (
        sums[:, product] - sums[:, one] * sums[:, two] / window
        for product, one, two in ((2, 0, 0), (3, 1, 1), (4, 0, 1))
    )
    nothing = np.full(len(x), np.nan)
    moves = (own > MOVES) & (other > MOVES)
    beta = np.divide(together, own, out=nothing.copy(), where=moves)
    both = np.sqrt(own * other, out=nothing.copy(), where=moves)
    correlation = np.divide(together, both, out=nothing, where=moves).clip(-1, 1)
    with np.errstate(divide="ignore"):  # a perfect fit has an infinite t-statistic
        t = correlation * np.sqrt((window - 2) / (1 - correlation * correlation))
    return beta, correlation, t
