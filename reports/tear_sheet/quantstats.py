"""The figures quantstats draws: its own functions, handed our numbers, then corrected where they round or join gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from raisecash.metrics import rolling
from raisecash.metrics.performance import growth
from raisecash.metrics.relative import volatility_factor
from raisecash.pages.formatting import number
from reports.tear_sheet.drawing import (
    NotDrawnError,
    accounts,
    cadence,
    finish,
    half_year,
    listed,
    number_labels,
    put_legend,
    short,
    versus,
    why_no_line,
)
from reports.tear_sheet.style import FONT, WIDTH

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Times
    from reports.tear_sheet.data import Sheet

SHADED_DRAWDOWNS = 5


def cumulative_returns(sheet: Sheet, quantstats: Any) -> Any:
    """Compounded returns from the starting capital on."""
    lines = [growth(account.track.returns) - 1 for account in accounts(sheet)]
    names = [account.name for account in accounts(sheet)]
    return _lines(sheet, quantstats, lines, names, title="Cumulative Returns" + versus(sheet), height=5)


def volatility_matched(sheet: Sheet, quantstats: Any) -> Any:
    """The same, with the strategy's returns scaled to the benchmark's volatility by the factor in the legend."""
    if sheet.benchmark is None:
        raise NotDrawnError("there is no benchmark whose volatility could be matched")
    factor = volatility_factor(sheet.account.track.returns, sheet.benchmark.track.returns)
    if np.isnan(factor):
        raise NotDrawnError(
            f"the returns of {sheet.account.name} or of {sheet.benchmark.name} do not vary: there is nothing to match"
        )
    scaled = sheet.account.track.returns * factor
    if float(scaled.min()) <= -1.0:
        raise NotDrawnError(
            f"at {number(factor)} times its size {sheet.account.name} would lose everything in a day"
        )
    lines = [growth(scaled) - 1, growth(sheet.benchmark.track.returns) - 1]
    names = [f"{short(sheet.account.name)} × {number(factor)}", sheet.benchmark.name]
    return _lines(
        sheet,
        quantstats,
        lines,
        names,
        title="Cumulative Returns vs Benchmark (Volatility Matched)",
        height=4,
    )


def each_return(sheet: Sheet, quantstats: Any) -> Any:
    """Every return by itself; quantstats titles this one 'Cumulative Sum', which it is not."""
    account = sheet.account
    if len(account.track.returns) < 2:
        raise NotDrawnError("one return makes no line")
    figure = quantstats.plot_timeseries(
        _as_series(account.track.return_days, account.track.returns, account.name),
        title=f"{cadence(sheet.periods_per_year)} Returns",
        raw_data=True,
        lw=0.5,
        **_frame(3),
    )
    return finish(figure, sheet=sheet, percent=True)


def rolling_volatility(sheet: Sheet, quantstats: Any) -> Any:
    """Annualised volatility of the last six months."""
    lines = [
        rolling.rolling_volatility(
            account.track.returns, half_year(sheet), periods_per_year=sheet.periods_per_year
        )
        for account in accounts(sheet)
    ]
    return _rolling(sheet, quantstats, lines, title="Rolling Volatility", absent="", percent=True)


def rolling_sharpe(sheet: Sheet, quantstats: Any) -> Any:
    """Sharpe ratio of the last six months, above the cash yield."""
    lines = [
        rolling.rolling_sharpe(
            account.track.excess, half_year(sheet), periods_per_year=sheet.periods_per_year
        )
        for account in accounts(sheet)
    ]
    absent = f"the returns of {sheet.account.name} above the cash yield do not vary"
    return _rolling(sheet, quantstats, lines, title="Rolling Sharpe", absent=absent)


def rolling_sortino(sheet: Sheet, quantstats: Any) -> Any:
    """Sortino ratio of the last six months, above the cash yield."""
    lines = [
        rolling.rolling_sortino(
            account.track.excess, half_year(sheet), periods_per_year=sheet.periods_per_year
        )
        for account in accounts(sheet)
    ]
    absent = f"no return of {sheet.account.name} is below the cash yield"
    return _rolling(sheet, quantstats, lines, title="Rolling Sortino", absent=absent)


def drawdown_periods(sheet: Sheet, quantstats: Any) -> Any:
    """The deepest drawdowns shaded from peak to recovery; quantstats picks the longest, as it counts them."""
    account = sheet.account
    worst = account.drawdowns[:SHADED_DRAWDOWNS]
    count = {0: "No Drawdown Period", 1: "Worst Drawdown Period"}.get(
        len(worst), f"Worst {len(worst)} Drawdown Periods"
    )
    figure = quantstats.plot_timeseries(
        _as_series(account.track.days, growth(account.track.returns) - 1, account.name),
        title=f"{short(account.name)} - {count}",
        raw_data=True,
        **_frame(4),
    )
    for fall in worst:
        until = account.track.days[-1] if fall.recovery is None else fall.recovery.to_datetime64()
        figure.axes[0].axvspan(fall.peak.to_datetime64(), until, color="red", alpha=0.1, linewidth=0)
    return finish(figure, sheet=sheet, percent=True)


def underwater(sheet: Sheet, quantstats: Any) -> Any:
    """The fall from the highest value so far, the starting capital included."""
    fall = sheet.account.track.drawdown
    figure = quantstats.plot_timeseries(
        _as_series(sheet.account.track.days, fall, sheet.account.name),
        title="Underwater Plot",
        raw_data=True,
        fill=True,
        lw=1,
        hline=float(fall.mean()),
        hlw=2,
        hllabel="Average",
        **_frame(3),
    )
    axes = figure.axes[0]
    axes.set_ylim(min(float(fall.min()) * 1.06, -0.01), 0)
    put_legend(axes, [line for line in axes.lines if line.get_label() == "Average"], ["Average"])
    return finish(figure, sheet=sheet, percent=True)


def _lines(
    sheet: Sheet, quantstats: Any, lines: list[Floats], names: list[str], *, title: str, height: float
) -> Any:
    """Return quantstats' figure of one or two lines over the days, the strategy's first."""
    drawn = [
        _as_series(sheet.account.track.days, line, name) for line, name in zip(lines, names, strict=True)
    ]
    benchmark = drawn[1] if len(drawn) > 1 else None
    figure = quantstats.plot_timeseries(drawn[0], benchmark, title=title, raw_data=True, **_frame(height))
    if benchmark is not None:
        axes = figure.axes[0]
        put_legend(axes, [axes.lines[1], axes.lines[0]], names)  # quantstats draws the benchmark first
    return finish(figure, sheet=sheet, percent=True)


def _rolling(
    sheet: Sheet, quantstats: Any, lines: list[Floats], *, title: str, absent: str, percent: bool = False
) -> Any:
    """Return quantstats' figure of rolling statistics, with the gaps that it joins up put back."""
    if np.isnan(lines[0]).all():
        raise NotDrawnError(why_no_line(sheet, absent))
    days = sheet.account.track.return_days
    there = [
        (one.name, line) for one, line in zip(accounts(sheet), lines, strict=True) if not np.isnan(line).all()
    ]
    drawn = [_as_series(days, line, name) for name, line in there]
    figure = quantstats.plot_rolling_stats(
        drawn[0],
        drawn[1] if len(drawn) > 1 else None,
        f"{title} (6 months, {half_year(sheet)} returns)",
        hline=float(np.nanmean(lines[0])),
        hlw=1.5,
        **_frame(3),
    )
    axes = figure.axes[0]
    for line, (_, values) in zip(axes.lines, there, strict=False):
        line.set_data(days, values)
    axes.relim()
    axes.autoscale_view()
    names = [*(name for name, _ in there), f"Average of {short(sheet.account.name)}"]
    put_legend(axes, axes.lines[: len(names)], names)
    axes.yaxis.set_major_formatter(number_labels())
    return finish(figure, sheet=sheet, percent=percent)


def _frame(height: float) -> dict[str, Any]:
    """Return quantstats' arguments that all its figures share here."""
    return {"figsize": (WIDTH, height), "fontname": FONT, "subtitle": False, "show": False}


def _as_series(days: Times, values: Floats, name: str) -> Any:
    """Return values as quantstats takes them."""
    import pandas as pd

    return pd.Series(values, index=pd.DatetimeIndex(days), name=listed(name))
