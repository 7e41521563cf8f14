"""What all figures of a tear sheet share: names, legends, margins, axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from raisecash.pages.formatting import MINUS
from reports.tear_sheet.style import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.tear_sheet.data import Sheet, Side

LONGEST_NAME = 32  # characters that fit a legend and a title
DAYS_LABELLED_EACH, DAYS_WITH_YEAR = 9, 4
TITLE, TITLE_AND_LEGEND = 0.5, 0.68  # inches above the axes


class NotDrawnError(Exception):
    """Raised inside a figure that this account cannot have; its message is the sentence shown instead."""


def accounts(sheet: Sheet) -> tuple[Side, ...]:
    """Return the strategy and, where there is one, its benchmark."""
    return (sheet.account,) if sheet.benchmark is None else (sheet.account, sheet.benchmark)


def versus(sheet: Sheet) -> str:
    """Return the end of a title that names two accounts."""
    return "" if sheet.benchmark is None else " vs Benchmark"


def half_year(sheet: Sheet) -> int:
    """Return the returns of the six-month windows, rounded up as quantstats does: 183 of 365, 126 of 252."""
    return math.ceil(sheet.periods_per_year / 2)


def short(name: str) -> str:
    """Return a name that fits a title or a legend."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def listed(name: str) -> str:
    """Return a name as matplotlib lists it: one that begins with an underscore would be left out."""
    return f" {short(name)}" if name.startswith("_") else short(name)


def empty_figure(title: str, *, height: float) -> tuple[Any, Any]:
    """Return a figure in quantstats' style with nothing in it, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_subplot()
    figure.suptitle(title, y=0.94, fontweight="bold", fontsize=14, color="black")
    axes.spines[:].set_visible(False)
    return figure, axes


def put_legend(axes: Any, handles: Iterable[Any], names: Iterable[str]) -> None:
    """Name every account in one line between title and axes: the lines leave no corner free."""
    labels = [listed(name) for name in names]
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "borderaxespad": 0.1}
    axes.legend(list(handles), labels, fontsize=10, ncols=3, frameon=False, **place)


def finish(figure: Any, *, sheet: Sheet | None = None, percent: bool = False) -> Any:
    """Return a figure with margins in inches, exact tick labels and, for a sheet, the whole run's days."""
    axes, height = figure.axes[0], figure.get_figheight()
    figure.texts[0].set_y(1 - 0.16 / height)  # the title
    above = TITLE if axes.get_legend() is None else TITLE_AND_LEGEND
    figure.subplots_adjust(
        left=0.72 / WIDTH, right=1 - 0.12 / WIDTH, top=1 - above / height, bottom=0.42 / height
    )
    if percent:
        axes.yaxis.set_major_formatter(percent_labels())
    if sheet is not None:
        _label_days(axes, sheet)
    axes.tick_params(labelsize=10)
    return figure


def percent_labels() -> Any:
    """Return a formatter that writes a tick's exact percentage; quantstats' rounds 2.5% to 2%."""
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: f"{_exact(value * 100)}%")


def number_labels() -> Any:
    """Return a formatter that writes a tick's exact value."""
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: _exact(value))


def cadence(periods_per_year: int) -> str:
    """Return what one return of this clock is called."""
    return (
        "Daily"
        if periods_per_year > 200
        else {52: "Weekly", 12: "Monthly", 4: "Quarterly"}.get(periods_per_year, "Yearly")
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Return round values between two positive ones, spaced for a log axis: 1, 2, 5, 10, or closer."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 4:
            return [float(f"{tick:.6g}") for tick in inside]
    step = 10.0 ** math.floor(math.log10((high - low) / 2))
    step *= 2 if (high - low) / step > 8 else 1
    first = math.ceil(low / step)
    return [float(f"{n * step:.9g}") for n in range(first, math.floor(high / step) + 1)]


def why_no_line(sheet: Sheet, otherwise: str) -> str:
    """Return why a rolling statistic has no value on any day."""
    n, wanted = len(sheet.account.track.returns), half_year(sheet)
    if n < wanted:
        return f"six months are {wanted} returns on this clock, and there are {n}"
    return f"{otherwise} within any six months ({wanted} returns)"


def _label_days(axes: Any, sheet: Sheet) -> None:
    """Label the whole run's days, upright."""
    from matplotlib import dates as untyped

    dates: Any = untyped
    first, last = sheet.account.track.days[0], sheet.account.track.days[-1]
    n_days = (last - first) / np.timedelta64(1, "D")
    if n_days <= DAYS_LABELLED_EACH:  # else hours of days that have one close
        locator, margin = dates.DayLocator(), np.timedelta64(int(n_days * 24 * 60 * 0.06), "m")
        formatter = dates.DateFormatter("%d %b %Y" if n_days <= DAYS_WITH_YEAR else "%d %b")
    else:
        locator, margin = dates.AutoDateLocator(minticks=4, maxticks=9), np.timedelta64(0, "m")
        formatter = dates.AutoDateFormatter(locator)
    axes.set_xlim(first - margin, last + margin)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)


def _exact(value: float) -> str:
    """Return a tick's value without the rounding noise of its binary form."""
    return f"{round(value, 9) + 0.0:,.6g}".replace("-", MINUS)
