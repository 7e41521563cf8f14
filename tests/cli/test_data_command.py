"""`raisecash data`: what is fetched, listed, looked into and removed, and what is said when it cannot be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from data_feeds.yahoo.feed import YahooFeed
from raisecash.cli import data as commands
from raisecash.data.cache import store as cache
from raisecash.errors import DataError, NetworkError
from tests.support.vendors.two_vendors import CONFIG, DAYS, the_json


@pytest.mark.parametrize("command", ["fetch", "list", "inspect", "clear"])
def test_every_data_commands_help_has_an_example(command, raisecash):
    said = raisecash("data", command, "--help")

    assert said.code == 0
    assert f"Example: raisecash data {command}" in " ".join(said.out.split())


def test_fetch_brings_every_live_series_into_the_cache(raisecash, config, vendors):
    said = raisecash("data", "fetch", config)

    assert said.code == 0
    rows = [line.split() for line in said.out.splitlines()[1:]]
    assert [row[0] for row in rows] == ["SPY", "SPY", "UST10Y", "cash_yield"]
    assert all("fetched" in row and "150" in row for row in rows)
    assert "SPY: asking yfinance SPY" in said.err
    assert "series: 4 of 4" in said.err
    assert [identity for identity, _ in vendors.asked] == ["SPY", "VOO", "DGS10", "DTB3"]


def test_fetch_asks_for_the_window_a_run_asks_for(raisecash, config, vendors):
    raisecash("data", "fetch", config, "--set", "market.start=2020-06-01", "--set", "market.end=2020-07-01")

    starts = {identity: request.start for identity, request in vendors.asked}
    assert starts["SPY"] == pd.Timestamp("2020-05-22")
    assert starts["DGS10"] == pd.Timestamp("2019-04-28")
    assert {request.end for _, request in vendors.asked} == {pd.Timestamp("2020-07-01")}


def test_a_second_fetch_asks_for_what_is_new_alone(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    vendors.asked.clear()
    vendors.rows = 160
    said = raisecash("data", "fetch", config, "--json")

    assert said.code == 0
    assert all(request.start == DAYS[120] for _, request in vendors.asked)
    assert [series["rows"] for series in the_json(said)["series"]] == [160] * 4
    assert the_json(said)["series"][0]["last"] == str(DAYS[159].date())


def test_fetch_tells_of_restated_history_and_a_refresh_takes_it(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    vendors.scale = {DAYS[140]: 1.02}
    kept = raisecash("data", "fetch", config)
    listed = raisecash("data", "list")
    refreshed = raisecash("data", "fetch", config, "--refresh")

    assert (kept.code, refreshed.code) == (0, 0)
    assert "warning: SPY: Yahoo Finance SPY re-stated 1 bar" in kept.out
    assert "re-stated" in next(line for line in listed.out.splitlines() if "yfinance:SPY" in line)
    assert "info: SPY: Yahoo Finance SPY re-stated 1 bar" in refreshed.out
    assert "re-stated" not in raisecash("data", "list").out


def test_one_vendor_that_is_down_does_not_keep_the_others_from_being_fetched(raisecash, config, vendors):
    vendors.errors = {"SPY": NetworkError("SPY: yfinance SPY: cannot be reached")}
    said = raisecash("data", "fetch", config, "--json")

    assert said.code == 2
    assert "error: SPY: yfinance SPY: cannot be reached" in said.err
    assert [series["exit_code"] for series in the_json(said)["series"]] == [2, 0, 0, 0]


def test_a_series_that_stays_as_old_as_it_was_is_a_failure_of_fetch(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    vendors.errors = {"SPY": DataError("SPY: yfinance SPY: no such symbol")}
    said = raisecash("data", "fetch", config)

    assert said.code == 2
    assert re.search(r"error: SPY: Yahoo Finance SPY comes from the cache.*no such symbol", said.err)


def test_an_answer_that_loses_rows_is_exit_code_1(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    vendors.rows = 100
    said = raisecash("data", "fetch", config, "--refresh")

    assert said.code == 1
    assert "refused" in said.out
    assert "rows would be lost" in said.err
    assert all(row["rows"] == 150 for row in the_json(raisecash("data", "list", "--json"))["series"])


def test_a_config_of_files_has_nothing_to_fetch(raisecash, folder, cache_here):
    said = raisecash("data", "fetch", folder / "study.toml")

    assert said.code == 0
    assert "nothing to fetch" in said.out


def test_list_says_what_there_is_of_each_series(raisecash, config, vendors, cache_here):
    raisecash("data", "fetch", config)
    said = raisecash("data", "list")
    documents = the_json(raisecash("data", "list", "--json"))

    assert [line.split()[0] for line in said.out.splitlines()[1:5]] == [
        "fred:DGS10",
        "fred:DTB3",
        "yfinance:SPY:1d",
        "yfinance:VOO:1d",
    ]
    assert f"4 series, {sum(each['bytes'] for each in documents['series']) / 1000:.1f} kB" in said.out
    entry = cache.kept(YahooFeed(symbol="SPY").cache_key)
    spy = documents["series"][2]
    assert (spy["vendor"], spy["rows"], spy["first"], spy["last"]) == (
        "Yahoo Finance SPY",
        150,
        "2020-01-02",
        str(DAYS[149].date()),
    )
    assert spy["sha256"] == entry.sha256
    assert spy["sha256"][:12] in said.out
    assert spy["bytes"] == Path(spy["path"]).stat().st_size
    assert documents["folder"] == str(cache_here)


def test_an_empty_cache_is_listed_and_cleared_as_such(raisecash, cache_here):
    for command in ("list", "clear"):
        said = raisecash("data", command)
        assert (said.code, said.out) == (0, f"nothing is cached in {cache_here}\n")
    assert the_json(raisecash("data", "list", "--json"))["series"] == []


def test_an_unreadable_entry_is_listed_as_such_and_can_be_cleared(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    path = cache.entry_path(YahooFeed(symbol="SPY").cache_key)
    path.write_bytes(b"PAR1 no more")

    assert "unreadable" in next(
        line for line in raisecash("data", "list").out.splitlines() if line.startswith(path.stem)
    )
    inspected = raisecash("data", "inspect", path.stem)
    assert inspected.code == 2
    assert "cannot be read" in inspected.err
    assert raisecash("data", "clear", path.stem, "--yes").code == 0
    assert not path.exists()


def test_a_word_that_means_several_series_is_exit_code_2(raisecash, config, vendors, cache_here):
    raisecash("data", "fetch", config)
    said = raisecash("data", "inspect", "1d")

    assert said.code == 2
    assert "is any of yfinance:SPY:1d, yfinance:VOO:1d" in said.err


def test_clear_removes_one_series_with_its_versions(raisecash, config, vendors, cache_here):
    raisecash("data", "fetch", config)
    vendors.scale = {DAYS[140]: 1.02}
    raisecash("data", "fetch", config, "--refresh")
    path = cache.entry_path(YahooFeed(symbol="SPY").cache_key)
    assert len(list(cache.versions_folder(path).iterdir())) == 1
    said = raisecash("data", "clear", "yfinance:SPY", "--yes")

    assert said.code == 0
    assert re.fullmatch(r"removed yfinance:SPY:1d, [\d.]+ kB\n", said.out)
    assert not path.exists()
    assert not cache.versions_folder(path).exists()
    assert len(the_json(raisecash("data", "list", "--json"))["series"]) == 3


def test_clear_of_everything_says_how_much(raisecash, config, vendors, cache_here):
    raisecash("data", "fetch", config)
    document = the_json(raisecash("data", "clear", "--yes", "--json"))

    assert document["bytes"] > 1000
    assert len(document["removed"]) == 4
    assert the_json(raisecash("data", "list", "--json"))["series"] == []


@pytest.mark.parametrize("arguments", [(), ("--json",), ("SPY",)])
def test_clear_without_yes_removes_nothing_where_nobody_can_be_asked(raisecash, config, vendors, arguments):
    raisecash("data", "fetch", config)
    said = raisecash("data", "clear", *arguments)

    assert said.code == 2
    assert "--yes" in said.err
    assert len(the_json(raisecash("data", "list", "--json"))["series"]) == 4


@pytest.mark.parametrize("answer", [True, False])
def test_clear_asks_on_a_terminal(raisecash, config, vendors, monkeypatch, answer):
    asked = []

    class Terminal:
        def isatty(self) -> bool:
            return True

    def confirm(text: str, **others: object) -> bool:
        asked.append(text)
        return answer

    raisecash("data", "fetch", config)
    monkeypatch.setattr(commands.sys, "stdin", Terminal())
    monkeypatch.setattr(commands.typer, "confirm", confirm)
    said = raisecash("data", "clear")

    assert said.code == 0
    assert re.match(r"Remove 4 series, [\d.]+ kB, from ", asked[0])
    assert said.out.startswith("removed" if answer else "nothing was removed")
    assert len(the_json(raisecash("data", "list", "--json"))["series"]) == (0 if answer else 4)


def test_clear_of_an_unknown_series_is_exit_code_2_with_the_nearest_name(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    said = raisecash("data", "clear", "yfinance:SPX:1d", "--yes")

    assert said.code == 2
    assert "did you mean 'yfinance:SPY:1d'?" in said.err


def test_a_refresh_cannot_be_offline(raisecash, config, vendors):
    said = raisecash("run", config, "--offline", "--refresh")

    assert said.code == 2
    assert "--offline and --refresh contradict each other" in said.err
    assert vendors.asked == []


def test_a_run_refreshes_when_told_to(raisecash, folder, config, vendors):
    text = CONFIG.replace('BTC = { feed = "csv", path = "btc.csv" }\n', "").replace(
        '"SPY", cross_check = { feed = "yfinance", symbol = "VOO" } }', '"SPY", missing = "drop" }'
    )
    config.write_text(text.replace("cash_yield = {", "# {").replace("UST10Y", "# UST10Y"))
    raisecash("data", "fetch", config)
    vendors.scale = {DAYS[140]: 1.02}
    run = ("run", config, "--no-tear-sheets", "--json", "--out")
    kept, refreshed, offline = (
        raisecash(*run, folder / name, *options)
        for name, options in (("a", ()), ("b", ("--refresh",)), ("c", ("--offline",)))
    )

    def restated(said):
        return [each["severity"] for each in the_json(said)["findings"] if each["kind"] == "restated"]

    assert (kept.code, refreshed.code, offline.code) == (0, 0, 0)
    assert (restated(kept), restated(refreshed), restated(offline)) == (["warning"], ["info"], [])
    hashes = [
        json.loads((folder / name / "manifest.json").read_text())["series"][0]["sha256"] for name in "abc"
    ]
    assert hashes[0] != hashes[1] == hashes[2], "a run's manifest pins the figures it saw"
