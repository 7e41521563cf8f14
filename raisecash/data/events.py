"""Dated events, seen from the day they were announced and until a newer date replaced them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from raisecash.data.text.table import Table, read_csv
from raisecash.data.text.times import parse_times
from raisecash.errors import DataError
from raisecash.messages.spelling import suggest

COLUMNS = (
    "event_id",
    "category",
    "event_date",
    "announced_on",
    "ended_on",
    "scheduled",
    "region",
    "window_end",
)
REQUIRED = ("event_id", "category", "event_date", "announced_on")
# Columns of a catalogue. Title, status and note are written with hindsight and never leave the file;
# superseded_by leaves it only as the day the newer vintage was announced.
KNOWN = (*REQUIRED, "title", "scheduled", "status", "superseded_by", "region", "note", "source", "verified")
# How the announcement day is known: confirmed, public by then, estimated, or the event's own day. Said at the
# beginning of a row's note; nothing else of a note is read but a window.
QUALITIES = ("exact", "bound", "est", "same")
QUALITY = re.compile(r"\s*ann=(\w*)")
WINDOW = re.compile(r"\bwindow=(\S*?)\.\.([^\s;]*)")  # the days an event was announced for, first to last
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def empty_events() -> pd.DataFrame:
    """Return a catalogue without a row."""
    dates = dict.fromkeys(("event_date", "announced_on", "ended_on", "window_end"), "datetime64[us]")
    return pd.DataFrame(columns=list(COLUMNS)).astype({**dates, "scheduled": bool})


def events_known_on(events: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the vintages announced by `day`; one that ended later still stands, its end unknown."""
    if not len(events):
        return events.reset_index(drop=True)
    is_known = (events["announced_on"] <= day).to_numpy()
    known = (events if is_known.all() else events[is_known]).reset_index(drop=True)
    ends_later = known["ended_on"] > day
    return known.assign(ended_on=known["ended_on"].mask(ends_later)) if ends_later.any() else known


