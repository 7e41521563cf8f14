"""What one tear sheet needs of a study: small, frozen, and cheap to send to another process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from raisecash.metrics.relative import check_same_days
from raisecash.pages.sources import Source, sources

if TYPE_CHECKING:
    from raisecash.data.panel import Floats
    from raisecash.metrics.track import Track
    from raisecash.study.study import Result, Study


@dataclass(frozen=True, kw_only=True)
class Drawdown:
    """One fall from a peak; `recovery` is None while under water, `depth` a fraction < 0."""

    peak: pd.Timestamp
    trough: pd.Timestamp
    recovery: pd.Timestamp | None
    depth: float
    days: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Side:
    """One of the two accounts on a sheet.

    Attributes
    ----------
    track : Track
        The account at day ends, as arrays.
    months : array of shape (n_years, 12)
        Compounded returns as fractions, NaN without data; one row for each of `month_years`.
    years : dict of int to float
        Compounded returns as fractions.
    """

    name: str
    track: Track
    months: Floats
    month_years: tuple[int, ...]
    years: dict[int, float]
    drawdowns: tuple[Drawdown, ...]
    metrics: dict[str, float]
    undefined: dict[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """One strategy's tear sheet, ready to be drawn and printed."""

    account: Side
    benchmark: Side | None
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
    if benchmark is not None:
        check_same_days(result.track, benchmark.track)
    return Sheet(
        account=side_of(result),
        benchmark=None if benchmark is None or benchmark is result else side_of(benchmark),
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
        mean_yield=study.mean_cash_yield,
        unfilled=len(backtest.unfilled),
        engine=result.reconciliation.engine,
        against=result.reconciliation.against,
        max_relative_difference=result.reconciliation.max_relative_difference,
        sources=sources(study.histories),
        findings=tuple(
            (finding.severity, finding.message) for finding in study.findings if finding.severity != "info"
        ),
    )


def side_of(result: Result) -> Side:
    """Return one result's numbers, its tables as arrays and plain values."""
    return Side(
        name=result.name,
        track=result.track,
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
