"""Cboe's history files: the VIX, indices of one value a day, the running day left out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_feeds import cboe
from data_feeds.cboe import CboeFeed
from raisecash.data.request import Request
from raisecash.errors import DataError, NetworkError
from tests.support.vendors.stub_server import Answer, serving
from tests.support.vendors.text_stubs import Cboe

PRICES = ["open", "high", "low", "close"]


@pytest.fixture
def vix(price_data: Path) -> pd.DataFrame:
    """Return a VIX, read without the feed's code."""
    with (price_data / "market" / "VIX.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    figures = [[float(text) for text in row[1:5]] for row in rows]
    return pd.DataFrame(figures, index=pd.DatetimeIndex([row[0] for row in rows]), columns=PRICES)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., pd.DataFrame]:
    def asked(stub: Any, series: str = "VIX", today: str = "2026-07-24", **window: str) -> pd.DataFrame:
        monkeypatch.setattr(cboe, "today_in", lambda zone: pd.Timestamp(today))
        with serving(stub) as base:
            monkeypatch.setattr(cboe, "BASE_URL", base)
            request = Request(**{key: pd.Timestamp(day) for key, day in window.items()})
            return CboeFeed(series=series).prices("VIX", request).frame

    return asked


def test_the_whole_file_is_reproduced(vix: pd.DataFrame, ask: Callable[..., pd.DataFrame]) -> None:
    frame = ask(Cboe(vix))
    assert list(frame.index) == list(vix.index)
    assert frame[PRICES].to_numpy().tolist() == vix.to_numpy().tolist()


def test_the_running_day_is_left_out(vix: pd.DataFrame, ask: Callable[..., pd.DataFrame]) -> None:
    assert ask(Cboe(vix), today=str(vix.index[-1].date())).index[-1] == vix.index[-2]


def test_an_index_of_one_value_a_day(vix: pd.DataFrame, ask: Callable[..., pd.DataFrame]) -> None:
    single = vix[["close"]].set_axis(["vvix"], axis=1)
    frame = ask(Cboe(single, "VVIX"), "VVIX", start="2026-07-01")
    assert frame["open"].tolist() == frame["close"].tolist() == vix["close"].loc["2026-07-01":].tolist()


def test_a_file_that_stops_is_discontinued_or_cut(
    vix: pd.DataFrame, ask: Callable[..., pd.DataFrame]
) -> None:
    with pytest.raises(DataError, match=r"stops on 2025-12-31.*end the window on 2025-12-31 at the latest"):
        ask(Cboe(vix.loc[:"2025-12-31"]))
    assert len(ask(Cboe(vix.loc[:"2025-12-31"]), start="2025-12-01", end="2025-12-31")) == len(
        vix.loc["2025-12"]
    )


def test_an_index_that_does_not_exist_is_denied_like_a_blocked_computer(
    vix: pd.DataFrame, ask: Callable[..., pd.DataFrame]
) -> None:
    with pytest.raises(DataError, match="no history file of 'VIY', or blocks this computer") as caught:
        ask(Cboe(vix), "VIY")
    assert not isinstance(caught.value, NetworkError)


def test_a_list_of_other_columns_is_refused(ask: Callable[..., pd.DataFrame]) -> None:
    body = "DATE,VVIX\n07/23/2026,90.1\n"
    with pytest.raises(NetworkError, match="must begin with DATE,OPEN,HIGH,LOW,CLOSE, got 'DATE,VVIX'"):
        ask(lambda path, query, host: Answer(body=body))
