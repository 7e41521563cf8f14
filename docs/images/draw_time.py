"""Draw docs/images/time.svg: one day's values in the order in which a trader could see them.

Run it from the project's folder: .venv/bin/python docs/images/draw_time.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from raisecash.data.calendars.sessions import day_begins, day_ends

DAY = pd.Timestamp("2025-05-28")
LEFT, RIGHT, HOURS = 150, 930, 48
INK, QUIET, GOLD, BLUE, GREEN, RED = "#1f2933", "#8a94a0", "#b7791f", "#2b6cb0", "#2f855a", "#c53030"
ROWS = {"Tokyo": 90, "New York": 160, "Bitcoin": 230, "decision": 310}


def x(moment: pd.Timestamp) -> float:
    """Return where a moment stands: 48 hours from the left edge to the right."""
    return round(LEFT + (moment - DAY) / pd.Timedelta(hours=HOURS) * (RIGHT - LEFT), 1)


def draw() -> str:
    """Return the picture."""
    next_day = DAY + pd.Timedelta(days=1)
    days = pd.DatetimeIndex([DAY, next_day])
    shapes: list[str] = []
    for hour in range(0, HOURS + 1, 6):
        moment = DAY + pd.Timedelta(hours=hour)
        at, is_midnight = x(moment), hour % 24 == 0
        shapes.append(_line(at, 52, at, 345, QUIET, "1" if is_midnight else "0.3"))
        shapes.append(_text(at, 45, f"{moment:%H:%M}", QUIET, "middle"))
        if is_midnight and hour < HOURS:
            shapes.append(_text(at + 4, 24, f"{moment:%A %-d %B} (UTC)", INK))
    for word, row in ROWS.items():
        shapes.append(_text(LEFT - 14, row + 5, word, INK, "end"))
    for calendar, row, color in (("XTKS", ROWS["Tokyo"], RED), ("XNYS", ROWS["New York"], BLUE)):
        for opens, closes in zip(day_begins(calendar, days), day_ends(calendar, days), strict=True):
            shapes.append(_bar(opens, closes, row, color, "0.85" if opens < next_day else "0.3"))
    for begin, strength in ((DAY, "0.85"), (next_day, "0.3")):
        shapes.append(_bar(begin, begin + pd.Timedelta(days=1), ROWS["Bitcoin"], GOLD, strength))
    tokyo, york = day_ends("XTKS", days)[0], day_ends("XNYS", days)[0]
    shapes += [
        _mark(tokyo, ROWS["Tokyo"], RED, "1  Tokyo has closed; the JGB yield exists"),
        _mark(york, ROWS["New York"], BLUE, "2  SPY closes"),
        _mark(next_day, ROWS["Bitcoin"], GOLD, "3  BTC's UTC day ends"),
    ]
    decided = ROWS["decision"]
    shapes.append(f'<circle cx="{x(next_day)}" cy="{decided}" r="7" fill="{GREEN}"/>')
    shapes.append(_text(x(next_day) - 12, decided + 5, "4  row 28 May is decided", GREEN, "end"))
    shapes.append(_text(x(next_day) + 12, decided - 6, "BTC fills at this open;", GREEN))
    opens = day_begins("XNYS", days)[1]
    shapes.append(_text(x(next_day) + 12, decided + 14, f"SPY at {opens:%H:%M}, when New York opens", GREEN))
    for row, color, text in (
        (ROWS["Tokyo"], RED, "5  Japan publishes it during the 29th: lag = 1"),
        (ROWS["New York"], BLUE, "5  FRED publishes the yield of the 28th: lag = 1"),
    ):
        shapes.append(_text(x(next_day) + 6, row - 18, text, color))
    label = (
        "On 28 May 2025: the Tokyo session ends at 06:30 UTC, New York at 20:00, Bitcoin's day at 24:00. "
        "The row of the day is decided then. Yields of the day are published on the 29th."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 370" role="img" aria-label="{label}" '
        'font-family="system-ui, sans-serif" font-size="14">\n'
        '<rect width="960" height="370" fill="#ffffff"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _bar(begin: pd.Timestamp, end: pd.Timestamp, row: int, color: str, strength: str) -> str:
    return (
        f'<rect x="{x(begin)}" y="{row - 9}" width="{round(x(end) - x(begin), 1)}" height="18" rx="3" '
        f'fill="{color}" fill-opacity="{strength}"/>'
    )


def _mark(moment: pd.Timestamp, row: int, color: str, text: str) -> str:
    at = x(moment)
    side, anchor = (-6, "end") if at > x(DAY + pd.Timedelta(hours=15)) else (6, "start")
    return _line(at, row - 14, at, row + 14, color, "1", "3") + _text(
        at + side, row + 30, text, color, anchor
    )


def _line(x1: float, y1: float, x2: float, y2: float, color: str, strength: str, width: str = "1") -> str:
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-opacity="{strength}" '
        f'stroke-width="{width}"/>'
    )


def _text(at: float, y: float, words: str, color: str, anchor: str = "start") -> str:
    return f'<text x="{round(at, 1)}" y="{y}" fill="{color}" text-anchor="{anchor}">{words}</text>'


if __name__ == "__main__":
    Path(__file__).with_name("time.svg").write_text(draw(), encoding="utf-8")
