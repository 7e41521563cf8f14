"""A folder of files stands in for feeds, by name first and by symbol or series then."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_feeds.crypto.feed import CryptoFeed
from data_feeds.files import CsvFeed, ParquetFeed
from data_feeds.sample.feed import SampleFeed
from data_feeds.yahoo.feed import YahooFeed
from raisecash.data.folder import check_folder, folder_feed
from raisecash.errors import ConfigError

BTC = CryptoFeed(exchange="coinbase", symbol="BTC/USD")
IRX = YahooFeed(symbol="^IRX", lag=2)


def test_the_name_comes_before_the_symbol_and_csv_before_parquet(tmp_path: Path) -> None:
    assert folder_feed(tmp_path, "BTC", BTC) is None
    for name, kind in (("BTC-USD.parquet", ParquetFeed), ("BTC-USD.csv", CsvFeed), ("BTC.csv.gz", CsvFeed)):
        (tmp_path / name).touch()
        found = folder_feed(tmp_path, "BTC", BTC)
        assert isinstance(found, kind)
        assert found.path == tmp_path / name


def test_a_caret_is_dropped_and_the_feeds_lag_kept(tmp_path: Path) -> None:
    (tmp_path / "IRX.csv").touch()
    found = folder_feed(tmp_path, "cash_yield", IRX)
    assert found is not None
    assert (found.path.name, found.known_lag) == ("IRX.csv", 2)


def test_price_is_kept_only_where_the_config_says_it(tmp_path: Path) -> None:
    (tmp_path / "SPY.csv").touch()
    silent = folder_feed(tmp_path, "SPY", YahooFeed(symbol="SPY"))
    explicit = folder_feed(tmp_path, "SPY", YahooFeed(symbol="SPY", price="raw", missing="drop"))
    assert silent is not None
    assert explicit is not None
    assert silent.price is None
    assert (explicit.price, explicit.missing) == ("raw", "drop")


def test_the_column_of_a_file_feed_is_kept(tmp_path: Path) -> None:
    (tmp_path / "JGB10Y.csv").touch()
    found = folder_feed(tmp_path, "JGB10Y", CsvFeed(path=Path("curve.csv"), column="10Y"))
    assert found is not None
    assert found.column == "10Y"


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.csv").touch()
    assert folder_feed(tmp_path / "inside", "../secret", SampleFeed(series="BTC")) is None


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        check_folder(tmp_path / "absent")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file"):
        check_folder(tmp_path / "file")
