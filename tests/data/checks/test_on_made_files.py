"""What the checks say of long files in which nothing is wrong, and of what is planted in them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.checks.table import check_prices, check_sources
from raisecash.data.history import Finding, History
from raisecash.data.request import Request

CALENDARS = {"BTC-USD": "24/7", "SPY": "XNYS", "QQQ": "XNYS"}


def read(folder: Path, name: str) -> History:
    history = CsvFeed(path=folder / "market" / f"{name}.csv").prices(name, Request())
    return History(name=name, frame=history.frame, source="file", calendar=CALENDARS[name])


def differences(one: History, other: History) -> dict[str, Finding]:
    first, last = one.frame.index[0], one.frame.index[-1]
    return {finding.kind: finding for finding in check_sources(one, other, start=first, end=last)}


@pytest.mark.parametrize("name", CALENDARS)
def test_a_sound_file_has_every_session_of_its_exchange_and_no_finding(made_data: Path, name: str) -> None:
    history = read(made_data, name)
    assert check_prices(history) == ()


@pytest.mark.parametrize("name", CALENDARS)
def test_a_session_taken_out_and_a_day_put_in_are_found(made_data: Path, name: str) -> None:
    """2024-07-03 was a session everywhere, 2024-07-06 a Saturday: a day on which no exchange is open."""
    history = read(made_data, name)
    missing, saturday = pd.Timestamp("2024-07-03"), pd.Timestamp("2024-07-06")
    frame = history.frame.drop(missing)
    if name != "BTC-USD":
        frame.loc[saturday] = frame.loc["2024-07-05"]
    damaged = History(name=name, frame=frame.sort_index(), source="file", calendar=CALENDARS[name])
    found = {finding.kind: finding for finding in check_prices(damaged)}
    absent = found["gap" if name == "BTC-USD" else "missing"]
    assert "2024-07-0" in absent.message
    assert absent.count == 1
    if name != "BTC-USD":
        assert (found["off_session"].first, found["off_session"].count) == ("2024-07-06", 1)


@pytest.mark.parametrize("ratio", [2, 4, 10])
def test_a_split_planted_in_a_sound_file_is_found_on_its_day(made_data: Path, ratio: int) -> None:
    bars = read(made_data, "SPY").frame.copy()
    later = bars.index >= "2024-05-02"
    bars.loc[later, ["open", "high", "low", "close"]] /= ratio
    bars.loc[later, "volume"] *= ratio
    found = {each.kind: each for each in check_prices(History(name="SPY", frame=bars, source="file"))}
    split = found["split"]
    assert (split.first, split.count, split.severity) == ("2024-05-02", 1, "error")


@pytest.mark.parametrize("lag", [1, -1])
def test_a_stretch_a_bar_off_is_found_to_the_day(made_data: Path, lag: int) -> None:
    """From 1 March to 31 August 2024 each row is that of the day after, or before: 184 days."""
    btc = read(made_data, "BTC-USD")
    frame = btc.frame.copy()
    stretch = slice("2024-03-01", "2024-08-31")
    frame.loc[stretch] = btc.frame.shift(-lag).loc[stretch]
    shifted = differences(History(name="BTC-USD", frame=frame, source="file"), btc)["shifted"]
    assert (shifted.first, shifted.last, shifted.count) == ("2024-03-01", "2024-08-31", 184)
    assert shifted.severity == "error"
    assert ("one bar later (" if lag == 1 else "one bar earlier (") in shifted.message


def test_another_series_is_called_one(made_data: Path) -> None:
    found = differences(read(made_data, "SPY"), read(made_data, "QQQ"))
    assert set(found) == {"differs"}
    assert found["differs"].severity == "error"
    assert "not the same series" in found["differs"].message
