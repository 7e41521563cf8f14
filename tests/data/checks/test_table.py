"""A data check is a function and a row of the table: loading a market and inspecting a series run every row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.files import CsvFeed
from raisecash.data.checks import table
from raisecash.data.checks.subjects import AllAssets, OneSeries, TwoSources
from raisecash.data.checks.table import CHECKS, DataCheck
from raisecash.data.history import FINDING_KINDS, Finding, found
from raisecash.data.inspecting import inspect_series
from raisecash.data.load import load_market


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of thirty quiet days."""
    days = pd.date_range("2024-01-01", periods=30)
    close = 100.0 + np.arange(30) % 7
    path = tmp_path / "x.csv"
    pd.DataFrame({"Date": days, "Close": close}).to_csv(path, index=False)
    return path


def too_quiet(series: OneSeries) -> Finding:
    """Return a finding of any series: a check that somebody adds."""
    return found(series.name, "stale", "info", series.times, f"looked at {len(series.bars)} rows")


def together(assets: AllAssets) -> tuple[Finding, ...]:
    return tuple(
        found(each.name, "overlap", "info", pd.DatetimeIndex([assets.last]), "looked at")
        for each in assets.histories
    )


def beside(sources: TwoSources) -> None:
    raise AssertionError(f"{sources.history.name} beside {sources.twin.name}")


def test_a_check_added_to_the_table_is_run_by_load_and_by_inspect(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = (
        DataCheck(looks_at="prices", function=too_quiet, kinds=("stale",)),
        DataCheck(looks_at="signals", function=too_quiet, kinds=("stale",)),
        DataCheck(looks_at="assets", function=together, kinds=("overlap",)),
    )
    feed = CsvFeed(path=file)

    def said() -> set[tuple[str, str]]:
        loaded = load_market({"X": feed}, {"S": feed}, start=pd.Timestamp("2024-01-11"))
        prices, _ = inspect_series(str(file))
        values, _ = inspect_series(str(file), signal=True)
        every = (*loaded.findings, *prices.findings, *values.findings)
        return {(each.series, each.message) for each in every}

    before = said()
    monkeypatch.setattr(table, "CHECKS", (*CHECKS, *added))
    assert said() - before == {
        ("X", "X: looked at 20 rows"),
        ("S", "S: looked at 20 rows"),
        ("x", "x: looked at 30 rows"),
        ("X", "X: looked at"),
    }


def test_a_check_of_two_sources_is_run_where_there_is_a_second_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    twin = tmp_path / "twin.csv"
    twin.write_text(file.read_text())
    monkeypatch.setattr(
        table, "CHECKS", (DataCheck(looks_at="sources", function=beside, kinds=("differs",)),)
    )
    load_market({"X": CsvFeed(path=file)})
    with pytest.raises(AssertionError, match="X beside X"):
        load_market({"X": CsvFeed(path=file, cross_check=CsvFeed(path=twin))})


def test_every_row_has_a_function_that_says_what_it_does_and_kinds_that_there_are() -> None:
    for check in CHECKS:
        assert check.function.__doc__
        assert check.kinds
        assert set(check.kinds) <= set(FINDING_KINDS)
    assert len({(check.looks_at, check.name) for check in CHECKS}) == len(CHECKS)
