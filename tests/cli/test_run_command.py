"""`raisecash run`: what it leaves, what it prints, and that the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from raisecash.config.model import load_config
from raisecash.data.events import load_events
from raisecash.engines.account import MONEY
from raisecash.metrics.table import METRICS
from raisecash.runs.manifest import events_seen

ROOT = Path(__file__).resolve().parents[2]


def files_in(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_run_leaves_exactly_the_files_of_the_contract(folder, raisecash):
    said = raisecash("run", folder / "study.toml", "--out", folder / "out")

    assert said.code == 0, said.err
    accounts = {
        f"backtests/{name}/{table}.parquet"
        for name in ("rally", "hold")
        for table in ("bars", "fills", "unfilled")
    }
    panel = {
        f"market/{name}.parquet"
        for name in ("open", "high", "low", "close", "volume", "dividends", "signals", "events", "cash_yield")
    }
    pages = {"index.html", "tear_sheets/rally.html", "summary.json", "manifest.json"}
    assert set(files_in(folder / "out")) == accounts | panel | pages
    assert said.out.splitlines()[-1] == f"page: {folder / 'out' / 'index.html'}"


def test_run_without_tear_sheets_draws_none_and_links_none(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    assert not (folder / "out" / "tear_sheets").exists()
    assert "tear_sheets/" not in (folder / "out" / "index.html").read_text(encoding="utf-8")


def test_summary_has_the_contracts_keys_and_every_metric(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    keys = "schema findings name created periods_per_year first_bar last_bar bars reconciliation results"
    assert set(summary) == set(keys.split())
    assert (summary["first_bar"], summary["last_bar"], summary["bars"]) == ("2020-05-04", "2020-07-02", 60)
    assert [(each["name"], each["role"]) for each in summary["results"]] == [
        ("rally", "strategy"),
        ("hold", "benchmark"),
    ]
    for each in summary["results"]:
        assert set(each) == {"name", "role", "use", "params", "metrics"}
        assert tuple(each["metrics"]) == METRICS
    assert summary["results"][0]["params"]["reserve"] == 0.8
    assert summary["results"][1]["metrics"]["beta"] is None
    assert set(summary["reconciliation"]) == {"engine", "against", "max_relative_difference"}
    assert 0 <= summary["reconciliation"]["max_relative_difference"] <= 1e-9


def test_manifest_names_every_series_by_a_hash_that_follows_its_figures(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "one", "--no-tear-sheets")
    text = (folder / "spy.csv").read_text(encoding="utf-8")
    (folder / "spy.csv").write_text(text.replace(",1059\n", ",9999\n"), encoding="utf-8")
    raisecash("run", folder / "study.toml", "--out", folder / "two", "--no-tear-sheets")

    one, two = (
        {each["name"]: each for each in json.loads((folder / name / "manifest.json").read_text())["series"]}
        for name in ("one", "two")
    )
    assert list(one) == ["BTC", "SPY", "VIX"]
    assert one["BTC"] == two["BTC"]
    assert one["SPY"]["sha256"] != two["SPY"]["sha256"]
    assert (one["SPY"]["first"], one["SPY"]["last"], one["SPY"]["rows"]) == ("2020-05-04", "2020-07-02", 60)


def test_manifest_pins_the_events_that_strategies_could_look_at():
    events = load_events(ROOT / "configs" / "events" / "macro.csv")
    other = events.assign(announced_on=events["announced_on"] - pd.Timedelta(days=1))
    assert events_seen(events) == events_seen(events.copy())
    assert events_seen(events)["rows"] == 543
    assert events_seen(other)["sha256"] != events_seen(events)["sha256"]


def test_manifest_says_how_both_checks_went_and_what_the_config_resolved_to(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    text = (folder / "out" / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert set(manifest["reconciliation"]) == set(manifest["look_ahead"]) == {"rally", "hold"}
    assert manifest["look_ahead"]["rally"]["cuts"] > 0
    assert manifest["config"] == load_config(folder / "study.toml").resolved()
    assert manifest["config"]["execution"]["engine"] == "backtrader"
    assert {"backtrader", "pandas", "numpy", "quantstats"} <= set(manifest["packages"])
    assert str(folder) not in text


def test_bars_are_indexed_by_session_dates_without_a_zone(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    bars = pd.read_parquet(folder / "out" / "backtests" / "rally" / "bars.parquet")
    assert isinstance(bars.index, pd.DatetimeIndex)
    assert bars.index.tz is None
    assert (bars.index == pd.date_range("2020-05-04", periods=60)).all()
    assert list(bars.columns) == [
        *("equity", "cash", "interest", "commission", "traded", "dividends"),
        *(f"{kind}.{asset}" for kind in ("weight", "shares", "target") for asset in ("BTC", "SPY")),
    ]
    fills = pd.read_parquet(folder / "out" / "backtests" / "rally" / "fills.parquet")
    assert list(fills.columns) == ["time", "asset", "shares", "price", "commission", "decided_at"]
    assert (fills["decided_at"] < fills["time"]).all()


def test_accounts_on_disk_add_up(folder, raisecash):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    place = folder / "out"
    bars = pd.read_parquet(place / "backtests" / "rally" / "bars.parquet")
    close = pd.read_parquet(place / "market" / "close.parquet")
    held = sum(bars[f"shares.{asset}"] * close[asset] for asset in ("BTC", "SPY"))
    pd.testing.assert_series_equal(bars["cash"] + held, bars["equity"], check_names=False, rtol=1e-12)


def test_json_makes_stdout_one_document(folder, raisecash):
    said = raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets", "--json")

    document = json.loads(said.out)
    assert document["page"] == str(folder / "out" / "index.html")
    assert document["results"] == json.loads((folder / "out" / "summary.json").read_text())["results"]
    assert "strategies and benchmarks: 2 of 2" in said.err


def test_the_same_inputs_give_the_same_bytes_whatever_the_number_of_jobs(folder, raisecash, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    second = '[[strategy]]\nname = "may"\nuse = "SellInMay"\n\n[[benchmark]]'
    (folder / "study.toml").write_text(text.replace("[[benchmark]]", second), encoding="utf-8")

    for name, jobs in (("one", "1"), ("two", "2")):
        said = raisecash("run", folder / "study.toml", "--out", folder / name, "--jobs", jobs)
        assert said.code == 0, said.err

    assert files_in(folder / "one") == files_in(folder / "two")


def test_set_changes_what_is_run_and_what_the_manifest_says(folder, raisecash):
    raisecash(
        *("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets"),
        *("--set", "strategy.rally.params.reserve=0.5", "--set", "execution.engine=ledger"),
    )

    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    assert manifest["config"]["strategy"][0]["params"] == {"reserve": 0.5}
    assert manifest["reconciliation"]["rally"]["engine"] == "ledger"
    assert manifest["reconciliation"]["rally"]["against"] == "backtrader"


def test_default_folder_is_named_by_time_and_hash_and_listed(folder, raisecash, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    first = raisecash("run", "study.toml", "--no-tear-sheets")
    second = raisecash("run", "study.toml", "--no-tear-sheets")

    assert first.code == second.code == 0, first.err + second.err
    runs = sorted(path.name for path in (folder / "reports" / "output" / "small").iterdir())
    assert len(runs) == 2
    assert re.fullmatch(r"20231114T221320Z-[0-9a-f]{8}", runs[0])
    assert runs[1] == f"{runs[0]}-2"
    listed = (folder / "reports" / "output" / "index.html").read_text(encoding="utf-8")
    assert all(f"small/{run}/index.html" in listed for run in runs)


def test_force_replaces_an_earlier_run_and_keeps_what_is_no_runs(folder, raisecash):
    out = folder / "out"
    raisecash("run", folder / "study.toml", "--out", out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")

    refused = raisecash("run", folder / "study.toml", "--out", out, "--no-tear-sheets")
    replaced = raisecash("run", folder / "study.toml", "--out", out, "--no-tear-sheets", "--force")

    assert (refused.code, replaced.code) == (2, 0)
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert not (out / "tear_sheets").exists()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 2)]
)
def test_a_run_that_is_cut_short_leaves_nothing(folder, raisecash, monkeypatch, error, code):
    def cut_short(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("reports.comparison.page.comparison_page", cut_short)
    before = files_in(folder)

    said = raisecash("run", folder / "study.toml", "--out", folder / "new" / "out", "--no-tear-sheets")

    assert said.code == code
    assert said.out == ""
    assert files_in(folder) == before
    assert not (folder / "new").exists()


def test_a_failed_replacement_leaves_the_earlier_run(folder, raisecash, monkeypatch):
    raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")
    before = files_in(folder)

    def cut_short(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reports.comparison.page.comparison_page", cut_short)
    said = raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets", "--force")

    assert said.code == 130
    assert files_in(folder) == before


def test_engines_that_disagree_are_exit_code_1_and_nothing_is_written(folder, raisecash, monkeypatch):
    from raisecash.study import run

    def tampered(*arguments: object, engine: str, **others: object) -> object:
        found = simulate_checked(*arguments, engine=engine, **others)
        if engine == "backtrader":
            return found
        book = found.account.book.copy()
        book[30, MONEY.index("cash")] += 0.01
        return replace(found, account=replace(found.account, book=book))

    simulate_checked = run.simulate_checked
    monkeypatch.setattr(run, "simulate_checked", tampered)
    said = raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")

    assert said.code == 1
    assert "rally" in said.err
    assert "2020-06-03" in said.err
    assert "cash" in said.err
    assert not (folder / "out").exists()


def test_a_strategy_that_looks_ahead_is_exit_code_1_and_nothing_is_written(folder, raisecash):
    (folder / "mine.py").write_text(
        "from raisecash import Market, Strategy\n\n"
        "class Clairvoyant(Strategy):\n"
        "    '''Hold what rises tomorrow.'''\n\n"
        "    def target_weights(self, market):\n"
        "        rises = (market.close.shift(-1) > market.close).astype(float)\n"
        "        return rises / len(market.assets)\n",
        encoding="utf-8",
    )
    said = raisecash(
        *("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets"),
        *("--set", "strategy.rally.use=mine.py:Clairvoyant", "--set", "strategy.rally.params={}"),
    )

    assert said.code == 1
    assert "rally looks ahead" in said.err
    assert not (folder / "out").exists()


def test_data_folder_stands_in_for_feeds_by_name_and_by_symbol(folder, raisecash, tmp_path_factory):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace(
        '{ feed = "csv", path = "btc.csv" }', '{ feed = "ccxt", exchange = "coinbase", symbol = "BTC/USD" }'
    )
    text = text.replace('{ feed = "csv", path = "spy.csv" }', '{ feed = "yfinance", symbol = "^GSPC" }')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    data = tmp_path_factory.mktemp("data")
    (data / "BTC-USD.csv").write_bytes((folder / "btc.csv").read_bytes())
    (data / "SPY.csv").write_bytes((folder / "spy.csv").read_bytes())

    said = raisecash(
        "run", folder / "study.toml", "--data", data, "--out", folder / "out", "--no-tear-sheets", "--offline"
    )

    assert said.code == 0, said.err
    sources = {
        each["name"]: each["source"]
        for each in json.loads((folder / "out" / "manifest.json").read_text())["series"]
    }
    assert sources["BTC"] == "file BTC-USD.csv"
    assert sources["SPY"] == "file SPY.csv"


def test_offline_never_opens_a_socket(folder, raisecash, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)

    said = raisecash(
        *("run", ROOT / "configs" / "rally_then_raise_cash.toml", "--offline", "--no-tear-sheets"),
        *("--out", folder / "out", "--set", "market.end=2018-12-31"),
    )

    assert said.code == 0, said.err
    assert "No live data" in said.out
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert "pays no dividends" in page


def test_over_the_real_data_every_result_reconciles(folder, raisecash, real_data):
    said = raisecash(
        *("run", ROOT / "tests" / "configs" / "real_data.toml", "--data", real_data / "market"),
        *("--out", folder / "out", "--no-tear-sheets", "--json"),
    )

    assert said.code == 0, said.err
    document = json.loads(said.out)
    assert (document["first_bar"], document["last_bar"], document["bars"]) == (
        "2016-01-01",
        "2025-12-31",
        3653,
    )
    assert document["periods_per_year"] == 365
    assert document["reconciliation"]["max_relative_difference"] < 1e-9


@pytest.mark.parametrize("config", sorted((ROOT / "configs").glob("*.toml")), ids=lambda path: path.name)
def test_shipped_configs_name_strategies_and_parameters_that_exist(config):
    from raisecash.study.entries import strategies_of

    assert strategies_of(load_config(config))


def test_an_interrupt_from_the_keyboard_leaves_nothing_and_says_130(folder):
    (folder / "slow.py").write_text(
        "import time\nfrom raisecash import Market, Strategy\n\n"
        "class Slow(Strategy):\n    '''Wait.'''\n\n    def target_weights(self, market):\n"
        "        print('deciding', flush=True)\n        time.sleep(60)\n",
        encoding="utf-8",
    )
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('use = "RallyThenRaiseCash"\nparams = { reserve = 0.8 }', 'use = "slow.py:Slow"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    before = {name for name in files_in(folder) if "__pycache__" not in name}
    command = "import sys; from raisecash.cli.main import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "run", "study.toml", "--out", "out"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "deciding\n"
    process.send_signal(2)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130, err
    assert out == ""
    assert err.splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in err
    assert {name for name in files_in(folder) if "__pycache__" not in name} == before


def test_a_folder_that_cannot_be_written_is_said_before_the_work(folder, raisecash, monkeypatch):
    monkeypatch.setattr("raisecash.runs.write.os.access", lambda _, mode: not mode & os.W_OK)

    said = raisecash("run", folder / "study.toml", "--out", folder / "out")

    assert said.code == 2
    assert "nothing can be written" in said.err
    assert "rows" not in said.err
