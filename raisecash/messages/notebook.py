"""What a notebook shows of an object: a small table and lines drawn in SVG, without a library and without a script."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT, MARGIN = 160, 28, 2  # of a line, in CSS pixels
POINTS = 160  # of a line; more would not be seen
ROWS = 12  # of a table; the rest is counted
LEFT = "text-align:left"
RIGHT = "text-align:right"


class Line(tuple[float, ...]):
    """Values to be drawn as a line in a table's cell; a NaN is a gap."""

    __slots__ = ()


Cell = str | Line


def as_html(
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    notes: Iterable[str] = (),
    *,
    left: int = 1,
    most: int = ROWS,
) -> str:
    """Return a caption, a table and notes as HTML; all text is escaped.

    Parameters
    ----------
    caption : str
    header : sequence of str
        The columns' names.
    rows : sequence of rows
        A cell is text, or a `Line`.
    notes : iterable of str
        A line each, below the table.
    left : int
        Columns that are set to the left; the others are set to the right.
    most : int
        Rows that are shown; the others are counted.
    """
    shown = rows[:most]
    left_out = len(rows) - len(shown)
    body = "".join(
        f"<tr>{''.join(_cell(cell, is_left=number < left) for number, cell in enumerate(row))}</tr>"
        for row in shown
    )
    head = "".join(
        f'<th style="{LEFT if number < left else RIGHT}">{escape(name)}</th>'
        for number, name in enumerate(header)
    )
    below = [*([f"and {left_out:,} more"] if left_out > 0 else []), *notes]
    return (
        f"<div><strong>{escape(caption)}</strong>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"{''.join(f'<div>{escape(note)}</div>' for note in below)}</div>"
    )


def in_lines(caption: str, facts: Iterable[tuple[str, str]]) -> str:
    """Return a caption and a line a fact as plain text; a fact that says nothing is left out."""
    told = [(name, text) for name, text in facts if text]
    width = max((len(name) for name, _ in told), default=0)
    return "\n".join([caption, *(f"  {name:{width}}  {text}" for name, text in told)])


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """Return names one after the other; of many the first ones and how many follow."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _cell(cell: Cell, *, is_left: bool) -> str:
    """Return a cell of a table."""
    text = drawn(cell) if isinstance(cell, Line) else escape(cell)
    return f'<td style="{LEFT if is_left else RIGHT}">{text}</td>'


def drawn(line: Sequence[float]) -> str:
    """Return values as a line in SVG, from the lowest to the highest over the whole height; empty without two of them.

    Of very many values every n-th is drawn, and the last.
    """
    step = max(math.ceil(len(line) / POINTS), 1)
    values = [*line[:-1:step], *line[-1:]]
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return ""
    low, high = min(finite), max(finite)
    spread = (high - low) or 1.0
    across = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    runs: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if not math.isfinite(value):
            runs.append([])
            continue
        y = HEIGHT - MARGIN - (value - low) / spread * (HEIGHT - 2 * MARGIN)
        runs[-1].append(f"{MARGIN + number * across:.1f},{y:.1f}")
    lines = "".join(f'<polyline points="{" ".join(run)}"/>' for run in runs if run)
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="from {value_told(finite[0])} to {value_told(finite[-1])}" '
        f'fill="none" stroke="currentColor" stroke-width="1.2">{lines}</svg>'
    )


def value_told(value: float) -> str:
    """Return a figure as people read it at a glance: four digits of it, thousands apart."""
    if not math.isfinite(value):
        return "–"
    digits = 0 if abs(value) >= 1000 else 3 - (math.floor(math.log10(abs(value))) if value else 0)
    text = f"{value:,.{min(max(digits, 0), 10)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: float) -> str:
    """Return a fraction in percent, with one digit; a dash where there is none."""
    return f"{fraction:,.1%}" if math.isfinite(fraction) else "–"
