"""Share splits that were not adjusted for, planted by hand and looked for in the real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.checks.splits import splits
from raisecash.data.checks.subjects import OneSeries
from raisecash.data.history import Finding, History
from raisecash.data.request import Request

TIMES = pd.bdate_range("2024-01-01", periods=120)


def split_in(name: str, bars: pd.DataFrame) -> Finding | None:
    return splits(OneSeries(history=History(name=name, frame=bars, source="made")))


def quiet(price: float = 1.0, volume: float | None = None, *, at: int = 60) -> pd.DataFrame:
    """A calm series whose prices from one bar on are multiplied, and its volume too."""
    close = 100.0 * np.exp(0.005 * np.sin(np.arange(len(TIMES))))
    opening = np.r_[close[0], close[:-1]]
    factor = np.where(np.arange(len(TIMES)) >= at, price, 1.0)
    shares = np.where(np.arange(len(TIMES)) >= at, 1000 * (volume or 0), 1000.0)
    frame = pd.DataFrame({"open": opening * factor, "close": close * factor}, index=TIMES)
    return frame.assign(volume=shares if volume is not None else np.nan)


@pytest.mark.parametrize(
    ("price", "volume", "label"),
    [(1 / 2, 2, "2:1"), (1 / 3, 3, "3:1"), (2 / 3, 1.5, "3:2"), (10, 1 / 10, "1:10"), (1 / 10, 10, "10:1")],
)
def test_a_split_whose_volume_agrees_is_an_error(price: float, volume: float, label: str) -> None:
    finding = split_in("X", quiet(price, volume))
    assert finding is not None
    assert (finding.kind, finding.severity, finding.first, finding.count) == (
        "split",
        "error",
        str(TIMES[60].date()),
        1,
    )
    assert f"{label} on" in finding.message


def test_without_volume_it_is_a_warning() -> None:
    finding = split_in("X", quiet(0.5))
    assert finding is not None
    assert finding.severity == "warning"


def test_a_fall_by_half_without_more_shares_traded_is_no_split() -> None:
    assert split_in("X", quiet(0.5, 0.5)) is None


def test_a_fall_by_another_ratio_is_no_split() -> None:
    assert split_in("X", quiet(0.58, 1 / 0.58)) is None


def test_a_fall_that_is_made_good_is_no_split() -> None:
    frame = quiet()
    frame.iloc[60:63, :2] *= 0.5
    assert split_in("X", frame) is None


@pytest.mark.parametrize("name", ["SPY", "QQQ", "BTC-USD", "BTC_coinmetrics_close", "GSPC", "USDJPY"])
def test_no_real_file_looks_split(real_data: Path, name: str) -> None:
    bars = CsvFeed(path=real_data / "market" / f"{name}.csv").prices(name, Request()).frame
    assert split_in(name, bars) is None


def test_a_split_planted_in_a_real_file_is_found_on_its_day(real_data: Path) -> None:
    bars = CsvFeed(path=real_data / "market" / "SPY.csv").prices("SPY", Request()).frame.copy()
    later = bars.index >= "2017-05-02"
    bars.loc[later, ["open", "high", "low", "close"]] /= 2
    bars.loc[later, "volume"] *= 2
    finding = split_in("SPY", bars)
    assert finding is not None
    assert (finding.first, finding.count, finding.severity) == ("2017-05-02", 1, "error")
