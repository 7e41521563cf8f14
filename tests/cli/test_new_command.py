"""`raisecash new`: what it writes passes at once, in the project and elsewhere, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["TrendOutsideJuly", "momentum_tilt", "x", "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf"]


def run(*command: str, cwd: Path) -> None:
    """Run a tool of this environment, and fail with what it said."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Return a copy of the project's own files, made the current folder."""
    for name in ("data_feeds", "strategies", "raisecash", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "output"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in (
        "__init__.py",
        "support/__init__.py",
        "support/markets.py",
        "contract_checks/test_contract.py",
    ):
        (tmp_path / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_a_new_strategy_is_formatted_and_linted(name, project, raisecash):
    said = raisecash("new", "strategy", name, "--json")
    assert said.code == 0, said.err
    written = json.loads(said.out)["written"]
    run("ruff", "format", "--check", *written, cwd=project)
    run("ruff", "check", *written, cwd=project)


@pytest.mark.slow  # a copy of the project compiles its own ledger
def test_a_new_strategy_in_the_project_passes_its_tests_and_the_contract(project, raisecash):
    said = raisecash("new", "strategy", "MomentumTilt")
    assert said.code == 0, said.err
    assert "wrote strategies/momentum_tilt.py" in said.out
    tests = ["tests/strategy/test_momentum_tilt.py", "tests/contract_checks/test_contract.py"]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "omentum"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.rpartition(" passed")[0].split()[-1]) > 6  # the contract suite's, too


@pytest.mark.slow
def test_a_new_strategy_and_its_test_are_typed(project, raisecash):
    written = json.loads(raisecash("new", "strategy", "MomentumTilt", "--json").out)["written"]
    run("mypy", "--no-incremental", "--follow-imports=silent", *written, cwd=project)


def test_elsewhere_the_test_finds_the_strategy_by_its_file(tmp_path, raisecash):
    out = tmp_path / "ideas"
    assert raisecash("new", "strategy", "momentum-tilt", "--out", out).code == 0
    run("ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--ignore", "S101,I001", ".", cwd=out)
    run("ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), ".", cwd=out)
    assert "class MomentumTilt(Strategy):" in (out / "strategies" / "momentum_tilt.py").read_text("utf-8")
    run("pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=out)


def test_a_new_config_runs_at_once(tmp_path, raisecash):
    assert raisecash("new", "config", "first_look", "--out", tmp_path).code == 0
    config = tmp_path / "configs" / "first_look.toml"
    said = raisecash("run", config, "--out", tmp_path / "run", "--no-tear-sheets", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["name"] == "first-look"
    assert raisecash("validate", config, "--run", tmp_path / "run").code == 0


@pytest.mark.parametrize("kind", ["strategy", "config"])
def test_nothing_is_overwritten(kind, tmp_path, raisecash):
    assert raisecash("new", kind, "idea", "--out", tmp_path).code == 0
    (written, *_) = (path for path in sorted(tmp_path.rglob("idea.*")))
    written.write_text("mine", encoding="utf-8")
    said = raisecash("new", kind, "idea", "--out", tmp_path)
    assert said.code == 2
    assert "is there already and is not overwritten" in said.err
    assert written.read_text(encoding="utf-8") == "mine"


def test_a_test_file_in_the_way_leaves_no_half(tmp_path, raisecash):
    test = tmp_path / "tests" / "strategy" / "test_idea.py"
    test.parent.mkdir(parents=True)
    test.touch()
    assert raisecash("new", "strategy", "Idea", "--out", tmp_path).code == 2
    assert not (tmp_path / "strategies").exists()


@pytest.mark.parametrize("name", ["", "2fast", "a b", "../idea", "idea.py", "a__b", "_a", "naïve", "x" * 33])
def test_a_name_that_cannot_be_one_is_refused(name, tmp_path, raisecash):
    for kind in ("strategy", "config"):
        said = raisecash("new", kind, name, "--out", tmp_path)
        assert said.code == 2
        assert "NAME must" in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("None", "Python keeps"),
        ("import", "Python keeps 'import' for itself"),
        ("SellInMay", "there is a strategy SellInMay already"),
        ("buy-and-hold", "there is a strategy BuyAndHold already"),
    ],
)
def test_a_name_that_is_taken_is_refused(name, message, project, raisecash):
    said = raisecash("new", "strategy", name)
    assert said.code == 2
    assert message in said.err


def test_a_test_of_that_name_anywhere_is_in_the_way(project, raisecash):
    (project / "tests" / "evidence").mkdir()
    (project / "tests" / "evidence" / "test_metrics.py").touch()
    said = raisecash("new", "strategy", "Metrics")
    assert said.code == 2
    assert "test_metrics.py already, and tests need names of their own" in said.err


def test_outside_the_project_it_asks_where_to_write(tmp_path, monkeypatch, raisecash):
    monkeypatch.chdir(tmp_path)
    said = raisecash("new", "config", "idea")
    assert said.code == 2
    assert "the current folder is not the project" in said.err
    assert not list(tmp_path.iterdir())
