"""The Ministry of Finance's curve: every tenor of its file, two files joined, known a day later."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data_feeds import mof
from data_feeds.mof import MofFeed, parse_mof
from raisecash.data.registry import parse_feed
from raisecash.data.request import Request
from raisecash.errors import ConfigError, DataError
from tests.support.vendors.stub_server import Answer, serving
from tests.support.vendors.text_stubs import TENORS, Mof, mof_text

TODAY = pd.Timestamp("2026-06-30")


@pytest.fixture
def curve(price_data: Path) -> pd.DataFrame:
    """Return every tenor of a file, read without the feed's code."""
    with (price_data / "market" / "JGB_curve.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    figures = [[float(text) if text else np.nan for text in row[1:]] for row in rows]
    return pd.DataFrame(figures, index=pd.DatetimeIndex([row[0] for row in rows]), columns=header[1:])[:TODAY]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., pd.Series]:
    def asked(stub: Any, tenor: str = "10Y", **window: str) -> pd.Series:
        monkeypatch.setattr(mof, "today_in", lambda zone: TODAY)
        with serving(stub) as base:
            monkeypatch.setattr(mof, "BASE_URL", base)
            request = Request(**{key: pd.Timestamp(day) for key, day in window.items()})
            values: pd.Series = MofFeed(tenor=tenor).signal("JGB", request).frame["value"]
        return values

    return asked


def test_every_tenor_of_the_file_is_reproduced(curve: pd.DataFrame) -> None:
    assert tuple(curve.columns) == TENORS
    text = mof_text(curve)
    for tenor in TENORS:
        values = parse_mof(text, tenor, where="JGB")
        wanted = curve[tenor].dropna()
        assert list(values.index) == list(wanted.index)
        assert values.tolist() == wanted.tolist()


def test_history_and_running_month_are_one_series(curve: pd.DataFrame, ask: Callable[..., pd.Series]) -> None:
    values = ask(Mof(curve, month_start=pd.Timestamp("2026-06-01")))
    assert values.tolist() == curve["10Y"].dropna().tolist()
    assert (
        ask(Mof(curve, month_start=pd.Timestamp("2026-06-01")), "40Y").tolist()
        == curve["40Y"].dropna().tolist()
    )


def test_only_the_files_of_the_window_are_asked_for(
    curve: pd.DataFrame, ask: Callable[..., pd.Series]
) -> None:
    paths: list[str] = []
    stub = Mof(curve, month_start=pd.Timestamp("2026-06-01"))

    def watched(path: str, query: dict[str, str], host: str) -> Answer:
        paths.append(path.rpartition("/")[2])
        return stub(path, query, host)

    assert len(ask(watched, start="2026-06-01")) == len(curve.loc["2026-06"])
    assert paths == ["jgbcme.csv"]
    paths.clear()
    assert ask(watched, "2Y", end="2026-05-29").index[-1] == pd.Timestamp("2026-05-29")
    assert paths == ["jgbcme_all.csv"]


def test_a_month_without_a_figure_yet_is_no_fault(curve: pd.DataFrame, ask: Callable[..., pd.Series]) -> None:
    values = ask(Mof(curve.loc[:"2026-05-29"], month_start=pd.Timestamp("2026-06-01")))
    assert values.index[-1] == pd.Timestamp("2026-05-29")


def small(days: str, values: list[float]) -> pd.DataFrame:
    return pd.DataFrame(dict.fromkeys(TENORS, values), index=pd.bdate_range(days, periods=len(values)))


def test_a_day_in_both_files_must_have_one_figure(ask: Callable[..., pd.Series]) -> None:
    history, current = small("2026-05-25", [1.0, 1.1, 1.2]), small("2026-05-27", [1.2, 1.3])

    def both(path: str, query: dict[str, str], host: str) -> Answer:
        return Answer(body=mof_text(history if "historical" in path else current))

    assert ask(both).tolist() == [1.0, 1.1, 1.2, 1.3]
    current.iloc[0] = 1.25
    with pytest.raises(DataError, match=r"two files disagree on 2026-05-27: 1\.2 and 1\.25"):
        ask(both, "9Y")


def test_a_history_cut_at_a_line_does_not_meet_the_running_month(ask: Callable[..., pd.Series]) -> None:
    history, current = small("2026-04-01", [1.0, 1.1]), small("2026-06-01", [1.2])

    def both(path: str, query: dict[str, str], host: str) -> Answer:
        return Answer(body=mof_text(history if "historical" in path else current))

    with pytest.raises(
        DataError, match=r"history ends on 2026-04-02 and its running month begins on 2026-06-01"
    ):
        ask(both)


def test_a_lag_that_is_given_replaces_the_feeds_own() -> None:
    assert MofFeed(tenor="10Y", lag=0).known_lag == 0


def test_a_tenor_that_is_not_on_the_curve_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: JGB: tenor must be '1Y', '2Y'.* got '12Y'"):
        parse_feed({"feed": "mof", "tenor": "12Y"}, where="x.toml: JGB", base_dir=Path())
