"""What happened, in one sentence a strategy: numbers against the first benchmark, and no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raisecash.pages.formatting import day, is_defined, money, rough_percent

if TYPE_CHECKING:
    from raisecash.study.study import Result, Study


def lead(study: Study) -> str:
    """Return the sentence that says what the account was and over which window."""
    market = study.market
    start = money(study.results[0].backtest.cash_at_start)
    return (
        f"An account of {start} from {day(market.bars[0])} to {day(market.bars[-1])}, "
        f"in {_listed(market.assets)} and cash, after costs."
    )


def headline(result: Result, benchmark: Result | None) -> str:
    """Return one plain sentence about a strategy, beginning after its name.

    Parameters
    ----------
    result : Result
        The strategy.
    benchmark : Result or None
        What it is held against; without one the starting cash is.
    """
    mine = result.metrics
    growth = f", {rough_percent(mine['cagr'])} a year" if is_defined(mine["cagr"]) else ""
    if benchmark is None:
        start = money(result.backtest.cash_at_start)
        return (
            f"ended at {money(mine['final_equity'])} from {start}{growth}; its deepest drawdown was "
            f"{rough_percent(mine['max_drawdown'])}; it held {rough_percent(mine['average_cash_weight'])} cash on average."
        )
    theirs = benchmark.metrics
    both_grew = is_defined(mine["cagr"]) and is_defined(theirs["cagr"])
    pace = (
        f" ({rough_percent(mine['cagr'])} against {rough_percent(theirs['cagr'])} a year)"
        if both_grew
        else ""
    )
    return (
        f"ended at {money(mine['final_equity'])} against {money(theirs['final_equity'])} for {benchmark.name}{pace}; "
        f"its deepest drawdown was {rough_percent(mine['max_drawdown'])} against "
        f"{rough_percent(theirs['max_drawdown'])}; it held {rough_percent(mine['average_cash_weight'])} cash on "
        f"average against {rough_percent(theirs['average_cash_weight'])}."
    )


def _listed(names: tuple[str, ...]) -> str:
    """Return names before a last "and": `BTC, SPY`, cut after six."""
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:5])}, {len(names) - 5} more assets"