class Chronicle:
    """What was known of a table of events, asked for day after day.

    It changes only when something is announced or ends, so the table of a day is that of the day before
    unless there was news in between.

    Parameters
    ----------
    events : DataFrame
        A row a vintage, with `announced_on` and `ended_on`.
    """

    def __init__(self, events: pd.DataFrame) -> None:
        self._events = events
        days = pd.DatetimeIndex(pd.concat([events["announced_on"], events["ended_on"]]).dropna())
        self._news = np.unique(days.as_unit("us").to_numpy())
        self._last: tuple[int, pd.DataFrame] | None = None

    def known_on(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return what `events_known_on` returns; a change to it reaches nobody else."""
        number = int(self._news.searchsorted(day.as_unit("us").to_datetime64(), side="right"))
        last = self._last
        if last is None or last[0] != number:
            last = self._last = (number, events_known_on(self._events, day))
        return last[1].copy(deep=False)


def live_events(events: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the scheduled events still ahead as far as was known on `day`, soonest first.

    An event announced as a window of days is ahead until the window's last day, `window_end`.
    """
    known = events_known_on(events, day)
    last = known["window_end"] if "window_end" in known else known["event_date"]
    ahead = known["scheduled"] & known["ended_on"].isna() & (last >= day.normalize())
    return known[ahead].sort_values(["event_date", "event_id"], ignore_index=True)


def load_events(path: Path, *, strict: bool = False) -> pd.DataFrame:
    """Return a catalogue of dated events, a row a vintage, without what only hindsight knows.

    Parameters
    ----------
    path : Path
        CSV with event_id, category, event_date, announced_on and optionally scheduled (default
        true), superseded_by (the event_id of the vintage that replaced or ended this one), region,
        and descriptive columns that are left out: title, status, note, source, verified.
    strict : bool
        Leave out the vintages whose announcement day is an estimate, which may be early: those whose
        note begins with `ann=est`. A vintage that such a one superseded stands until the first
        vintage after it whose announcement is known.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, sorted by event_date and event_id. `window_end` is the last day of
        the window that a note gives as `window=first..last`, else event_date. `ended_on` is the day the
        superseding vintage was announced, NaT where there is none.

    Raises
    ------
    DataError
        When a column is missing or unknown, an id repeats or is blank, a date is none, an event is
        announced after it happens, a vintage is superseded by an unknown or an earlier one, a note's
        `ann=` is none of exact, bound, est and same, or `strict` finds a catalogue without notes.
    """
    where = f"events {path}"
    table = read_csv(path, where=where)
    for column in table.columns:
        if column not in KNOWN:
            raise DataError(f"{where}: no column {column!r} is known; {suggest(column, KNOWN)}")
    for column in REQUIRED:
        if column not in table.columns:
            raise DataError(f"{where}: no column {column!r}; the header is {', '.join(table.columns)}")
    ids = _ids(table, where)
    happens = parse_times(table, "event_date", where=where)
    announced = parse_times(table, "announced_on", where=where)
    late = np.flatnonzero(announced > happens)
    if len(late):
        row = int(late[0])
        raise DataError(
            f"{where}: {table.at(row)} ({ids[row]}): announced_on must not be after event_date, "
            f"got {announced[row].date()} and {happens[row].date()}"
        )
    estimated = _estimated(table, ids, where)
    if strict and "note" not in table.columns:
        raise DataError(
            f"{where}: events_strict needs a column 'note' that begins with ann=exact, bound, est or same "
            f"in each row; the header is {', '.join(table.columns)}"
        )
    left_out = estimated if strict else np.zeros(len(table), dtype=bool)
    events = pd.DataFrame(
        {
            "event_id": ids,
            "category": [text.strip() for text in table.columns["category"]],
            "event_date": happens,
            "announced_on": announced,
            "ended_on": _ended_on(table, ids, announced, left_out, where),
            "scheduled": _truths(table, "scheduled", where),
            "region": [text.strip() for text in table.columns.get("region", [""] * len(table))],
            "window_end": _window_ends(table, ids, happens, where),
        }
    )
    return events[~left_out].sort_values(["event_date", "event_id"], ignore_index=True)[list(COLUMNS)]


def _ids(table: Table, where: str) -> list[str]:
    """Return the event ids, each checked to be there and to be the only one."""
    ids = [text.strip() for text in table.columns["event_id"]]
    seen: dict[str, int] = {}
    for row, event_id in enumerate(ids):
        if not event_id:
            raise DataError(f"{where}: {table.at(row)}: event_id must not be blank")
        if event_id in seen:
            raise DataError(
                f"{where}: {table.at(row)}: event_id {event_id!r} must be unique, {table.at(seen[event_id])} has it too; "
                "give each vintage its own id"
            )
        seen[event_id] = row
    return ids


def _ended_on(
    table: Table, ids: list[str], announced: pd.DatetimeIndex, left_out: np.ndarray, where: str
) -> pd.DatetimeIndex:
    """Return the day each vintage stopped standing: the announcement of the next one that is not left out."""
    rows = {event_id: row for row, event_id in enumerate(ids)}
    named = [text.strip() for text in table.columns.get("superseded_by", [""] * len(table))]
    for row, successor in enumerate(named):
        if not successor:
            continue
        if successor not in rows or successor == ids[row]:
            raise DataError(
                f"{where}: {table.at(row)} ({ids[row]}): superseded_by must be another event_id, got {successor!r}; "
                f"{suggest(successor, [event_id for event_id in ids if event_id != ids[row]][:2000])}"
            )
        day = announced[rows[successor]]
        if day < announced[row]:
            raise DataError(
                f"{where}: {table.at(row)} ({ids[row]}): superseded_by {successor!r} was announced on {day.date()}, "
                f"before this vintage was, on {announced[row].date()}"
            )
    ended: list[pd.Timestamp | None] = []
    for row, successor in enumerate(named):
        passed = {row}
        while successor and left_out[rows[successor]] and rows[successor] not in passed:
            passed.add(rows[successor])  # vintages announced on one day may name each other
            successor = named[rows[successor]]
        known = successor and not left_out[rows[successor]]
        ended.append(announced[rows[successor]] if known else None)
    return pd.DatetimeIndex(np.array(ended, dtype="datetime64[us]"))


def _estimated(table: Table, ids: list[str], where: str) -> np.ndarray:
    """Return whether each row's announcement day is an estimate by its note, bool of shape (n_rows,)."""
    estimated = np.zeros(len(table), dtype=bool)
    for row, note in enumerate(table.columns.get("note", [""] * len(table))):
        found = QUALITY.match(note)
        if found and found[1] not in QUALITIES:
            raise DataError(
                f"{where}: {table.at(row)} ({ids[row]}): the note's ann= must be one of {', '.join(QUALITIES)}, "
                f"got {found[1]!r}"
            )
        estimated[row] = found is not None and found[1] == "est"
    return estimated


def _window_ends(table: Table, ids: list[str], happens: pd.DatetimeIndex, where: str) -> pd.DatetimeIndex:
    """Return the last day each event may fall on, as it was announced: event_date where no window was."""
    ends = list(happens)
    for row, note in enumerate(table.columns.get("note", [""] * len(table))):
        found = WINDOW.search(note)
        if found is None:
            continue
        end = pd.to_datetime(found[2], format="%Y-%m-%d", errors="coerce")
        if pd.isna(end) or end < happens[row]:
            raise DataError(
                f"{where}: {table.at(row)} ({ids[row]}): the note's window= must be first..last, two dates "
                f"of which the last is not before event_date, got {found[0]!r}"
            )
        ends[row] = end
    return pd.DatetimeIndex(np.array(ends, dtype="datetime64[us]"))


def _truths(table: Table, column: str, where: str) -> np.ndarray:
    """Return a column of true and false; true where the file has no such column."""
    values = table.columns.get(column, ["true"] * len(table))
    for row, text in enumerate(values):
        if text.strip().lower() not in TRUTH:
            raise DataError(f"{where}: {table.at(row)}: {column} must be true or false, got {text!r}")
    return np.array([TRUTH[text.strip().lower()] for text in values], dtype=bool)
