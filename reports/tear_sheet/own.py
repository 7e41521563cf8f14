"""The figures drawn here in quantstats' style, because its own would show something false."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from raisecash.metrics import rolling
from raisecash.metrics.distribution import density, histogram_edges
from raisecash.metrics.performance import growth
from raisecash.metrics.periods import Period, compounded
from raisecash.pages.formatting import number
from reports.tear_sheet.drawing import (
    NotDrawnError,
    accounts,
    cadence,
    empty_figure,
    finish,
    half_year,
    log_ticks,
    number_labels,
    percent_labels,
    put_legend,
    short,
    versus,
    why_no_line,
)
from reports.tear_sheet.style import BENCHMARK, BOXES, INK, STRATEGY

if TYPE_CHECKING:
    from raisecash.data.panel import Floats
    from reports.tear_sheet.data import Sheet, Side

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PERIODS: dict[str, Period] = {"Weekly": "week", "Monthly": "month", "Quarterly": "quarter", "Yearly": "year"}
YEARS_LABELLED = 12


def log_growth(sheet: Sheet, quantstats: Any) -> Any:
    """What 1 has become, on a log axis; quantstats' symmetric log of percent is linear near zero."""
    from matplotlib.ticker import FixedLocator, NullLocator

    figure, axes = empty_figure("Growth of 1" + versus(sheet) + " (Log Scaled)", height=4)
    handles, low, high = [], 1.0, 1.0
    for account, colour in _back_to_front(sheet):
        value = growth(account.track.returns)
        handles += axes.plot(account.track.days, value, color=colour)
        low, high = min(low, float(value.min())), max(high, float(value.max()))
    margin = max((high / low) ** 0.04, 1.02)
    axes.set_yscale("log")
    axes.set_ylim(low / margin, high * margin)
    axes.yaxis.set_major_locator(FixedLocator(log_ticks(low / margin, high * margin)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(number_labels())
    axes.axhline(1, ls="--", lw=1, color="black", zorder=2)
    if len(handles) > 1:
        put_legend(axes, handles[::-1], [account.name for account in accounts(sheet)])
    return finish(figure, sheet=sheet)


def year_bars(sheet: Sheet, quantstats: Any) -> Any:
    """A bar a calendar year; under pandas 3 quantstats' bars carry other years' labels."""
    years = sorted(sheet.account.years)
    figure, axes = empty_figure("EOY Returns" + versus(sheet), height=4)
    sides = _back_to_front(sheet)
    width = 0.5 / len(sides)
    handles = []
    for place, (account, colour) in enumerate(sides):
        values = np.array([account.years.get(year, np.nan) for year in years])
        there = ~np.isnan(values)
        at = np.arange(len(years)) + (place - (len(sides) - 1) / 2) * width
        handles.append(axes.bar(at[there], values[there], width, color=colour, linewidth=0))
    known = [value for value in sheet.account.years.values() if not np.isnan(value)]
    average = axes.axhline(float(np.mean(known)), ls="--", lw=1.5, color="red", zorder=2)
    axes.axhline(0, ls="--", lw=1, color="black", zorder=2)
    step = -(-len(years) // YEARS_LABELLED)
    axes.set_xticks(np.arange(len(years))[::step], [str(year) for year in years[::step]])
    put_legend(axes, [*handles[::-1], average], _names_and_average(sheet))
    return finish(figure, percent=True)


def month_histogram(sheet: Sheet, quantstats: Any) -> Any:
    """Months by return; quantstats fails on a single month, and its tick labels drop decimals."""
    samples = {account.name: account.track.month_returns for account in accounts(sheet)}
    edges = histogram_edges(*samples.values())
    if edges is None or len(samples[sheet.account.name]) < 2:
        raise NotDrawnError("a distribution needs two months or more with different returns")
    figure, axes = empty_figure("Distribution of Monthly Returns", height=4)
    at, handles = np.linspace(edges[0], edges[-1], 200), []
    for account, colour in _back_to_front(sheet):
        sample = samples[account.name]
        handles.append(axes.hist(sample, edges, color=colour, alpha=0.7, edgecolor="white")[2])
        curve = density(sample, at)
        if curve is not None:
            axes.plot(at, curve * len(sample) * (edges[1] - edges[0]), color=colour)
    mean = float(samples[sheet.account.name].mean())
    handles.insert(0, axes.axvline(mean, ls="--", lw=1.5, color="red", zorder=2))
    put_legend(axes, handles[::-1], _names_and_average(sheet))
    axes.set_ylabel("months", color="#666666")
    axes.xaxis.set_major_formatter(percent_labels())
    return finish(figure)


def rolling_beta(sheet: Sheet, quantstats: Any) -> Any:
    """Beta of the last six and twelve months; quantstats starts with six months of zeros."""
    if sheet.benchmark is None:
        raise NotDrawnError("there is no benchmark to have a beta against")
    six, twelve = (
        rolling.rolling_beta(sheet.account.track.excess, sheet.benchmark.track.excess, window)
        for window in (half_year(sheet), sheet.periods_per_year)
    )
    if np.isnan(six).all():
        absent = f"the returns of {sheet.benchmark.name} above the cash yield do not vary"
        raise NotDrawnError(why_no_line(sheet, absent))
    figure, axes = empty_figure("Rolling Beta to Benchmark", height=3)
    days = sheet.account.track.return_days
    handles, names = axes.plot(days, six, color=STRATEGY), [f"6 months ({half_year(sheet)} returns)"]
    if not np.isnan(twelve).all():
        handles += axes.plot(days, twelve, color="gray", lw=1, alpha=0.8)
        names.append(f"12 months ({sheet.periods_per_year} returns)")
    handles.append(axes.axhline(float(np.nanmean(six)), ls="--", lw=1.5, color="red", zorder=2))
    axes.axhline(0, ls="--", lw=1, color="black", zorder=2)
    put_legend(axes, handles, [*names, "Average, 6 months"])
    axes.yaxis.set_major_formatter(number_labels())
    return finish(figure, sheet=sheet)


def month_heatmap(sheet: Sheet, quantstats: Any) -> Any:
    """Compounded returns by month; a month without data is an empty cell, where quantstats prints 0.00."""
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    table, years = sheet.account.months, sheet.account.month_years
    title = f"{short(sheet.account.name)} - Monthly Returns (%)"
    figure, axes = empty_figure(title, height=0.97 + 0.4 * max(len(years), 2))
    reach = float(np.nanmax(np.abs(table))) or 1.0
    colours = mpl.colormaps["RdYlGn"]
    for row, column in np.argwhere(~np.isnan(table)).tolist():
        value = float(table[row, column])
        red, green, blue, _ = shade = colours(0.5 + 0.5 * value / reach)
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=shade, edgecolor="white", linewidth=0.5))
        ink = "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45 else "#262626"
        text = number(value * 100)
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=9, color=ink)
    axes.set(xlim=(0, 12), ylim=(max(len(years), 2), 0))
    axes.set_xticks(np.arange(12) + 0.5, MONTHS)
    axes.set_yticks(np.arange(len(years)) + 0.5, [str(year) for year in years])
    axes.grid(visible=False)
    return finish(figure)


