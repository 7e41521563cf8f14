"""`Study`: everything one config produced, ready to be written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from raisecash.data.history import Finding, History
from raisecash.data.market import Market
from raisecash.lookahead.run_time import LookAheadCheck
from raisecash.messages.notebook import Line, as_html, percent, value_told
from raisecash.metrics.drawdowns import worst_drawdowns
from raisecash.metrics.july import july_window
from raisecash.metrics.measure import measure_track
from raisecash.metrics.periods import months, years
from raisecash.metrics.table import TABLE
from raisecash.metrics.track import Track
from raisecash.simulation.backtest import Backtest
from raisecash.simulation.reconcile import Reconciliation
from raisecash.strategy.base import Strategy

Role = Literal["strategy", "benchmark"]
SHOWN = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")  # of a study that is printed
LABELS = {metric.name: metric.label for metric in TABLE}
UNITS = {metric.name: metric.unit for metric in TABLE}


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """One strategy or benchmark of a study, with every number a page may show.

    Attributes
    ----------
    track : Track
        The account at day ends, as arrays: what everything below was computed from.
    metrics : dict of str to float
        The metrics of the outside contract, in its order; NaN where undefined.
    undefined : dict of str to str
        Why each undefined metric is undefined.
    months : DataFrame of shape (n_years, 12)
        Compounded returns by calendar year and month (columns 1 to 12), NaN without data.
    years : Series
        Compounded returns by calendar year.
    drawdowns : DataFrame
        The deepest first: peak, trough, recovery (NaT while under water), depth (<= 0), days from
        peak to recovery or to the last bar.
    july : DataFrame
        One row a year: the July window of this account (`raisecash.metrics.july`).
    """

    name: str
    role: Role
    use: str
    strategy: Strategy
    backtest: Backtest
    reconciliation: Reconciliation
    track: Track
    metrics: dict[str, float]
    undefined: dict[str, str]
    months: pd.DataFrame
    years: pd.Series
    drawdowns: pd.DataFrame
    july: pd.DataFrame

    @cached_property
    def returns(self) -> pd.Series:
        """Simple returns from day end to day end, as fractions, each dated by the day it ends on."""
        return self.track.by_day(self.track.returns, "returns")

    @cached_property
    def excess_returns(self) -> pd.Series:
        """`returns` above the cash yield."""
        return self.track.by_day(self.track.excess, "excess_returns")

    @cached_property
    def drawdown(self) -> pd.Series:
        """The loss since the highest value so far at each day end, the starting cash first: fractions <= 0."""
        return self.track.by_day(self.track.drawdown, "drawdown")


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Study:
    """One config, run: strategies and benchmarks over one market.

    `results` holds the strategies and then the benchmarks, in the config's order. `notes` are the
    sentences every page made from this study carries on top. `lookahead` says, a strategy each, how
    its decisions were checked for looking ahead.
    """

    name: str
    description: str
    config: dict[str, Any]
    config_path: Path
    market: Market
    histories: tuple[History, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    results: tuple[Result, ...]
    created: datetime
    seed: int
    lookahead: tuple[LookAheadCheck, ...] = ()

    def __repr__(self) -> str:
        told = [[name, *(_told(result, metric) for metric in SHOWN)] for name, result in self._named]
        rows = [["", *(LABELS[metric] for metric in SHOWN)], *told]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
        return "\n".join([f"Study {self.name}", *(f"  {line}" for line in lines), repr(self.market)])

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a row a strategy and benchmark, its equity as a line, and the notes."""
        rows: list[list[str | Line]] = [
            [name, *(_told(result, metric) for metric in SHOWN), Line(result.backtest.account.equity)]
            for name, result in self._named
        ]
        header = ("", *(LABELS[metric] for metric in SHOWN), "equity")
        return as_html(f"Study {self.name}", header, rows, self.notes, most=len(rows))

    @property
    def _named(self) -> list[tuple[str, Result]]:
        """Each result under its name, benchmarks said to be ones."""
        return [
            (f"{result.name} (benchmark)" if result.role == "benchmark" else result.name, result)
            for result in self.results
        ]

    @property
    def strategies(self) -> tuple[Result, ...]:
        """Results whose role is strategy."""
        return tuple(result for result in self.results if result.role == "strategy")

    @property
    def benchmark(self) -> Result | None:
        """The first benchmark, against which the others are measured; None without one."""
        return next((result for result in self.results if result.role == "benchmark"), None)

    @property
    def mean_cash_yield(self) -> float:
        """The mean over all bars of the yield on cash known there, a fraction a year."""
        return float(self.market.cash_yield.mean())

    @property
    def reconciliation(self) -> Reconciliation:
        """The worst agreement between the two engines over all results."""
        return max(
            (result.reconciliation for result in self.results),
            key=lambda found: found.max_relative_difference,
        )


def build_result(
    backtest: Backtest,
    reconciliation: Reconciliation,
    *,
    role: Role,
    use: str,
    strategy: Strategy,
    benchmark: Track | None,
) -> Result:
    """Return an account with every number a page may show.

    Parameters
    ----------
    backtest : Backtest
        The account, under the name it has in the study.
    reconciliation : Reconciliation
        How far the other engine's account of the same targets is apart.
    role, use, strategy
        Who decided: as what, named how in the config, and with which parameters.
    benchmark : Track or None
        The first benchmark's over the same market; None for that benchmark itself, or without one.
    """
    track = Track.of(backtest)
    metrics, undefined = measure_track(track, benchmark)
    return Result(
        name=backtest.name,
        role=role,
        use=use,
        strategy=strategy,
        backtest=backtest,
        reconciliation=reconciliation,
        track=track,
        metrics=metrics,
        undefined=undefined,
        months=months(track.returns, track.return_days),
        years=years(track.returns, track.return_days),
        drawdowns=worst_drawdowns(track.drawdown, track.days),
        july=july_window(track),
    )


def _told(result: Result, metric: str) -> str:
    """Return a metric as people read it."""
    value = result.metrics[metric]
    return percent(value) if UNITS[metric].startswith("fraction") else value_told(value)
