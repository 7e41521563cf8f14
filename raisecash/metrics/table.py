"""The one table of metrics: from a row here derive `measure`, every page's words, `summary.json` and the docs' rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from raisecash.metrics import account, drawdowns, performance, periods, relative

if TYPE_CHECKING:
    from raisecash.metrics.track import Track

Unit = Literal["money", "fraction", "fraction a day", "days", "ratio"]
Group = Literal["Return", "Risk", "Risk-adjusted", "Months", "Account", "Against the first benchmark"]
NO_BENCHMARK = "measured against the first benchmark only: this is that benchmark, or there is none"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of the outside contract: how it is computed, when it is not, and how it is told.

    Attributes
    ----------
    name : str
        Its key in `summary.json`, a gate and the docs.
    of : callable of one track, optional
        Returns the value, NaN where undefined and never infinite.
    against : callable of two tracks, optional
        The same for a metric of an account against the first benchmark over the same days. A metric
        has one of the two.
    needs : int
        Returns from day end to day end below which it is undefined.
    undefined : str
        Why it can be undefined with that many, as a page says it; empty when it cannot.
    label, definition : str
        Its name on a page, and what it means in a sentence.
    formula : str
        The exact definition, in the symbols of docs/contract.md.
    group : str
        The heading it stands under on a page.
    rank : int
        Its place there: lower ones first, equals in the order of this table.
    unit : str
        What the number is; a page writes it accordingly.
    is_count : bool
        Whether it is a whole number, and written as one in `summary.json`.
    """

    name: str
    label: str
    group: Group
    unit: Unit
    definition: str
    formula: str
    needs: int = 0
    undefined: str = ""
    of: Callable[[Track], float] | None = None
    against: Callable[[Track, Track], float] | None = None
    rank: int = 0
    is_count: bool = False

    def value(self, account: Track, benchmark: Track | None) -> float:
        """Return the metric of an account; NaN where undefined."""
        if self.of is not None:
            return self.of(account)
        return math.nan if self.against is None or benchmark is None else self.against(account, benchmark)

    def why_undefined(self, n_returns: int, *, has_benchmark: bool) -> str:
        """Return why the metric of an account with so many returns is undefined, as a page says it."""
        if self.against is not None and not has_benchmark:
            return NO_BENCHMARK
        if n_returns < self.needs:
            return f"needs {self.needs} or more returns from day end to day end, got {n_returns}"
        return self.undefined


