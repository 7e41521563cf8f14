"""What a tear sheet's figures plot: every line, bar and box, as arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reports.tear_sheet.data import Days, Floats

NO_VARIANCE = 1e-12  # a spread of daily returns at or below this is rounding
BINS = 20


def growth(returns: Floats) -> Floats:
    """Return what 1 at the start has become at each day end, shape (n + 1,); the first is 1."""
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def drawdown(returns: Floats) -> Floats:
    """Return the loss since the highest value so far, shape (n + 1,), <= 0; the start is the first peak."""
    value = growth(returns)
    fall = value / np.maximum.accumulate(value) - 1.0
    return np.where(fall > -NO_VARIANCE, 0.0, fall)


def half_year(periods_per_year: int) -> int:
    """Return the returns in six months, rounded up as quantstats does: 183 of 365, 126 of 252."""
    return math.ceil(periods_per_year / 2)


def rolling_volatility(returns: Floats, window: int, periods_per_year: int) -> Floats:
    """Return std(r, ddof=1) x sqrt(periods_per_year) over the last `window` returns; NaN before they are there."""

    def spread(rows: Floats) -> Floats:
        found = np.std(rows, axis=1, ddof=1)
        return np.where(found <= NO_VARIANCE, 0.0, found) * math.sqrt(periods_per_year)

    return _rolling(spread, window, returns)


def rolling_sharpe(excess: Floats, window: int, periods_per_year: int) -> Floats:
    """Return the Sharpe ratio of the last `window` returns above the cash yield; NaN where they do not vary."""

    def ratio(rows: Floats) -> Floats:
        return _over(rows.mean(axis=1), np.std(rows, axis=1, ddof=1)) * math.sqrt(periods_per_year)

    return _rolling(ratio, window, excess)


def rolling_sortino(excess: Floats, window: int, periods_per_year: int) -> Floats:
    """Return the Sortino ratio of the last `window` returns above the cash yield; NaN where none is below it."""

    def ratio(rows: Floats) -> Floats:
        downside = np.sqrt(np.mean(np.minimum(rows, 0.0) ** 2, axis=1))
        return _over(rows.mean(axis=1), downside) * math.sqrt(periods_per_year)

    return _rolling(ratio, window, excess)


def rolling_beta(excess: Floats, benchmark_excess: Floats, window: int) -> Floats:
    """Return cov(x, x_b) / var(x_b) over the last `window` returns; NaN where the benchmark's do not vary."""

    def slope(rows: Floats, benchmark_rows: Floats) -> Floats:
        around = benchmark_rows - benchmark_rows.mean(axis=1, keepdims=True)
        squares = (around**2).mean(axis=1)
        products = (around * rows).mean(axis=1)
        flat = np.std(benchmark_rows, axis=1, ddof=1) <= NO_VARIANCE
        still = np.std(rows, axis=1, ddof=1) <= NO_VARIANCE  # cash: what is left of it is rounding
        return np.where(flat, np.nan, np.where(still, 0.0, products) / np.where(flat, 1.0, squares))

    return _rolling(slope, window, excess, benchmark_excess)


def matching_factor(returns: Floats, benchmark: Floats) -> float:
    """Return by what to multiply returns for the benchmark's volatility; NaN where either does not vary."""
    if len(returns) < 2:
        return math.nan
    own, other = float(np.std(returns, ddof=1)), float(np.std(benchmark, ddof=1))
    return other / own if min(own, other) > NO_VARIANCE else math.nan


def month_values(months: Floats) -> Floats:
    """Return the compounded returns of the months that have one, in order of time."""
    values = months.ravel()
    return np.asarray(values[~np.isnan(values)])


def histogram_edges(*samples: Floats) -> Floats | None:
    """Return bin edges over all samples together, shape (BINS + 1,); None where every value is the same."""
    low, high = min(float(sample.min()) for sample in samples), max(float(sample.max()) for sample in samples)
    return None if high - low <= NO_VARIANCE else np.linspace(low, high, BINS + 1)


def density(sample: Floats, at: Floats) -> Floats | None:
    """Return a Gaussian kernel estimate of a sample's density (Scott's bandwidth); None without a spread.

    Notes
    -----
    Source: Scott (1992), Multivariate Density Estimation, ch. 6.
    """
    if len(sample) < 2 or float(np.std(sample, ddof=1)) <= NO_VARIANCE:
        return None
    width = float(np.std(sample, ddof=1)) * len(sample) ** -0.2
    kernels = np.exp(-0.5 * ((at[:, None] - sample[None, :]) / width) ** 2)
    return np.asarray(kernels.mean(axis=1) / (width * math.sqrt(2 * math.pi)))


def returns_by_period(days: Days, returns: Floats, periods_per_year: int) -> dict[str, Floats]:
    """Return returns compounded by week (Monday to Sunday), month, quarter and year, and as they are.

    The first and last of each may be partial. Periods as fine as the returns themselves are left out.
    """
    dates = days[1:]
    months = dates.astype("datetime64[M]").astype(np.int64)
    ids = {
        "Weekly": (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7,  # 1 January 1970 was a Thursday
        "Monthly": months,
        "Quarterly": months // 3,
        "Yearly": months // 12,
    }
    found = {each_return(periods_per_year): returns}
    for name, period in ids.items():
        starts = np.flatnonzero(np.diff(period, prepend=period[:1] - 1))
        if name == "Yearly" or len(starts) < len(returns):
            found[name] = np.multiply.reduceat(1.0 + returns, starts) - 1.0
    return found


def each_return(periods_per_year: int) -> str:
    """Return what one return of this clock is called."""
    return (
        "Daily"
        if periods_per_year > 200
        else {52: "Weekly", 12: "Monthly", 4: "Quarterly"}.get(periods_per_year, "Yearly")
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Return round values between two positive ones, spaced for a log axis: 1, 2, 5, 10, or closer."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 4:
            return [float(f"{tick:.6g}") for tick in inside]
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    step *= 2 if (high - low) / step > 8 else 1
    first = math.ceil(low / step)
    return [float(f"{n * step:.9g}") for n in range(first, math.floor(high / step) + 1)]


def _over(above: Floats, below: Floats) -> Floats:
    """Return a ratio, NaN where the lower part is only rounding."""
    flat = below <= NO_VARIANCE
    return np.where(flat, np.nan, above / np.where(flat, 1.0, below))


def _rolling(statistic: Any, window: int, *series: Floats) -> Floats:
    """Return a statistic of each window of equally long series, NaN before the first full one."""
    n = len(series[0])
    result = np.full(n, np.nan)
    if n >= window >= 2:
        result[window - 1 :] = statistic(*(sliding_window_view(values, window) for values in series))
    return result
