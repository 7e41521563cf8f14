"""Every example a reader can copy: strategies decide, code runs, configs load, commands parse."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.main import get_command

from raisecash import Market, simulate
from raisecash.cli.main import app, main
from raisecash.config.model import load_config
from raisecash.data.calendars.sessions import sessions_between
from raisecash.lookahead.run_time import check_lookahead
from raisecash.pages.report import ReportContext
from raisecash.strategy.discovery import find_strategy
from raisecash.study.entries import strategies_of
from raisecash.study.progress import Silent
from tests.support.documents import Block, blocks, commands
from tests.support.markets import market as random_market
from tests.support.study_factory import make_market, make_study

PYTHON = blocks("python")
SESSION = [block for block in PYTHON if block.document == "docs/python.md"]  # one goes on where another ends
DEFINED = re.compile(r"^class (\w+)\((?:Strategy|Overlay)\):", re.MULTILINE)
STRATEGIES = [block for block in PYTHON if DEFINED.search(block.text) and block not in SESSION]
REPORTS = [block for block in PYTHON if "(StudyReport):" in block.text]
CONFIGS = blocks("toml")
BASE = """
[market.assets]
BTC = { feed = "sample", series = "BTC" }
SP500 = { feed = "sample", series = "SP500" }
"""


def class_name(block: Block) -> str:
    (name,) = DEFINED.findall(block.text)
    return name


def saved(block: Block, folder: Path) -> Path:
    """Write a strategy's block as the file its reader would save."""
    path = folder / f"{class_name(block).lower()}.py"
    path.write_text(block.text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def market() -> Market:
    """Two random walks over a year and a half, one of them closed at weekends, and a yield."""
    return random_market("2023-01-01", "2024-08-31", signals=("JGB10Y",), seed=7)


@pytest.mark.parametrize("block", STRATEGIES, ids=str)
def test_a_strategy_of_the_documents_decides_without_looking_ahead_and_trades(block, market, tmp_path):
    path = saved(block, tmp_path)
    strategy = find_strategy(f"{path}:{class_name(block)}", base_dir=tmp_path, where="documents")()
    targets = strategy.target_weights(market)
    check_lookahead(strategy, market, targets, name=str(block))
    assert strategy.description()
    assert strategy.source()
    assert 0 < targets.sum(axis=1).mean() < 1  # neither always invested nor never
    assert len(simulate(targets, market, engine="ledger", name=str(block)).fills) > 2


def test_the_readme_s_strategy_holds_nothing_in_july(market, tmp_path):
    (block,) = (block for block in STRATEGIES if block.document == "README.md")
    strategy = find_strategy(
        f"{saved(block, tmp_path)}:{class_name(block)}", base_dir=tmp_path, where="documents"
    )()
    held = simulate(strategy.target_weights(market), market, engine="ledger").weights.sum(axis=1)
    # SPY was sold at the open of Monday, 1 July 2024; Bitcoin trades every day.
    assert held["2024-07-01":"2024-07-31"].max() == 0
    assert held["2024-01-01":"2024-06-28"].max() > 0.4


def test_the_readme_s_strategy_takes_about_twenty_lines():
    (block,) = (block for block in STRATEGIES if block.document == "README.md")
    assert 20 <= len(block.text.splitlines()) <= 25
    assert max(map(len, block.text.splitlines())) <= 110


@pytest.mark.parametrize("block", REPORTS, ids=str)
def test_reports_of_the_documents_write_the_files_they_own(block, tmp_path):
    names: dict[str, object] = {"__name__": "documents"}
    exec(compile(block.text, str(block), "exec"), names)
    (report,) = [each for each in names.values() if isinstance(each, type) and each.__module__ == "documents"]
    study = make_study(market=make_market("2020-01-01", "2020-03-31"))
    context = ReportContext(pages=(), jobs=1, progress=Silent())
    report().write(study, tmp_path, context)
    assert tuple(path.name for path in tmp_path.iterdir()) == report.files


def test_the_page_on_python_runs_from_top_to_bottom_as_one_session(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    bars = pd.date_range("2019-12-01", "2022-01-31")
    for file, days in {"btc.csv": bars, "spy.csv": sessions_between("XNYS", bars[0], bars[-1])}.items():
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, len(days))))
        pd.DataFrame({"Open": close, "Close": close}, index=days.rename("Date")).to_csv(file)
    Path("study.toml").write_text(BASE + '[[strategy]]\nname = "rally"\nuse = "RallyThenRaiseCash"\n')
    Path("session.py").write_text("\n".join(block.text for block in SESSION), encoding="utf-8")
    done = subprocess.run([sys.executable, "session.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for said in ("Backtest of trend", "Market: ", "AboveAverage\npassed", "Study study", "\nrally "):
        assert said in done.stdout
    assert "FAILED" not in done.stdout


def test_the_page_on_python_goes_from_files_to_metrics_in_ten_lines():
    assert len(SESSION[0].text.splitlines()) <= 10
    assert {"load_market", "simulate", "measure"} <= set(re.findall(r"\w+", SESSION[0].text))


@pytest.mark.parametrize(
    "block", [block for block in PYTHON if block not in [*STRATEGIES, *REPORTS, *SESSION]], ids=str
)
def test_other_python_of_the_documents_runs(block, capsys):
    exec(compile(block.text, str(block), "exec"), {"__name__": "documents"})
    assert capsys.readouterr().out


@pytest.mark.parametrize("block", CONFIGS, ids=str)
def test_every_config_of_the_documents_loads(block, tmp_path):
    whole = tomllib.loads(block.text)
    text = block.text if "market" in whole else BASE + block.text
    path = tmp_path / "documented.toml"
    path.write_text(text, encoding="utf-8")
    config = load_config(path)
    if "market" in whole:
        assert [each.strategy for each in strategies_of(config)]


def test_the_readme_s_strategy_runs_from_the_readme_s_config(tmp_path, monkeypatch, capsys):
    (block,) = (block for block in STRATEGIES if block.document == "README.md")
    (table,) = (each.text for each in CONFIGS if each.document == "README.md")
    use = f"{saved(block, tmp_path).name}:{class_name(block)}"
    config = tmp_path / "own.toml"
    config.write_text(BASE + table.replace(f'"{class_name(block)}"', f'"{use}"'), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    window = ["--set", "market.start=2019-01-01", "--set", "market.end=2021-12-31"]
    assert main(["run", str(config), "--no-tear-sheets", *window]) == 0
    said = capsys.readouterr().out
    assert "trend" in said
    assert Path(said.rpartition("page: ")[2].strip()).is_file()


@pytest.mark.parametrize(
    ("document", "words"), commands(), ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_every_command_of_the_documents_parses(document, words):
    group = get_command(app)
    while words and words[0].startswith("--"):
        assert words[0] in {"--help", *(flag for each in group.params for flag in each.opts)}
        words = words[1:]
    if not words:
        return
    assert words[0] in group.commands, f"{document}: there is no command {words[0]!r}"
    if len(words) > 1:
        group.commands[words[0]].make_context(words[0], list(words[1:]))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        each
        for each in commands()
        if each[1][0] == "run" and len(each[1]) > 1 and each[1][1].startswith("configs/")
    ],
    ids=str,
)
def test_every_override_of_the_documents_fits_its_config(document, words):
    given = get_command(app).commands["run"].make_context("run", list(words[1:])).params
    root = Path(__file__).resolve().parents[2]
    assert strategies_of(load_config(root / given["config"], given["set_"] or ()))
