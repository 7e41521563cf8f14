"""The figures of a tear sheet, in quantstats' order: drawn, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.tear_sheet import own
from reports.tear_sheet import quantstats as by_quantstats
from reports.tear_sheet.drawing import NotDrawnError
from reports.tear_sheet.style import quantstats_style, to_svg

if TYPE_CHECKING:
    from reports.tear_sheet.data import Sheet


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One figure as it stands on the page, or the sentence that stands in its place."""

    key: str
    title: str
    svg: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One entry of the sheet: where it stands, what it shows, and who draws it."""

    key: str
    title: str
    draw: Callable[[Sheet, Any], Any]


def pictures(sheet: Sheet) -> tuple[Picture, ...]:
    """Return every figure of a sheet in quantstats' order; the process's own matplotlib settings are kept."""
    from markupsafe import escape

    drawn = []
    with quantstats_style() as quantstats:
        for plot in PLOTS:
            svg = reason = ""
            try:
                if not len(sheet.account.track.returns):
                    raise NotDrawnError("there is one day end only, and so no return")
                figure = plot.draw(sheet, quantstats)
                svg = to_svg(figure, key=plot.key, label=str(escape(f"{plot.title}: {sheet.account.name}")))
            except NotDrawnError as absent:
                reason = str(absent)
            drawn.append(Picture(key=plot.key, title=plot.title, svg=svg, reason=reason))
    return tuple(drawn)


PLOTS = (
    Plot(key="returns", title="Cumulative returns", draw=by_quantstats.cumulative_returns),
    Plot(key="log_returns", title="Growth of 1 on a log axis", draw=own.log_growth),
    Plot(
        key="vol_returns",
        title="Cumulative returns at the benchmark's volatility",
        draw=by_quantstats.volatility_matched,
    ),
    Plot(key="eoy_returns", title="Returns by calendar year", draw=own.year_bars),
    Plot(key="monthly_dist", title="Distribution of monthly returns", draw=own.month_histogram),
    Plot(key="daily_returns", title="Returns one by one", draw=by_quantstats.each_return),
    Plot(key="rolling_beta", title="Rolling beta", draw=own.rolling_beta),
    Plot(key="rolling_vol", title="Rolling volatility", draw=by_quantstats.rolling_volatility),
    Plot(key="rolling_sharpe", title="Rolling Sharpe ratio", draw=by_quantstats.rolling_sharpe),
    Plot(key="rolling_sortino", title="Rolling Sortino ratio", draw=by_quantstats.rolling_sortino),
    Plot(key="dd_periods", title="Worst drawdown periods", draw=by_quantstats.drawdown_periods),
    Plot(key="dd_plot", title="Underwater plot", draw=by_quantstats.underwater),
    Plot(key="monthly_heatmap", title="Monthly returns", draw=own.month_heatmap),
    Plot(key="returns_dist", title="Return quantiles", draw=own.return_quantiles),
)
