"""FRED's download: a ten-year yield, both spellings of its header, days without a figure."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_feeds import fred
from data_feeds.fred import FredFeed
from raisecash.data.registry import parse_feed
from raisecash.data.request import Request
from raisecash.errors import ConfigError, DataError
from tests.support.vendors.stub_server import Answer, serving
from tests.support.vendors.text_stubs import Fred


@pytest.fixture
def yields(price_data: Path) -> pd.Series:
    """Return ten-year yields, read without the feed's code."""
    with (price_data / "market" / "DGS10.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return pd.Series([float(row[1]) for row in rows], index=pd.DatetimeIndex([row[0] for row in rows]))


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., pd.Series]:
    def asked(stub: Any, series: str = "DGS10", **window: str) -> pd.Series:
        with serving(stub) as base:
            monkeypatch.setattr(fred, "BASE_URL", base)
            request = Request(**{key: pd.Timestamp(day) for key, day in window.items()})
            values: pd.Series = FredFeed(series=series).signal("UST", request).frame["value"]
        return values

    return asked


@pytest.mark.parametrize("column", ["observation_date", "DATE"])
def test_the_whole_file_is_reproduced(yields: pd.Series, ask: Callable[..., pd.Series], column: str) -> None:
    holidays = pd.bdate_range(yields.index[0], yields.index[-1]).difference(yields.index)
    with_blanks = pd.concat([yields, pd.Series(np.nan, index=holidays)]).sort_index()
    values = ask(Fred(with_blanks, date_column=column))
    assert list(values.index) == list(yields.index)
    assert values.tolist() == yields.tolist()


def test_a_dot_is_no_figure(ask: Callable[..., pd.Series]) -> None:
    body = "DATE,DGS10\n2021-01-04,0.93\n2021-01-05,.\n2021-01-06,\n2021-01-07,1.04\n"
    values = ask(lambda path, query, host: Answer(body=body))
    assert values.to_dict() == {pd.Timestamp("2021-01-04"): 0.93, pd.Timestamp("2021-01-07"): 1.04}


def test_the_window_is_what_is_asked_for(yields: pd.Series, ask: Callable[..., pd.Series]) -> None:
    values = ask(Fred(yields), start="2024-01-01", end="2024-01-31")
    assert values.index.tolist() == yields.loc["2024-01"].index.tolist()
    assert len(values) > 20


def test_a_series_in_small_letters_is_the_same_series(
    yields: pd.Series, ask: Callable[..., pd.Series]
) -> None:
    assert len(ask(Fred(yields), "dgs10", start="2026-05-01")) == len(yields["2026-05-01":])
    assert FredFeed(series="dgs10").cache_key == FredFeed(series="DGS10").cache_key


def test_another_series_than_asked_for_is_refused(yields: pd.Series, ask: Callable[..., pd.Series]) -> None:
    def other(path: str, query: dict[str, str], host: str) -> Answer:
        return Fred(yields, "DGS2")(path, {**query, "id": "DGS2"}, host)

    with pytest.raises(
        DataError, match="must begin with observation_date,DGS10, got 'observation_date,DGS2'"
    ):
        ask(other)


def test_a_lag_that_is_given_replaces_the_feeds_own() -> None:
    assert FredFeed(series="DTB3", lag=0).known_lag == 0


def test_a_name_no_series_can_have_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: UST: series must"):
        parse_feed({"feed": "fred", "series": "DGS10&x=1"}, where="x.toml: UST", base_dir=Path())
