"""What looks wrong in a series that obeys every rule: holes, stale runs, outliers, splits, odd bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import SEVEN_DAYS, infer_periods_per_year, is_daily
from raisecash.data.calendars.sessions import ALWAYS
from raisecash.data.checks.sessions import closed_days, ended_early, holes_found, unfinished
from raisecash.data.checks.splits import splits
from raisecash.data.history import Finding, History, counted, found, stamp

# Every kind of finding there is; the page and `summary.json` use these words.
FINDING_KINDS = {
    "missing": "bars without a price, or sessions without a bar: carried or left out as the config says",
    "off_session": "bars on days on which the series' exchange is closed",
    "unfinished": "the last bar may still change: its day is not over",
    "overlap": "an exchange opens before another asset's bar of the day before has ended",
    "cached": "the vendor could not be asked; its last answer is used",
    "not_cached": "the vendor's answer could not be kept for later",
    "unreadable": "what was kept of the vendor's answers could not be read and was moved aside",
    "restated": "the vendor changed values it had given before",
    "rescaled": "the vendor lists a split, and every earlier price was multiplied by its ratio",
    "lost_rows": "an answer without bars the vendor had given before was refused",
    "fallback": "another exchange, named in the config, stood in",
    "late_start": "the series starts after the day asked for",
    "ended": "the series stops before the window does; its last value is carried on",
    "gap": "days without a bar",
    "stale": "the close does not change for five bars or more",
    "outlier": "a move above 25 % and above 12 robust standard deviations",
    "split": "an overnight move close to the ratio of a share split that stays",
    "unbracketed": "high or low does not enclose open and close",
    "zero_volume": "bars without volume in a series that has some",
    "uncredited": "dividends in the file are not paid out, because its prices may be adjusted for them",
    "differs": "how far the closes are from those of the second source",
    "shifted": "a stretch that matches the second source better one bar earlier or later",
    "unchecked": "the second source could not be compared with",
}
STALE_BARS = 5
LONGEST_CLOSURE = 5  # calendar days without a session that holidays can explain
OUTLIER_MOVE = 0.25
OUTLIER_SIGMAS = 12.0


def check_prices(
    history: History,
    *,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
    holes_judged: bool = False,
    now: pd.Timestamp | None = None,
) -> tuple[Finding, ...]:
    """Return what looks wrong in an asset's bars between two times, both inclusive.

    Parameters
    ----------
    history : History
    start, end : Timestamp, optional
        Default: all of it.
    holes_judged : bool
        Whether `raisecash.data.checks.holes` has already said what became of sessions without a bar.
    now : Timestamp, optional
        UTC without a zone; default the present.
    """
    bars = history.frame.loc[start:end]
    if len(bars) < 2:
        return ()
    times = pd.DatetimeIndex(bars.index)
    by_sessions = history.calendar not in (None, ALWAYS)
    holes: Finding | None = None
    if by_sessions and not holes_judged:
        holes = holes_found(history, times)
    elif not by_sessions and not (holes_judged and history.calendar):
        holes = _gaps(history.name, pd.DatetimeIndex(history.frame.index), times)
    seen = (
        _late_start(history.name, bars, start),
        ended_early(history, end),
        holes,
        closed_days(history, times, "warning"),
        unfinished(history, times, now),
        _stale(history.name, bars),
        _outliers(history.name, bars),
        splits(history.name, bars),
        _unbracketed(history.name, bars),
        _zero_volume(history.name, bars),
    )
    return tuple(finding for finding in seen if finding)


def check_signal(
    history: History, *, start: pd.Timestamp, end: pd.Timestamp, now: pd.Timestamp | None = None
) -> tuple[Finding, ...]:
    """Return what looks wrong in a signal: late, silent before the window ends, or off its calendar."""
    times = pd.DatetimeIndex(history.frame.index)
    inside = times[times.searchsorted(start) : times.searchsorted(end, side="right")]
    seen: list[Finding | None] = []
    if times[0] > start:
        message = (
            f"the first value is of {stamp(times[0])}, the window starts {stamp(start)}: unknown until then"
        )
        seen.append(found(history.name, "late_start", "warning", times[:1], message))
    seen += [
        _silent(history, times, end),
        holes_found(history, inside, "info", "the value before stands") if len(inside) else None,
        closed_days(history, inside, "info"),
        unfinished(history, inside, now),
    ]
    return tuple(finding for finding in seen if finding)


def _silent(history: History, times: pd.DatetimeIndex, end: pd.Timestamp) -> Finding | None:
    """Return whether a signal's last value is carried on for much longer than its values usually stand."""
    usual = np.median(np.diff(times.as_unit("us").asi8)) / 86_400e6 if len(times) > 1 else 1.0
    silent = (end - times[-1]).days
    if silent <= max(10, 3 * usual + history.lag):
        return None
    message = f"the last value, of {stamp(times[-1])}, is carried on for {silent} days"
    return found(history.name, "ended", "warning", times[-1:], message)


