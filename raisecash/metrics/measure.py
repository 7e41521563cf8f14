"""`measure`: every metric of the outside contract for one account, and why any is undefined."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from raisecash.metrics import table
from raisecash.metrics.relative import check_same_days
from raisecash.metrics.track import Track

if TYPE_CHECKING:
    from raisecash.simulation.backtest import Backtest


def measure(backtest: Backtest, benchmark: Backtest | None = None) -> tuple[dict[str, float], dict[str, str]]:
    """Return every metric of an account, and for each undefined one the reason.

    Parameters
    ----------
    backtest : Backtest
        The account to be measured.
    benchmark : Backtest, optional
        The first benchmark, over the same market; None for that benchmark itself, or without one.

    Returns
    -------
    metrics : dict of str to float
        `METRICS`, in that order: fractions, ratios, days and money as each says; NaN where undefined,
        and never infinite.
    undefined : dict of str to str
        Why, for each metric that is NaN.

    Raises
    ------
    DataError
        When the benchmark has other days, or an account's equity is not positive throughout.
    """
    return measure_track(Track.of(backtest), None if benchmark is None else Track.of(benchmark))


def measure_track(account: Track, benchmark: Track | None) -> tuple[dict[str, float], dict[str, str]]:
    """Return what `measure` does, of accounts whose tracks are there already.

    Raises
    ------
    DataError
        When the benchmark has other days.
    """
    if benchmark is not None:
        check_same_days(account, benchmark)
    metrics = {row.name: row.value(account, benchmark) for row in table.TABLE}
    undefined = {
        row.name: row.why_undefined(len(account.returns), has_benchmark=benchmark is not None)
        for row in table.TABLE
        if math.isnan(metrics[row.name])
    }
    return metrics, undefined
