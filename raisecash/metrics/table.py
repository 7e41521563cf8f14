"""`measure`: every metric of the outside contract for one account, and why any is undefined."""

from __future__ import annotations

import math

import pandas as pd

from raisecash.metrics import account, drawdowns, performance, periods, relative
from raisecash.metrics.returns import day_end_equity, day_returns, excess_returns
from raisecash.simulation.backtest import Backtest

# metric: (returns it needs, why it can be undefined with that many). The order is that of summary.json.
_UNDEFINED: dict[str, tuple[int, str]] = {
    "total_return": (0, ""),
    "cagr": (1, "too few days have elapsed to speak of a year"),
    "volatility": (2, ""),
    "sharpe": (2, "the returns above the cash yield do not vary"),
    "sortino": (1, "no return is below the cash yield"),
    "calmar": (1, "there is no drawdown, or no annual growth rate, to divide"),
    "max_drawdown": (0, ""),
    "longest_drawdown_days": (0, ""),
    "value_at_risk": (1, ""),
    "expected_shortfall": (1, ""),
    "skew": (3, "the returns do not vary"),
    "kurtosis": (4, "the returns do not vary"),
    "best_month": (1, ""),
    "worst_month": (1, ""),
    "win_rate_months": (1, ""),
    "average_cash_weight": (0, ""),
    "turnover": (1, ""),
    "commission": (0, ""),
    "interest": (0, ""),
    "final_equity": (0, ""),
    "beta": (2, "the benchmark's returns above the cash yield do not vary"),
    "alpha": (2, "beta is undefined: the benchmark's returns above the cash yield do not vary"),
    "correlation": (2, "the returns of the account or of its benchmark do not vary"),
    "information_ratio": (2, "the account's returns differ from the benchmark's by a constant or not at all"),
    "tracking_error": (2, ""),
}
METRICS = tuple(_UNDEFINED)
RELATIVE_METRICS = ("beta", "alpha", "correlation", "information_ratio", "tracking_error")
NO_BENCHMARK = "measured against the first benchmark only: this is that benchmark, or there is none"


def measure(backtest: Backtest, benchmark: Backtest | None) -> tuple[dict[str, float], dict[str, str]]:
    """Return every metric of an account, and for each undefined one the reason.

    Parameters
    ----------
    backtest : Backtest
        The account to be measured.
    benchmark : Backtest or None
        The first benchmark, over the same market; None for that benchmark itself.

    Returns
    -------
    metrics : dict of str to float
        `METRICS`, in that order: fractions, ratios, days and money as each function says; NaN where
        undefined, and never infinite.
    undefined : dict of str to str
        Why, for each metric that is NaN.

    Raises
    ------
    DataError
        When the benchmark has other days, or an account's equity is not positive throughout.
    """
    equity, returns, excess = day_end_equity(backtest), day_returns(backtest), excess_returns(backtest)
    metrics = _own(backtest, equity, returns, excess)
    if benchmark is None:
        metrics |= dict.fromkeys(RELATIVE_METRICS, math.nan)
    else:
        metrics |= _relative(backtest, benchmark, returns, excess)
    undefined = {
        metric: _reason(metric, len(returns), has_benchmark=benchmark is not None)
        for metric, value in metrics.items()
        if math.isnan(value)
    }
    return metrics, undefined


def _own(backtest: Backtest, equity: pd.Series, returns: pd.Series, excess: pd.Series) -> dict[str, float]:
    """Return the metrics that need no benchmark, in the contract's order."""
    a_year = backtest.market.periods_per_year
    return {
        "total_return": performance.total_return(equity),
        "cagr": performance.cagr(equity),
        "volatility": performance.volatility(returns, periods_per_year=a_year),
        "sharpe": performance.sharpe(excess, periods_per_year=a_year),
        "sortino": performance.sortino(excess, periods_per_year=a_year),
        "calmar": performance.calmar(equity),
        "max_drawdown": drawdowns.max_drawdown(equity),
        "longest_drawdown_days": drawdowns.longest_drawdown_days(equity),
        "value_at_risk": performance.value_at_risk(returns),
        "expected_shortfall": performance.expected_shortfall(returns),
        "skew": performance.skew(returns),
        "kurtosis": performance.kurtosis(returns),
        "best_month": periods.best_month(returns),
        "worst_month": periods.worst_month(returns),
        "win_rate_months": periods.win_rate_months(returns),
        "average_cash_weight": account.average_cash_weight(backtest),
        "turnover": account.turnover(backtest),
        "commission": account.commission(backtest),
        "interest": account.interest(backtest),
        "final_equity": account.final_equity(backtest),
    }


def _relative(
    backtest: Backtest, benchmark: Backtest, returns: pd.Series, excess: pd.Series
) -> dict[str, float]:
    """Return the metrics against a benchmark, in the contract's order."""
    a_year = backtest.market.periods_per_year
    returns_b, excess_b = day_returns(benchmark), excess_returns(benchmark)
    return {
        "beta": relative.beta(excess, excess_b),
        "alpha": relative.alpha(excess, excess_b, periods_per_year=a_year),
        "correlation": relative.correlation(returns, returns_b),
        "information_ratio": relative.information_ratio(returns, returns_b, periods_per_year=a_year),
        "tracking_error": relative.tracking_error(returns, returns_b, periods_per_year=a_year),
    }


def _reason(metric: str, n_returns: int, *, has_benchmark: bool) -> str:
    """Return why a metric is undefined, as a page says it."""
    if metric in RELATIVE_METRICS and not has_benchmark:
        return NO_BENCHMARK
    needed, reason = _UNDEFINED[metric]
    if n_returns < needed:
        return f"needs {needed} or more returns from day end to day end, got {n_returns}"
    return reason