# In the order of summary.json.
TABLE: tuple[Metric, ...] = (
    Metric(
        name="total_return",
        of=lambda a: performance.total_return(a.equity),
        label="Total return",
        group="Return",
        unit="fraction",
        definition="Final equity over starting cash, minus 1.",
        formula="Eₙ / E₀ − 1",
    ),
    Metric(
        name="cagr",
        of=lambda a: performance.cagr(a.equity, a.days),
        needs=1,
        undefined="too few days have elapsed to speak of a year",
        label="Return a year (CAGR)",
        group="Return",
        unit="fraction",
        definition="Compound annual growth rate over elapsed calendar time: actual days / 365.25.",
        formula="(Eₙ / E₀)^(365.25 / days) − 1, days by the calendar",
    ),
    Metric(
        name="volatility",
        of=lambda a: performance.volatility(a.returns, periods_per_year=a.periods_per_year),
        needs=2,
        label="Volatility",
        group="Risk",
        unit="fraction",
        definition="Sample standard deviation of the returns from day end to day end, times the square root of the periods per year.",
        formula="std(r) × √N",
    ),
    Metric(
        name="sharpe",
        of=lambda a: performance.sharpe(a.excess, periods_per_year=a.periods_per_year),
        needs=2,
        undefined="the returns above the cash yield do not vary",
        label="Sharpe ratio",
        group="Risk-adjusted",
        unit="ratio",
        definition="Mean return above the cash yield over its sample standard deviation, times the square root of the periods per year.",
        formula="mean(x) / std(x) × √N",
    ),
    Metric(
        name="sortino",
        of=lambda a: performance.sortino(a.excess, periods_per_year=a.periods_per_year),
        needs=1,
        undefined="no return is below the cash yield",
        label="Sortino ratio",
        group="Risk-adjusted",
        unit="ratio",
        definition="As the Sharpe ratio, over the root mean square of the negative returns above the cash yield only.",
        formula="mean(x) / √mean(min(x, 0)²) × √N, the mean over all days",
    ),
    Metric(
        name="calmar",
        of=lambda a: performance.calmar(
            performance.cagr(a.equity, a.days), drawdowns.max_drawdown(a.drawdown)
        ),
        needs=1,
        undefined="there is no drawdown, or no annual growth rate, to divide",
        label="Calmar ratio",
        group="Risk-adjusted",
        unit="ratio",
        definition="Return a year over the size of the deepest drawdown.",
        formula=r"`cagr` / \|`max_drawdown`\|",
    ),
    Metric(
        name="max_drawdown",
        of=lambda a: drawdowns.max_drawdown(a.drawdown),
        label="Deepest drawdown",
        group="Risk",
        unit="fraction",
        definition="The largest fall from an earlier peak of the account; the starting capital is the first peak.",
        formula="min over t of Eₜ / max(E₀ … Eₜ) − 1, so never above 0",
    ),
    Metric(
        name="longest_drawdown_days",
        of=lambda a: drawdowns.longest_drawdown_days(a.drawdown, a.days),
        label="Longest drawdown, days",
        group="Risk",
        unit="days",
        is_count=True,
        definition="Calendar days from a peak to its recovery, or to the last bar while under water.",
        formula="calendar days from a peak until it is reached again, or to the last day",
    ),
    Metric(
        name="value_at_risk",
        of=lambda a: performance.value_at_risk(a.returns),
        needs=1,
        label="Value at risk, 95%, a day",
        group="Risk",
        unit="fraction a day",
        definition="The 5% quantile of the returns from day end to day end, from history: one day in twenty was this bad or worse.",
        formula="5 % quantile of r, interpolated linearly, at most 0",
    ),
    Metric(
        name="expected_shortfall",
        of=lambda a: performance.expected_shortfall(a.returns),
        needs=1,
        label="Expected shortfall, 95%, a day",
        group="Risk",
        unit="fraction a day",
        definition="The mean of the returns at or below the value at risk.",
        formula="mean of the r at or below that quantile, at most 0",
    ),
    Metric(
        name="skew",
        of=lambda a: performance.skew(a.returns),
        needs=3,
        undefined="the returns do not vary",
        label="Skew",
        group="Risk",
        unit="ratio",
        definition="Bias-corrected skewness of the returns; below 0 the large moves are mostly losses.",
        formula="√(n(n − 1)) / (n − 2) × m₃ / m₂^1.5",
    ),
    Metric(
        name="kurtosis",
        of=lambda a: performance.kurtosis(a.returns),
        needs=4,
        undefined="the returns do not vary",
        label="Excess kurtosis",
        group="Risk",
        unit="ratio",
        definition="Bias-corrected excess kurtosis of the returns; 0 is a normal distribution, above 0 means fatter tails.",
        formula="(n − 1) / ((n − 2)(n − 3)) × ((n + 1)(m₄ / m₂² − 3) + 6)",
    ),
    Metric(
        name="best_month",
        of=lambda a: periods.best_month(a.month_returns),
        needs=1,
        label="Best month",
        group="Months",
        unit="fraction",
        definition="The largest compounded return of a calendar month; the first and last month may be partial.",
        formula="highest compounded return of a calendar month; the first and last may be partial",
    ),
    Metric(
        name="worst_month",
        of=lambda a: periods.worst_month(a.month_returns),
        needs=1,
        label="Worst month",
        group="Months",
        unit="fraction",
        definition="The smallest compounded return of a calendar month; the first and last month may be partial.",
        formula="the lowest, likewise",
    ),
    Metric(
        name="win_rate_months",
        of=lambda a: periods.win_rate_months(a.month_returns),
        needs=1,
        label="Months with a gain",
        group="Months",
        unit="fraction",
        definition="Share of calendar months with a return above zero.",
        formula="share of months with a return above 0",
    ),
    Metric(
        name="average_cash_weight",
        of=lambda a: account.average_cash_weight(a.cash_weights),
        label="Cash held, on average",
        group="Account",
        unit="fraction",
        definition="Mean over all bars of cash over equity at the close.",
        formula="mean over all bars of cash / equity at the close",
    ),
    Metric(
        name="turnover",
        of=lambda a: account.turnover(a.traded, a.bar_equity, a.days),
        needs=1,
        label="Turnover a year",
        group="Account",
        unit="fraction",
        definition="Traded value over average equity, a year, one way: buys plus sells, halved.",
        formula="(value bought + value sold) / 2 / mean equity / years, years = days / 365.25",
    ),
    Metric(
        name="commission",
        of=lambda a: account.commission(a.commission),
        label="Commission paid",
        group="Account",
        unit="money",
        definition="Sum of all commissions, in money. Slippage is in the fill prices and not in this sum.",
        formula="sum of commissions, in money",
    ),
    Metric(
        name="interest",
        of=lambda a: account.interest(a.interest),
        label="Interest earned",
        group="Account",
        unit="money",
        definition="Sum of all interest credited on cash, in money.",
        formula="sum of interest, in money",
    ),
    Metric(
        name="final_equity",
        of=lambda a: account.final_equity(a.bar_equity),
        label="Final equity",
        group="Return",
        rank=-1,
        unit="money",
        definition="Account value at the last close; open positions are valued there and nothing is sold.",
        formula="equity at the last close, in money",
    ),
    Metric(
        name="beta",
        against=lambda a, b: relative.beta(a.excess, b.excess),
        needs=2,
        undefined="the benchmark's returns above the cash yield do not vary",
        label="Beta",
        group="Against the first benchmark",
        unit="ratio",
        definition="Covariance with the benchmark's returns over their variance, both above the cash yield.",
        formula="cov(x, x_b) / var(x_b)",
    ),
    Metric(
        name="alpha",
        against=lambda a, b: relative.alpha(a.excess, b.excess, periods_per_year=a.periods_per_year),
        needs=2,
        undefined="beta is undefined: the benchmark's returns above the cash yield do not vary",
        label="Alpha a year",
        group="Against the first benchmark",
        unit="fraction",
        definition="Mean return above the cash yield that beta times the benchmark's does not explain, times the periods per year.",
        formula="mean(x − `beta` × x_b) × N",
    ),
    Metric(
        name="correlation",
        against=lambda a, b: relative.correlation(a.returns, b.returns),
        needs=2,
        undefined="the returns of the account or of its benchmark do not vary",
        label="Correlation",
        group="Against the first benchmark",
        unit="ratio",
        definition="Correlation of the returns with the benchmark's.",
        formula="Pearson's, of r and r_b",
    ),
    Metric(
        name="information_ratio",
        against=lambda a, b: relative.information_ratio(
            a.returns, b.returns, periods_per_year=a.periods_per_year
        ),
        needs=2,
        undefined="the account's returns differ from the benchmark's by a constant or not at all",
        label="Information ratio",
        group="Against the first benchmark",
        rank=1,
        unit="ratio",
        definition="Mean difference in returns, times the periods per year, over the tracking error.",
        formula="mean(r − r_b) × N / `tracking_error`",
    ),
    Metric(
        name="tracking_error",
        against=lambda a, b: relative.tracking_error(
            a.returns, b.returns, periods_per_year=a.periods_per_year
        ),
        needs=2,
        label="Tracking error",
        group="Against the first benchmark",
        unit="fraction",
        definition="Sample standard deviation of the difference in returns, times the square root of the periods per year.",
        formula="std(r − r_b) × √N",
    ),
)
METRICS = tuple(metric.name for metric in TABLE)
RELATIVE_METRICS = tuple(metric.name for metric in TABLE if metric.against is not None)


def metric(name: str) -> Metric:
    """Return a metric's row."""
    return next(row for row in TABLE if row.name == name)


def in_page_order() -> tuple[Metric, ...]:
    """Return all metrics as a page lists them: group by group."""
    groups = get_args(Group)
    return tuple(sorted(TABLE, key=lambda row: (groups.index(row.group), row.rank)))
