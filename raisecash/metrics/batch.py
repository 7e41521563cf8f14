"""`measure_many`: the chosen metrics of thousands of tables of weights, no equity curve kept."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from raisecash.engines.batch import chunks, in_blocks, keeper
from raisecash.errors import DataError, InputError
from raisecash.messages.spelling import suggest
from raisecash.metrics import kernel
from raisecash.metrics.days import elapsed_years
from raisecash.metrics.performance import LARGEST_LOG, NO_VARIANCE

if TYPE_CHECKING:
    from raisecash.data.panel import Bools, Floats, Panel
    from raisecash.engines.batch import Tables
    from raisecash.execution.terms import Terms

CORE = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")
FROM_CURVES = (*CORE, "sortino", "calmar", "final_equity")  # what an equity curve alone can tell


def measure_many(
    panel: Panel,
    terms: Terms,
    weights: Tables,
    metrics: Sequence[str] = CORE,
    *,
    jobs: int | None = None,
) -> dict[str, Floats]:
    """Return chosen metrics of each of many tables of target weights, traded by the ledger.

    Parameters
    ----------
    panel : Panel
        `market.panel`.
    terms : Terms
        Of all variants alike.
    weights : array of shape (n_variants, n_bars, n_assets), or iterable of such arrays
        As for `raisecash.engines.batch.equity_curves`.
    metrics : sequence of str
        Names from `FROM_CURVES`. What needs the whole account (turnover, commission, ...) is measured
        by `measure(simulate(...))`.
    jobs : int, optional
        Threads; default one a core. The numbers do not depend on it.

    Returns
    -------
    dict of str to array of shape (n_variants,)
        In the order asked for: what `measure` gives for the ledger's account of a variant, NaN where
        it is undefined.

    Raises
    ------
    WeightsError
        When a row breaks the weights contract; names the variant, the date, the asset, the rule and
        the value.
    DataError
        When a variant's equity is not positive throughout.
    InputError
        For a metric that an equity curve does not tell, weights of another shape, or `jobs` below 1.
    """
    unknown = [name for name in metrics if name not in FROM_CURVES]
    if unknown:
        raise InputError(
            f"measure_many: no metric {unknown[0]!r} of an equity curve alone; {suggest(unknown[0], FROM_CURVES)}; "
            "measure(simulate(...)) gives all metrics of one account"
        )
    found = [np.empty((0, kernel.WIDTH))]
    for first, chunk in chunks(panel, weights):
        found.append(np.empty((len(chunk), kernel.WIDTH)))
        _measure_chunk(panel, terms, chunk, first, found[-1], with_losses="sortino" in metrics, jobs=jobs)
    values = _from_parts(np.concatenate(found), panel)
    return {name: values[name]() for name in metrics}


def _measure_chunk(
    panel: Panel,
    terms: Terms,
    chunk: Floats,
    first: int,
    found: Floats,
    *,
    with_losses: bool,
    jobs: int | None,
) -> None:
    """Fill the parts of a chunk's metrics, of which the first is variant number `first`."""
    earned = _return_accrual(panel)
    ends, joined = kernel.halving(len(earned))
    earned = earned if earned.any() else earned[:0]
    keep = keeper(panel, terms)
    scratch = threading.local()  # equity curves: one array a thread, so that they stay in its core's cache

    def measure(rows: slice) -> None:
        size = rows.stop - rows.start
        if len(getattr(scratch, "equity", ())) < size:
            scratch.equity = np.empty((size, panel.shape[0]))
        equity = scratch.equity[:size]
        keep(chunk[rows], first + rows.start, equity)
        kernel.parts(equity, panel.day_ends, earned, terms.cash, ends, joined, with_losses, found[rows])

    in_blocks(measure, len(chunk), panel, jobs)
    ruined = np.flatnonzero(found[:, kernel.RUINED_AT] >= 0)
    if len(ruined):
        bar = pd.Timestamp(panel.times[int(found[ruined[0], kernel.RUINED_AT])])
        raise DataError(
            f"variant {first + ruined[0]}: equity must be a positive amount at every bar for returns to be defined, "
            f"and is not on {bar}; nothing can be measured from there on"
        )


def _return_accrual(panel: Panel) -> Floats:
    """Return what a unit of cash earned over each return; the first day end is the start where it is a bar alone."""
    return panel.day_accrual[0 if panel.day_ends[0] != 0 else 1 :]


def _from_parts(parts: Floats, panel: Panel) -> dict[str, Callable[[], Floats]]:
    """Return how each metric that equity curves tell comes of the parts that the kernel found."""
    first, last, spread, excess, excess_spread, downside, deepest, _ = parts.T
    a_year = math.sqrt(panel.periods_per_year)
    days = panel.days[[0, -1]] - np.array([panel.day_ends[0] != 0, False]).astype("timedelta64[D]")
    years = elapsed_years(days)
    return {
        "total_return": lambda: last / first - 1,
        "cagr": lambda: _growth(last / first, years),
        "volatility": lambda: spread * a_year,
        "sharpe": lambda: _where(excess_spread > NO_VARIANCE, excess, excess_spread) * a_year,
        "sortino": lambda: _where(downside > NO_VARIANCE, excess, downside) * a_year,
        "max_drawdown": lambda: deepest.copy(),
        "calmar": lambda: _where(deepest < -NO_VARIANCE, _growth(last / first, years), -deepest),
        "final_equity": lambda: last.copy(),
    }


def _where(is_defined: Bools, above: Floats, below: Floats) -> Floats:
    """Return quotients, NaN where they are not defined."""
    quotients = np.full(len(above), np.nan)
    np.divide(above, below, out=quotients, where=is_defined)
    return quotients


def _growth(ratios: Floats, years: float) -> Floats:
    """Return the compound annual growth rates of what accounts multiplied by; NaN as `cagr` is."""
    if years <= 0:
        return np.full(len(ratios), np.nan)
    rates = [math.log(ratio) / years for ratio in ratios.tolist()]
    return np.array([math.expm1(rate) if rate < LARGEST_LOG else math.nan for rate in rates])
