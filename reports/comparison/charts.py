"""The comparison page's pictures: one function each, from a study to a plotly figure."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from raisecash.study.study import Study

Figure = dict[str, Any]

# Okabe and Ito (2008), told apart with every common colour blindness; without yellow, which white paper swallows.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A3D9A")
GREYS = ("#555B61", "#9AA0A6", "#26292C")
DASHES = ("5px,2px", "2px,2px", "9px,2px,2px,2px", "12px,3px")  # short gaps: a jagged line stays one line
INK, GRID, FONT = "#3A424A", "#E6E9EC", "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one result is drawn, on every chart and in every key."""

    colour: str
    dash: str
    width: float

    @property
    def stroke(self) -> str:
        """The dash as an SVG `stroke-dasharray`, for the key beside the charts; empty for a solid line."""
        return "" if self.dash == "solid" else self.dash.replace("px", "").replace(",", " ")


@dataclass(frozen=True, kw_only=True)
class PageChart:
    """One picture and the words around it."""

    key: str
    title: str
    caption: str
    height: int
    figure: Figure


def looks(study: Study) -> dict[str, Look]:
    """Return each result's look: strategies in colour, benchmarks in dashed grey, in the config's order."""
    found: dict[str, Look] = {}
    strategies = benchmarks = 0
    for result in study.results:
        if result.role == "strategy":
            again, place = divmod(strategies, len(COLOURS))
            dash = "solid" if not again else DASHES[(again - 1) % len(DASHES)]
            found[result.name] = Look(colour=COLOURS[place], dash=dash, width=2.0)
            strategies += 1
        else:
            grey, dash = GREYS[benchmarks % len(GREYS)], DASHES[benchmarks % len(DASHES)]
            found[result.name] = Look(colour=grey, dash=dash, width=1.6)
            benchmarks += 1
    return found


def equity_chart(study: Study) -> PageChart:
    """Return account value on a log axis: equal distances are equal percentage changes."""
    values = {result.name: _significant(_drawn(study, result.track.equity)) for result in study.results}
    figure = _lines(study, values, hover="%{y:,.0f}")
    low = min(float(lines.min()) for lines in values.values())
    high = max(float(lines.max()) for lines in values.values())
    figure["layout"]["yaxis"].update(_log_axis(low, high))
    return PageChart(
        key="equity",
        title="Account value",
        caption="Logarithmic axis: equal distances are equal percentage changes. Costs and interest included.",
        height=400,
        figure=figure,
    )


def drawdown_chart(study: Study) -> PageChart:
    """Return the fall from the highest account value so far, the starting capital included."""
    values = {result.name: _rounded(_drawn(study, result.track.drawdown), 4) for result in study.results}
    figure = _lines(study, values, hover="%{y:.1%}")
    deepest = min(float(lines.min()) for lines in values.values())
    figure["layout"]["yaxis"].update(tickformat=".0%", range=[min(deepest * 1.06, -0.01), 0.005], nticks=6)
    return PageChart(
        key="drawdown",
        title="Drawdown",
        caption="Fall from the highest account value so far, the starting capital included.",
        height=250,
        figure=figure,
    )


def cash_chart(study: Study) -> PageChart:
    """Return cash over equity at each close."""
    ends = study.market.panel.day_ends
    values = {result.name: _rounded(result.track.cash_weights[ends], 3) for result in study.results}
    figure = _lines(study, values, hover="%{y:.0%}", shape="hv")
    top = max(1.0, *(float(lines.max()) for lines in values.values()))
    bottom = min(0.0, *(float(lines.min()) for lines in values.values()))
    figure["layout"]["yaxis"].update(tickformat=".0%", range=[bottom - 0.03, top + 0.03], dtick=0.25)
    return PageChart(
        key="cash",
        title="Cash held",
        caption="Cash as a share of the account at each close.",
        height=210,
        figure=figure,
    )


CHARTS: tuple[Callable[[Study], PageChart], ...] = (equity_chart, drawdown_chart, cash_chart)


def embedded(study: Study, charts: tuple[PageChart, ...]) -> str:
    """Return charts as the JSON a page carries, safe inside a script element.

    The charts of a page share their days, which are written once; the page's script hands them out.
    """
    days = study.market.panel.days.astype(str).tolist()
    document = {"days": days, "figures": {chart.key: chart.figure for chart in charts}}
    text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")  # a name such as "</script>" must not end the element


def plotly_library() -> str:
    """Return plotly.js itself, which a page carries so that it opens without a network."""
    from plotly.offline import get_plotlyjs

    library: str = get_plotlyjs()
    return library.replace("</script", "<\\/script")


def _lines(study: Study, values: dict[str, np.ndarray], *, hover: str, shape: str = "linear") -> Figure:
    """Return a figure with one line a result, over the days the page hands out."""
    looked = looks(study)
    drawn = sorted(study.results, key=lambda result: result.role == "strategy")  # strategies on top
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": html.escape(result.name),
                "meta": result.name,
                "y": values[result.name].tolist(),
                "line": {
                    "color": looked[result.name].colour,
                    "dash": looked[result.name].dash,
                    "width": looked[result.name].width,
                    "shape": shape,
                },
                "hovertemplate": hover,
            }
            for result in drawn
        ],
        "layout": {
            "font": {"family": FONT, "size": 12, "color": INK},
            "margin": {"l": 58, "r": 14, "t": 8, "b": 30},
            "showlegend": False,
            "hovermode": "x unified",
            "hoverlabel": {"bgcolor": "rgba(255,255,255,0.94)", "bordercolor": GRID, "namelength": 28},
            "paper_bgcolor": "#FFFFFF",
            "plot_bgcolor": "#FFFFFF",
            "xaxis": {
                "type": "date",
                "gridcolor": GRID,
                "linecolor": "#B8BEC4",
                "hoverformat": "%a %Y-%m-%d",
            },
            "yaxis": {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "automargin": False},
        },
    }


def _log_axis(low: float, high: float) -> dict[str, Any]:
    """Return a log axis over [low, high] with round labels: every decade, or 1-2-5 steps in a short range."""
    import math

    bottom, top = math.log10(low), math.log10(high)
    room = max(0.04 * (top - bottom), 0.02)
    bottom, top = bottom - room, top + room
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), tuple(1 + step / 10 for step in range(90))):
        ticks = [
            step * 10.0**decade
            for decade in range(math.floor(bottom), math.ceil(top) + 1)
            for step in steps
            if bottom <= math.log10(step * 10.0**decade) <= top
        ]
        if len(ticks) >= 5:
            break
    ticks = ticks[:: max(1, math.ceil(len(ticks) / 9))]
    return {
        "type": "log",
        "range": [bottom, top],
        "tickvals": ticks,
        "ticktext": [_compact(tick) for tick in ticks],
    }


def _compact(amount: float) -> str:
    """Return an axis label: `50k`, `1.5m`."""
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if amount >= size * 0.9999:
            return f"{amount / size:.6g}{unit}"
    return f"{amount:.6g}"


def _drawn(study: Study, values: np.ndarray) -> np.ndarray:
    """Return a track's values at the days with a bar: the charts begin with the first, without the cash before it."""
    return values[-len(study.market.panel.days) :]


def _rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """Return values as short as a screen can tell apart; 0 has no sign."""
    import numpy as np

    return np.asarray(np.round(values, digits) + 0.0)


def _significant(values: np.ndarray) -> np.ndarray:
    """Return positive values rounded to six significant digits: enough for any screen, half the bytes."""
    import numpy as np

    scale = 10.0 ** (5 - np.floor(np.log10(values)))
    return np.asarray(np.round(values * scale) / scale)
