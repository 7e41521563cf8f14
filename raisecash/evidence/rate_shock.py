"""Rate shocks: an account's beta to yield changes, and what a shock would have meant at that beta."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from raisecash.errors import DataError

STILL = 1e-12  # a standard deviation of yield changes below this, in percentage points, is rounding


@dataclass(frozen=True, kw_only=True)
class RateSensitivity:
    """How an account moved with a yield: the least-squares line of its returns on the yield's changes.

    Attributes
    ----------
    beta : float
        Return, a fraction, for a rise of the yield by one percentage point (-0.08: it lost 8%).
    standard_error : float
        Of beta, robust to heteroscedasticity and to autocorrelation up to `lags`.
    alpha : float
        Return over one period without a change of the yield.
    r_squared : float
        Share of the returns' variance that the line explains, 0 to 1.
    typical_change : float
        Standard deviation (ddof=1) of the yield's changes, percentage points.
    n, lags : int
        Pairs of returns and changes; lags of the standard error.
    first, last : Timestamp or None
        Dates of the first and the last pair.
    """

    beta: float
    standard_error: float
    alpha: float
    r_squared: float
    typical_change: float
    n: int
    lags: int
    first: pd.Timestamp | None
    last: pd.Timestamp | None

    @property
    def t(self) -> float:
        """Beta over its standard error; NaN without one."""
        return self.beta / self.standard_error if self.standard_error > 0 else math.nan


def compounded(returns: pd.Series, dates: pd.DatetimeIndex) -> pd.Series:
    """Return the return from each date to the next, dated by the later: shape (n_dates - 1,).

    Parameters
    ----------
    returns : Series
        Simple returns as fractions, each dated by the day it ends on.
    dates : DatetimeIndex
        Some of those days, ascending.
    """
    grown = (1 + returns.astype(float)).cumprod().reindex(dates).to_numpy()
    return pd.Series(grown[1:] / grown[:-1] - 1, index=dates[1:], name="returns")


def rate_sensitivity(
    returns: pd.Series, yields: pd.Series, *, every: int = 1, lags: int | None = None
) -> RateSensitivity:
    """Return the sensitivity of returns to a yield's changes, with a robust standard error.

    Parameters
    ----------
    returns : Series
        Simple returns as fractions, each dated by the day it ends on (`returns` of a study's result).
    yields : Series
        The yield in percent, indexed by its own value dates: the feed's series, and not a signal of
        a market, which is lagged and would pair each change with a later day's return.
    every : int
        Dates common to both from one observation to the next; 1 is daily, 5 about weekly. A yield
        of another time zone, or a market that answers late, wants more than 1.
    lags : int, optional
        Autocorrelations that the standard error allows for. Default: floor(4 (n / 100)^(2/9)).

    Returns
    -------
    RateSensitivity
        Over every `every`th common date; returns are compounded in between, so that a weekend's
        belong to Monday. Numbers are NaN with fewer than 3 pairs or when the yield does not change.

    Raises
    ------
    DataError
        When `every` or `lags` is out of range, or dates are not ascending and unique.

    Notes
    -----
    Standard error: Newey and West (1987), Econometrica 55(3), Bartlett weights, times n / (n - 2)
    under the root; default lags: Newey and West (1994), Review of Economic Studies 61(4).
    """
    if every < 1 or (lags is not None and lags < 0):
        raise DataError(
            f"rate_sensitivity: every must be 1 or more and lags 0 or more, got {every} and {lags}"
        )
    for name, series in (("returns", returns), ("yields", yields)):
        if not (series.index.is_monotonic_increasing and series.index.is_unique):
            raise DataError(f"rate_sensitivity: {name} must be indexed by ascending and unique dates")
    dates = pd.DatetimeIndex(returns.index.intersection(yields.dropna().index))[::every]
    x = np.diff(yields.reindex(dates).to_numpy(dtype=float))
    y = compounded(returns, dates).to_numpy()
    n = len(x)
    if lags is None:
        lags = math.floor(4 * (n / 100) ** (2 / 9))
    used = min(lags, max(n - 1, 0))
    undefined = n < 3 or float(np.std(x, ddof=1)) <= STILL
    beta, alpha, error, explained = (math.nan,) * 4 if undefined else _line(x, y, used)
    return RateSensitivity(
        beta=beta,
        standard_error=error,
        alpha=alpha,
        r_squared=explained,
        typical_change=float(np.std(x, ddof=1)) if n > 1 else math.nan,
        n=n,
        lags=used,
        first=dates[1] if n else None,
        last=dates[-1] if n else None,
    )


def rate_shock(
    sensitivity: RateSensitivity, shocks: Sequence[float] = (-30.0, -70.0), *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return what shocks to the yield would have meant, had the past sensitivity held.

    A straight line through small daily changes, drawn out to a large one: it says nothing about
    why the yield falls (relief and recession move it alike and risk assets apart), nor whether the
    sensitivity, an average over the sample, would be this one. `typical_changes` says how far out.

    Parameters
    ----------
    sensitivity : RateSensitivity
    shocks : sequence of float
        Changes of the yield in basis points. The default is the range that relief of the
        supplementary leverage ratio may take off the 10-year yield, by the view's own account.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    DataFrame of shape (n_shocks, 4)
        Indexed by `shock`, basis points. `effect` is beta times the shock, a return as a fraction;
        `low` and `high` its confidence interval (normal); `typical_changes` the shock's size in
        standard deviations of the sample's changes. NaN where the sensitivity is undefined.

    Raises
    ------
    DataError
        When `confidence` is not between 0 and 1.

    Notes
    -----
    Source of the default: K3 Lab, 'Will Japanese Bond Yield Stabilization Spark a Rally in Bitcoin
    and Equities?', 28 May 2025.
    """
    if not 0 < confidence < 1:
        raise DataError(f"rate_shock: confidence must be between 0 and 1, got {confidence}")
    points = np.asarray(shocks, dtype=float) / 100  # basis points to percentage points
    effect = sensitivity.beta * points
    margin = NormalDist().inv_cdf((1 + confidence) / 2) * sensitivity.standard_error * np.abs(points)
    typical = sensitivity.typical_change if sensitivity.typical_change > STILL else math.nan
    return pd.DataFrame(
        {
            "effect": effect,
            "low": effect - margin,
            "high": effect + margin,
            "typical_changes": np.abs(points) / typical,
        },
        index=pd.Index(np.asarray(shocks, dtype=float), name="shock"),
    )


def _line(x: np.ndarray, y: np.ndarray, lags: int) -> tuple[float, float, float, float]:
    """Return slope, intercept, the slope's standard error and R squared."""
    around = x - x.mean()
    spread = float(around @ around)
    beta = float(around @ y) / spread
    alpha = float(y.mean()) - beta * float(x.mean())
    residual = y - alpha - beta * x
    pull = around * residual / spread  # what each pair adds to the slope's error
    variance = float(pull @ pull)
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * float(pull[lag:] @ pull[:-lag])
    total = float(np.sum((y - y.mean()) ** 2))
    explained = 1 - float(residual @ residual) / total if total > 0 else math.nan
    return beta, alpha, math.sqrt(max(variance, 0.0) * len(x) / (len(x) - 2)), explained
