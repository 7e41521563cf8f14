"""Studies for the pages' tests: seeded synthetic markets, the real engine, the real evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from raisecash import Market, Strategy, simulate
from raisecash.data.history import Finding, History
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.simulation.reconcile import Reconciliation
from raisecash.study.study import Result, Role, Study, build_result
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from strategies.fixed_mix import FixedMix
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def random_walk(
    days: pd.DatetimeIndex, *, seed: int, start: float, drift: float, spread: float
) -> pd.DataFrame:
    """Return daily bars whose log closes are a seeded random walk, opening at the close before."""
    generator = np.random.default_rng(seed)
    close = start * np.exp(np.cumsum(generator.normal(drift, spread, len(days))))
    before = np.concatenate(([start], close[:-1]))
    return pd.DataFrame(
        {"open": before * np.exp(generator.normal(0, spread / 10, len(days))), "close": close}, index=days
    )


def make_market(start: str = "2016-01-01", end: str = "2025-12-31", *, cash_yield: float = 0.02) -> Market:
    """Return BTC on seven days a week and SPY on five, on the union clock."""
    bitcoin = random_walk(pd.date_range(start, end), seed=1, start=430.0, drift=0.0012, spread=0.035)
    equity = random_walk(pd.bdate_range(start, end), seed=2, start=200.0, drift=0.0004, spread=0.011)
    return Market.from_frames({"BTC": bitcoin, "SPY": equity}, cash_yield=cash_yield)


def make_result(
    strategy: Strategy,
    market: Market,
    *,
    name: str,
    role: Role = "strategy",
    benchmark: Result | None = None,
    costs: Costs | None = None,
    rebalance: Rebalance | None = None,
) -> Result:
    """Return one strategy run over a market by the ledger, and measured."""
    backtest = simulate(
        strategy.target_weights(market),
        market,
        costs or Costs(commission=0.001, slippage=0.0005),
        rebalance,
        engine="ledger",
        name=name,
    )
    return build_result(
        backtest,
        Reconciliation(engine="backtrader", against="ledger", max_relative_difference=3.1e-13),
        role=role,
        use=type(strategy).__name__,
        strategy=strategy,
        benchmark=benchmark.track if benchmark else None,
    )


def make_study(
    strategies: Mapping[str, Strategy] | None = None,
    benchmarks: Mapping[str, Strategy] | None = None,
    *,
    market: Market | None = None,
    notes: tuple[str, ...] = ("Synthetic prices made for a test: no market ever did this.",),
    **others: Any,
) -> Study:
    """Return a study of named strategies and benchmarks over one market."""
    market = make_market() if market is None else market
    if strategies is None:
        strategies = {"rally": RallyThenRaiseCash(), "sell-in-may": SellInMay(), "cash": Cash()}
    if benchmarks is None:
        benchmarks = {"buy-and-hold": BuyAndHold(), "fixed-mix": FixedMix()}
    held: list[Result] = []
    for name, benchmark in benchmarks.items():
        first = held[0] if held else None
        held.append(make_result(benchmark, market, name=name, role="benchmark", benchmark=first, **others))
    first = held[0] if held else None
    results = [
        make_result(strategy, market, name=name, benchmark=first, **others)
        for name, strategy in strategies.items()
    ]
    return Study(
        name="synthetic",
        description="Seeded random walks under the names of real assets.",
        config={"name": "synthetic", "market": {"clock": market.clock}},
        config_path=Path("configs/synthetic.toml"),
        market=market,
        histories=tuple(_history(asset, market) for asset in market.assets),
        findings=(
            Finding(
                series="BTC",
                kind="shifted",
                severity="warning",
                first="2024-09-08",
                last="2024-09-09",
                count=2,
                message="BTC: two bars look like the day before's",
            ),
        ),
        notes=notes,
        results=(*results, *held),
        created=CREATED,
        seed=0,
    )


def _history(asset: str, market: Market) -> History:
    """Return the series an asset of the market would have come from."""
    columns = {name: getattr(market, name)[asset] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns).dropna(subset=["close"])
    return History(
        name=asset, frame=frame, source=f"a seeded random walk called {asset}", note=f"{asset} is made up."
    )