def _late_start(name: str, bars: pd.DataFrame, start: pd.Timestamp | None) -> Finding | None:
    times = pd.DatetimeIndex(bars.index)
    if start is None or (times[0] - start).days <= 7:
        return None
    message = f"the first bar is {stamp(times[0])}, the window starts {stamp(start)}: nothing can be held until then"
    return found(name, "late_start", "warning", times[:1], message)


def _gaps(name: str, all_times: pd.DatetimeIndex, times: pd.DatetimeIndex) -> Finding | None:
    """Seven-day series: any absent bar. Others: more calendar days apart than holidays explain."""
    apart = np.diff(times.as_unit("us").asi8)
    day = 86_400_000_000
    seven_day = infer_periods_per_year(all_times) == SEVEN_DAYS
    if seven_day:
        usual = day if is_daily(times) else int(np.median(apart))
        holes = np.flatnonzero(apart > usual)
        absent = int((apart[holes] // usual - 1).sum())
        what = f"{counted(absent, 'day' if usual == day else 'bar')} without a bar"
    elif infer_periods_per_year(all_times) == 252:
        holes = np.flatnonzero(np.diff(times.normalize().as_unit("us").asi8) > LONGEST_CLOSURE * day)
        absent = len(holes)
        what = f"{counted(absent, 'gap')} of more than {LONGEST_CLOSURE} calendar days"
    else:
        return None
    if not len(holes):
        return None
    widest = holes[np.argmax(apart[holes])]
    message = f"{what}; the widest lies between {stamp(times[widest])} and {stamp(times[widest + 1])}"
    edges = times[[holes[0], holes[-1] + 1]]
    return found(name, "gap", "warning", edges, message, count=absent)


def _stale(name: str, bars: pd.DataFrame) -> Finding | None:
    close = bars["close"].to_numpy(dtype=float)
    run = np.cumsum(np.r_[True, close[1:] != close[:-1]])
    lengths = np.bincount(run)[run]
    stale = lengths >= STALE_BARS
    if not stale.any():
        return None
    times = pd.DatetimeIndex(bars.index)[stale]
    message = f"the close repeats itself for {STALE_BARS} bars or more, {int(lengths.max())} at most"
    return found(name, "stale", "warning", times, message)


def _outliers(name: str, bars: pd.DataFrame) -> Finding | None:
    close = bars["close"].to_numpy(dtype=float)
    log_returns = np.diff(np.log(close))
    sigma = 1.4826 * float(np.median(np.abs(log_returns - np.median(log_returns))))
    wild = (np.abs(log_returns) > OUTLIER_SIGMAS * sigma) & (np.abs(np.expm1(log_returns)) > OUTLIER_MOVE)
    if not wild.any():
        return None
    times = pd.DatetimeIndex(bars.index)[1:]
    widest = int(np.argmax(np.where(wild, np.abs(log_returns), 0.0)))
    message = (
        f"{counted(int(wild.sum()), 'move')} above {OUTLIER_MOVE:.0%} and {OUTLIER_SIGMAS:g} robust standard deviations; "
        f"the widest is {np.expm1(log_returns[widest]):+.1%} on {stamp(times[widest])}"
    )
    return found(name, "outlier", "warning", times[wild], message)


def _unbracketed(name: str, bars: pd.DataFrame) -> Finding | None:
    body = bars[["open", "close"]].to_numpy(dtype=float)
    outside = (body.max(axis=1) > bars["high"].to_numpy()) | (body.min(axis=1) < bars["low"].to_numpy())
    if not outside.any():
        return None
    message = f"{counted(int(outside.sum()), 'bar')} whose high and low do not enclose open and close; figures are left as they are"
    return found(name, "unbracketed", "warning", pd.DatetimeIndex(bars.index)[outside], message)


def _zero_volume(name: str, bars: pd.DataFrame) -> Finding | None:
    volume = bars["volume"].to_numpy(dtype=float)
    none = volume == 0
    if not none.any() or not (volume > 0).any():
        return None
    message = f"{counted(int(none.sum()), 'bar')} without volume"
    return found(name, "zero_volume", "info", pd.DatetimeIndex(bars.index)[none], message)
