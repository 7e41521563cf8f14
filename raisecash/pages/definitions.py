"""Every metric a page shows: its label, its group, how it is written, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from raisecash.pages.formatting import days, money, number, percent

Show = Callable[[float], str]
fine_percent: Show = partial(percent, digits=2)


@dataclass(frozen=True)
class Metric:
    """One row of the metrics table."""

    key: str
    label: str
    group: str
    show: Show
    definition: str


def _group(group: str, *rows: tuple[str, str, Show, str]) -> tuple[Metric, ...]:
    """Return the rows of one group."""
    return tuple(Metric(key, label, group, show, definition) for key, label, show, definition in rows)


METRICS: tuple[Metric, ...] = (
    *_group(
        "Return",
        ("final_equity", "Final equity", money, "Account value at the last close; open positions are valued there and nothing is sold."),
        ("total_return", "Total return", percent, "Final equity over starting cash, minus 1."),
        ("cagr", "Return a year (CAGR)", percent, "Compound annual growth rate over elapsed calendar time: actual days / 365.25."),
    ),
    *_group(
        "Risk",
        ("volatility", "Volatility", percent, "Sample standard deviation of the returns from day end to day end, times the square root of the periods per year."),
        ("max_drawdown", "Deepest drawdown", percent, "The largest fall from an earlier peak of the account; the starting capital is the first peak."),
        ("longest_drawdown_days", "Longest drawdown, days", days, "Calendar days from a peak to its recovery, or to the last bar while under water."),
        ("value_at_risk", "Value at risk, 95%, a day", fine_percent, "The 5% quantile of the returns from day end to day end, from history: one day in twenty was this bad or worse."),
        ("expected_shortfall", "Expected shortfall, 95%, a day", fine_percent, "The mean of the returns at or below the value at risk."),
        ("skew", "Skew", number, "Bias-corrected skewness of the returns; below 0 the large moves are mostly losses."),
        ("kurtosis", "Excess kurtosis", number, "Bias-corrected excess kurtosis of the returns; 0 is a normal distribution, above 0 means fatter tails."),
    ),
    *_group(
        "Risk-adjusted",
        ("sharpe", "Sharpe ratio", number, "Mean return above the cash yield over its sample standard deviation, times the square root of the periods per year."),
        ("sortino", "Sortino ratio", number, "As the Sharpe ratio, over the root mean square of the negative returns above the cash yield only."),
        ("calmar", "Calmar ratio", number, "Return a year over the size of the deepest drawdown."),
    ),
    *_group(
        "Months",
        ("best_month", "Best month", percent, "The largest compounded return of a calendar month; the first and last month may be partial."),
        ("worst_month", "Worst month", percent, "The smallest compounded return of a calendar month; the first and last month may be partial."),
        ("win_rate_months", "Months with a gain", percent, "Share of calendar months with a return above zero."),
    ),
    *_group(
        "Account",
        ("average_cash_weight", "Cash held, on average", percent, "Mean over all bars of cash over equity at the close."),
        ("turnover", "Turnover a year", percent, "Traded value over average equity, a year, one way: buys plus sells, halved."),
        ("commission", "Commission paid", money, "Sum of all commissions, in money. Slippage is in the fill prices and not in this sum."),
        ("interest", "Interest earned", money, "Sum of all interest credited on cash, in money."),
    ),
    *_group(
        "Against the first benchmark",
        ("beta", "Beta", number, "Covariance with the benchmark's returns over their variance, both above the cash yield."),
        ("alpha", "Alpha a year", percent, "Mean return above the cash yield that beta times the benchmark's does not explain, times the periods per year."),
        ("correlation", "Correlation", number, "Correlation of the returns with the benchmark's."),
        ("tracking_error", "Tracking error", percent, "Sample standard deviation of the difference in returns, times the square root of the periods per year."),
        ("information_ratio", "Information ratio", number, "Mean difference in returns, times the periods per year, over the tracking error."),
    ),
)  # fmt: skip
OTHER = "Other"


def definitions_for(keys: list[str]) -> tuple[Metric, ...]:
    """Return the known metrics among `keys` in page order, then unknown ones under their own names."""
    known = {metric.key for metric in METRICS}
    others = (
        Metric(key, key.replace("_", " ").capitalize(), OTHER, number, "") for key in keys if key not in known
    )
    return (*(metric for metric in METRICS if metric.key in keys), *others)
