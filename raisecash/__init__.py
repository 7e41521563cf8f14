"""Backtest strategies that encode a dated macro view: what a strategy, a feed and a notebook need."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from pydantic import Field as Field

    from raisecash.config.model import load_config as load_config
    from raisecash.data.load import load_market as load_market
    from raisecash.data.market import Market as Market
    from raisecash.execution.costs import Costs as Costs
    from raisecash.execution.rebalance import Rebalance as Rebalance
    from raisecash.metrics.measure import measure as measure
    from raisecash.simulation.backtest import Backtest as Backtest
    from raisecash.simulation.simulate import simulate as simulate
    from raisecash.strategy.base import Strategy as Strategy
    from raisecash.strategy.month_day import MonthDay as MonthDay
    from raisecash.strategy.month_day import in_window as in_window
    from raisecash.study.run import run_study as run_study

# Each name is imported when it is asked for: they bring pandas, and `raisecash --help` needs none.
_FROM = {
    "Backtest": "raisecash.simulation.backtest",
    "Costs": "raisecash.execution.costs",
    "Field": "pydantic",
    "Market": "raisecash.data.market",
    "MonthDay": "raisecash.strategy.month_day",
    "Rebalance": "raisecash.execution.rebalance",
    "Strategy": "raisecash.strategy.base",
    "in_window": "raisecash.strategy.month_day",
    "load_config": "raisecash.config.model",
    "load_market": "raisecash.data.load",
    "measure": "raisecash.metrics.measure",
    "run_study": "raisecash.study.run",
    "simulate": "raisecash.simulation.simulate",
}
__all__ = list(_FROM)  # one table says what is published


def __getattr__(name: str) -> _Any:
    if name not in _FROM:
        raise AttributeError(f"module 'raisecash' has no attribute {name!r}")
    found = getattr(_import_module(_FROM[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
