"""The offline sample is what its README says it is."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from data_feeds.files import CsvFeed
from data_feeds.sample.feed import FOLDER, SampleFeed
from raisecash.data.request import Request

REQUEST = Request()


@pytest.mark.parametrize("series", ["BTC", "SP500"])
def test_the_shipped_figures_have_the_hash_the_readme_gives(series: str) -> None:
    digest = hashlib.sha256(gzip.decompress((FOLDER / f"{series}.csv.gz").read_bytes())).hexdigest()
    assert f"`{digest}`" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("series", ["BTC", "SP500"])
def test_the_shipped_files_carry_no_time_stamp(series: str) -> None:
    assert (FOLDER / f"{series}.csv.gz").read_bytes()[4:8] == b"\0\0\0\0"


def test_bitcoin_is_the_reference_series_of_the_test_data(real_data: Path) -> None:
    sample = SampleFeed(series="BTC").prices("BTC", REQUEST).frame
    path = real_data / "market" / "BTC_coinmetrics_close.csv"
    expected = CsvFeed(path=path).prices("BTC", REQUEST).frame
    assert sample.equals(expected)
    assert (len(sample), str(sample.index[-1].date())) == (5385, "2025-04-14")


def test_the_index_agrees_with_another_vendor(real_data: Path) -> None:
    sample = SampleFeed(series="SP500").prices("SP500", REQUEST).frame["close"]
    vendor = CsvFeed(path=real_data / "market" / "GSPC.csv").prices("GSPC", REQUEST).frame["close"]
    assert (len(sample), str(sample.index[-1].date())) == (8313, "2022-12-28")
    both = vendor.reindex(sample.index)
    assert np.abs(sample / both - 1).max() < 1e-7


def test_every_price_of_the_sample_is_the_close_and_the_note_says_what_it_lacks() -> None:
    history = SampleFeed(series="SP500").prices("SPY", REQUEST)
    for column in ("open", "high", "low"):
        assert history.frame[column].equals(history.frame["close"].rename(column))
    assert history.name == "SPY"
    assert "pays no dividends" in history.note
    assert "ends on 2022-12-28" in history.note
    assert "Coin Metrics" in SampleFeed(series="BTC").signal("BTC", REQUEST).note
