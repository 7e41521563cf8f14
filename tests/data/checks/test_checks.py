"""What the data checks see in series made for it, and in the real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.checks.table import check_prices, check_signal
from raisecash.data.history import FINDING_KINDS, Finding, History
from raisecash.data.request import Request


def series(times: pd.DatetimeIndex, close: np.ndarray | None = None, **columns: object) -> History:
    if close is None:
        close = 100.0 + np.arange(len(times)) % 7
    frame = pd.DataFrame(
        {"open": close, "high": close, "low": close, "close": close, "volume": np.nan}, index=times
    ).assign(**columns)
    return History(name="X", frame=frame, source="by hand")


def kinds(history: History, **window: pd.Timestamp) -> dict[str, Finding]:
    found = check_prices(history, **window)
    assert all(finding.kind in FINDING_KINDS and finding.series == "X" for finding in found)
    return {finding.kind: finding for finding in found}


DAILY = pd.date_range("2024-01-01", "2024-03-31")
WEEKDAYS = pd.bdate_range("2024-01-01", "2024-03-31")


def test_a_sound_series_has_no_finding() -> None:
    assert kinds(series(DAILY)) == {}
    assert kinds(series(WEEKDAYS)) == {}


def test_missing_days_of_a_seven_day_series_are_counted() -> None:
    holed = DAILY.drop(pd.DatetimeIndex(["2024-01-10", "2024-02-01", "2024-02-02"]))
    gap = kinds(series(holed))["gap"]
    assert (gap.count, gap.first, gap.last) == (3, "2024-01-09", "2024-02-03")
    assert "2024-01-31 and 2024-02-03" in gap.message


def test_a_long_weekend_is_no_gap_and_a_week_without_sessions_is() -> None:
    assert kinds(series(WEEKDAYS.drop(pd.Timestamp("2024-01-15")))) == {}
    week = WEEKDAYS.drop(pd.bdate_range("2024-01-15", "2024-01-19"))
    gap = kinds(series(week))["gap"]
    assert (gap.count, gap.first, gap.last) == (1, "2024-01-12", "2024-01-22")


def test_missing_hours_are_counted() -> None:
    hours = pd.date_range("2024-01-01", "2024-01-20", freq="h")
    holed = series(hours.delete([50, 51]))
    assert kinds(holed)["gap"].count == 2


def test_five_equal_closes_are_stale_and_four_are_not() -> None:
    close = 100.0 + np.arange(len(DAILY)) % 7
    four, five = close.copy(), close.copy()
    four[10:14] = four[10]
    five[10:15] = five[10]
    assert "stale" not in kinds(series(DAILY, four))
    stale = kinds(series(DAILY, five))["stale"]
    assert (stale.count, stale.first, stale.last) == (5, "2024-01-11", "2024-01-15")


def test_a_jump_is_an_outlier_only_when_wide_in_itself_and_for_the_series() -> None:
    quiet = 100.0 * np.exp(0.001 * np.sin(np.arange(len(DAILY))))
    quiet[50:] *= 1.3
    assert kinds(series(DAILY, quiet))["outlier"].first == "2024-02-20"
    small = quiet.copy()
    small[50:] *= 1.2 / 1.3
    assert "outlier" not in kinds(series(DAILY, small))
    wild = 100.0 * np.exp(0.2 * np.sin(np.arange(len(DAILY))))
    wild[50:] *= 1.3
    assert "outlier" not in kinds(series(DAILY, wild))


@pytest.mark.parametrize(("sigmas", "count"), [(6.5, 0), (9.0, 0), (11.9, 0), (12.1, 2), (20.0, 2)])
def test_a_move_is_an_outlier_above_twelve_robust_standard_deviations(sigmas: float, count: int) -> None:
    """Log returns of s and -s in turn, and one move up and back: their median is 0, and that of their sizes s.

    1.4826 s is 3.5%, so that every one of these moves up is wider than 25%.
    """
    moves = np.tile([0.035 / 1.4826, -0.035 / 1.4826], 40)
    moves = np.concatenate((moves[:40], [sigmas * 0.035, -sigmas * 0.035], moves[40:]))
    days = pd.date_range("2024-01-01", periods=len(moves) + 1)
    found = kinds(series(days, 100 * np.exp(np.concatenate(([0.0], np.cumsum(moves))))))
    assert ("outlier" in found) == (count > 0)
    assert not count or (found["outlier"].count, found["outlier"].first) == (count, "2024-02-11")


@pytest.mark.parametrize(("move", "is_outlier"), [(0.247, False), (0.253, True), (-0.253, True)])
def test_a_move_of_a_quarter_or_less_is_no_outlier_however_quiet_the_series(
    move: float, is_outlier: bool
) -> None:
    close = 100.0 * np.exp(0.001 * np.tile([0.0, 1.0], 50))
    close[50:] *= 1 + move
    days = pd.date_range("2024-01-01", periods=100)
    assert ("outlier" in kinds(series(days, close))) == is_outlier


def test_zero_volume_counts_only_where_there_is_some() -> None:
    some = np.ones(len(DAILY))
    some[3] = 0
    assert kinds(series(DAILY, volume=some))["zero_volume"].count == 1
    assert kinds(series(DAILY, volume=0.0)) == {}


def test_only_the_window_is_looked_at() -> None:
    holed = series(DAILY.drop(pd.Timestamp("2024-01-10")))
    assert kinds(holed, start=pd.Timestamp("2024-02-01"), end=pd.Timestamp("2024-03-01")) == {}


def test_a_series_that_starts_late_or_ends_early_says_so() -> None:
    late = kinds(series(DAILY), start=pd.Timestamp("2023-12-01"))["late_start"]
    assert late.first == "2024-01-01"
    values = History(name="X", frame=pd.DataFrame({"value": 1.0}, index=WEEKDAYS), source="by hand")
    start, end = pd.Timestamp("2023-12-01"), pd.Timestamp("2024-06-30")
    assert [f.kind for f in check_signal(values, start=start, end=end)] == ["late_start", "ended"]
    assert check_signal(values, start=WEEKDAYS[0], end=pd.Timestamp("2024-04-05")) == ()


@pytest.mark.parametrize(("name", "count"), [("USDJPY", 257), ("VIX", 47), ("BTC-USD", 0)])
def test_the_real_files_bars_that_do_not_bracket_are_all_found(
    real_data: Path, name: str, count: int
) -> None:
    """257 and 47 are the counts of the data's own provenance notes."""
    history = CsvFeed(path=real_data / "market" / f"{name}.csv").prices("X", Request())
    found = kinds(history)
    assert (found["unbracketed"].count if count else 0) == count
    assert ("unbracketed" in found) == bool(count)


def test_the_real_gap_of_usdjpy_in_august_2008_is_found(real_data: Path) -> None:
    history = CsvFeed(path=real_data / "market" / "USDJPY.csv").prices("X", Request())
    gap = kinds(history, start=pd.Timestamp("2008-07-01"), end=pd.Timestamp("2008-10-01"))["gap"]
    assert gap.count == 2
    assert (gap.first, gap.last) == ("2008-07-31", "2008-08-26")
