"""Backtest strategies that encode a dated macro view: what a strategy and a notebook need."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from pydantic import Field as Field

    from raisecash.config.model import load_config as load_config
    from raisecash.contract_checks.many import check as check
    from raisecash.data.load import load_market as load_market
    from raisecash.data.market import Market as Market
    from raisecash.errors import ConfigError as ConfigError
    from raisecash.errors import ContractError as ContractError
    from raisecash.errors import DataError as DataError
    from raisecash.errors import InputError as InputError
    from raisecash.errors import LookAheadError as LookAheadError
    from raisecash.errors import NetworkError as NetworkError
    from raisecash.errors import ParameterError as ParameterError
    from raisecash.errors import RaisecashError as RaisecashError
    from raisecash.errors import ReconciliationError as ReconciliationError
    from raisecash.errors import Refusal as Refusal
    from raisecash.errors import WeightsError as WeightsError
    from raisecash.execution.costs import Costs as Costs
    from raisecash.execution.rebalance import Rebalance as Rebalance
    from raisecash.metrics.measure import measure as measure
    from raisecash.simulation.backtest import Backtest as Backtest
    from raisecash.simulation.simulate import simulate as simulate
    from raisecash.strategy.base import Strategy as Strategy
    from raisecash.strategy.month_day import MonthDay as MonthDay
    from raisecash.strategy.month_day import in_window as in_window
    from raisecash.strategy.overlay import Overlay as Overlay
    from raisecash.study.run import run_study as run_study

    __version__: str

# Each name is imported when it is asked for: they bring pandas, and `raisecash --help` needs none.
_FROM = {
    "Backtest": "raisecash.simulation.backtest",
    "ConfigError": "raisecash.errors",
    "ContractError": "raisecash.errors",
    "Costs": "raisecash.execution.costs",
    "DataError": "raisecash.errors",
    "Field": "pydantic",
    "InputError": "raisecash.errors",
    "LookAheadError": "raisecash.errors",
    "Market": "raisecash.data.market",
    "MonthDay": "raisecash.strategy.month_day",
    "NetworkError": "raisecash.errors",
    "Overlay": "raisecash.strategy.overlay",
    "ParameterError": "raisecash.errors",
    "RaisecashError": "raisecash.errors",
    "Rebalance": "raisecash.execution.rebalance",
    "ReconciliationError": "raisecash.errors",
    "Refusal": "raisecash.errors",
    "Strategy": "raisecash.strategy.base",
    "WeightsError": "raisecash.errors",
    "check": "raisecash.contract_checks.many",
    "in_window": "raisecash.strategy.month_day",
    "load_config": "raisecash.config.model",
    "load_market": "raisecash.data.load",
    "measure": "raisecash.metrics.measure",
    "run_study": "raisecash.study.run",
    "simulate": "raisecash.simulation.simulate",
}
__all__ = [*_FROM, "__version__"]  # one table says what is published; docs/python.md says what for


def __getattr__(name: str) -> _Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("raisecash")
    if name not in _FROM:
        raise AttributeError(
            f"module 'raisecash' has no attribute {name!r}; it has {', '.join(sorted(_FROM))}"
        )
    found = getattr(_import_module(_FROM[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