def return_quantiles(sheet: Sheet, quantstats: Any) -> Any:
    """Boxes of returns by period; quantstats drops each period whose calendar end is no session."""
    boxes = _returns_by_period(sheet)
    figure, axes = empty_figure(f"{short(sheet.account.name)} - Return Quantiles", height=4)
    line = {"color": INK, "linewidth": 1}
    drawn = axes.boxplot(
        list(boxes.values()),
        tick_labels=list(boxes),
        widths=0.8,
        patch_artist=True,
        medianprops=line,
        whiskerprops=line,
        capprops=line,
        flierprops={"marker": "d", "markersize": 3, "markerfacecolor": INK, "markeredgewidth": 0},
    )
    for box, colour in zip(drawn["boxes"], BOXES, strict=False):
        box.set(facecolor=colour, edgecolor=INK)
    return finish(figure, percent=True)


def _returns_by_period(sheet: Sheet) -> dict[str, Floats]:
    """Return the strategy's returns as they are and by week, month, quarter and year.

    Periods as fine as the returns themselves are left out.
    """
    track = sheet.account.track
    found = {cadence(sheet.periods_per_year): track.returns}
    for name, period in PERIODS.items():
        by_period = compounded(track.returns, track.return_days, period)
        if period == "year" or len(by_period) < len(track.returns):
            found[name] = by_period
    return found


def _back_to_front(sheet: Sheet) -> list[tuple[Side, str]]:
    """Return the accounts with their colours in drawing order: the benchmark lies behind the strategy."""
    return list(zip(accounts(sheet), (STRATEGY, BENCHMARK), strict=False))[::-1]


def _names_and_average(sheet: Sheet) -> list[str]:
    """Return a legend's names: the accounts and the strategy's mean."""
    return [*(account.name for account in accounts(sheet)), f"Average of {short(sheet.account.name)}"]
