"""What one tear sheet needs of a study: small, frozen, and cheap to send to another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from raisecash.errors import DataError
from reports.comparison.tables import Source, sources

if TYPE_CHECKING:
    from raisecash.study.study import Result, Study

Floats = np.ndarray[Any, np.dtype[np.float64]]
Days = np.ndarray[Any, np.dtype[np.datetime64]]


@dataclass(frozen=True, kw_only=True)
class Drawdown:
    """One fall from a peak; `recovery` is None while under water, `depth` a fraction < 0."""

    peak: pd.Timestamp
    trough: pd.Timestamp
    recovery: pd.Timestamp | None
    depth: float
    days: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """One account's numbers.

    Attributes
    ----------
    days : array of shape (n_days + 1,)
        Day ends; the first is the day of the starting capital, at which nothing has happened yet.
    returns, excess : array of shape (n_days,)
        Simple returns from day end to day end as fractions, and the same above the cash yield.
    months : array of shape (n_years, 12)
        Compounded returns as fractions, NaN without data; one row for each of `month_years`.
    years : dict of int to float
        Compounded returns as fractions.
    """

    name: str
    days: Days
    returns: Floats
    excess: Floats
    months: Floats
    month_years: tuple[int, ...]
    years: dict[int, float]
    drawdowns: tuple[Drawdown, ...]
    metrics: dict[str, float]
    undefined: dict[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """One strategy's tear sheet, ready to be drawn and printed."""

    account: Account
    benchmark: Account | None
    periods_per_year: int
    study_name: str
    description: str
    notes: tuple[str, ...]
    created: str
    use: str
    strategy: str
    strategy_description: str
    strategy_source: str
    first_bar: pd.Timestamp
    last_bar: pd.Timestamp
    bars: int
    clock: str
    cash: float
    commission: float
    slippage: float
    rebalance: str
    lots: dict[str, float]
    mean_yield: float
    unfilled: int
    engine: str
    against: str
    max_relative_difference: float
    sources: tuple[Source, ...]
    findings: tuple[tuple[str, str], ...]


def sheet_of(study: Study, result: Result) -> Sheet:
    """Return what a result's tear sheet needs of its study.

    Raises
    ------
    DataError
        When the result and the first benchmark were not measured over the same days.
    """
    backtest, benchmark = result.backtest, study.benchmark
    if benchmark is not None and not result.returns.index.equals(benchmark.returns.index):
        raise DataError(
            f"{result.name} and its benchmark {benchmark.name} must be measured over the same days, got "
            f"{len(result.returns)} and {len(benchmark.returns)} returns; run both over one market"
        )
    return Sheet(
        account=account_of(result),
        benchmark=None if benchmark is None or benchmark is result else account_of(benchmark),
        periods_per_year=study.market.periods_per_year,
        study_name=study.name,
        description=study.description,
        notes=tuple(study.notes),
        created=study.created.isoformat(sep=" ", timespec="seconds"),
        use=result.use,
        strategy=repr(result.strategy),
        strategy_description=result.strategy.description(),
        strategy_source=result.strategy.source(),
        first_bar=backtest.bars.index[0],
        last_bar=backtest.bars.index[-1],
        bars=len(backtest.bars),
        clock=study.market.clock,
        cash=backtest.cash_at_start,
        commission=backtest.costs.commission,
        slippage=backtest.costs.slippage,
        rebalance=_rebalance_rule(backtest.rebalance),
        lots={asset: size for asset, size in backtest.lots.items() if size},
        mean_yield=float(study.market.cash_yield.mean()),
        unfilled=len(backtest.unfilled),
        engine=result.reconciliation.engine,
        against=result.reconciliation.against,
        max_relative_difference=result.reconciliation.max_relative_difference,
        sources=sources(study.histories),
        findings=tuple(
            (finding.severity, finding.message) for finding in study.findings if finding.severity != "info"
        ),
    )


def account_of(result: Result) -> Account:
    """Return one result's numbers as arrays."""
    return Account(
        name=result.name,
        days=_days_with_start(result),
        returns=result.returns.to_numpy(dtype=float),
        excess=result.excess_returns.to_numpy(dtype=float),
        months=result.months.to_numpy(dtype=float),
        month_years=tuple(int(year) for year in result.months.index),
        years={int(year): float(value) for year, value in result.years.items()},  # type: ignore[call-overload]
        drawdowns=tuple(_drawdown(row) for row in result.drawdowns.to_dict("records")),
        metrics=dict(result.metrics),
        undefined=dict(result.undefined),
    )


def _drawdown(row: dict[Any, Any]) -> Drawdown:
    """Return one row of the drawdown table."""
    return Drawdown(
        peak=row["peak"],
        trough=row["trough"],
        recovery=None if pd.isna(row["recovery"]) else row["recovery"],
        depth=float(row["depth"]),
        days=int(row["days"]),
    )


def _days_with_start(result: Result) -> Days:
    """Return the day ends of an account, the day of its starting capital in front of its first return's."""
    measured = result.returns.index.to_numpy().astype("datetime64[D]")
    start = result.backtest.bars.index[:1].to_numpy().astype("datetime64[D]")
    if len(measured) and measured[0] == start[0]:  # the first date had several bars, or paid at once
        start = start - np.timedelta64(1, "D")
    return np.concatenate((start, measured))


def _rebalance_rule(rebalance: Any) -> str:
    """Return when a decided row of weights was submitted, in words."""
    rules = []
    if rebalance.on_change:
        rules.append("when the target changes")
    if rebalance.every != "none":
        rules.append(f"on the first bar of each {rebalance.every}")
    if rebalance.drift:
        rules.append(f"when a weight is more than {rebalance.drift:g} from its target")
    return ", or ".join(rules) or "once"
