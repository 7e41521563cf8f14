"""`raisecash new`: what it writes passes at once, in a project and elsewhere, and nothing is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from raisecash import plugins
from raisecash.strategy.discovery import discover
from tests.support.wheel import environment

pytestmark = pytest.mark.usefixtures("apart")
ROOT = Path(__file__).resolve().parents[2]
NAMES = ["TrendOutsideJuly", "momentum_tilt", "x", "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf"]
WITH_TEST = ["strategy", "overlay", "feed"]


def run(*command: str, cwd: Path) -> str:
    """Run a tool of this environment and return what it printed; fail with it where the tool does."""
    path = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=cwd,
        env={**environment(), **path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path, monkeypatch, raisecash) -> Path:
    """Return a new project, made the current folder."""
    said = raisecash("new", "project", "my-ideas", "--out", tmp_path)
    assert said.code == 0, said.err
    monkeypatch.chdir(tmp_path / "my-ideas")
    return tmp_path / "my-ideas"


def test_a_new_project_holds_one_of_each_and_runs_offline(project, tmp_path, raisecash):
    found = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert found == {
        ".github/workflows/check.yml",
        ".gitignore",
        "README.md",
        "configs/my-ideas.toml",
        "data/fed_funds.txt",
        "data_feeds/dated_text.py",
        "pyproject.toml",
        "strategies/above_average.py",
        "tests/conftest.py",
        "tests/data_feeds/test_dated_text.py",
        "tests/strategies/test_above_average.py",
        "tests/test_configs.py",
        "tests/test_strategies.py",
    }
    out = tmp_path / "run"
    said = raisecash("run", "configs/my-ideas.toml", "--out", out, "--no-tear-sheets", "--offline", "--json")
    assert said.code == 0, said.err
    trend, hold = json.loads(said.out)["results"]
    assert (trend["use"], hold["use"]) == ("AboveAverage", "BuyAndHold")
    assert trend["metrics"]["interest"] > 0
    assert raisecash("validate", "configs/my-ideas.toml", "--run", out).code == 0


def test_what_is_new_is_formatted_and_linted(project, raisecash):
    for name in NAMES:
        for kind in WITH_TEST:
            of_its_own = name if kind == "strategy" else f"{name[:24]}-{kind}"
            assert raisecash("new", kind, of_its_own).code == 0
    run("ruff", "format", "--check", ".", cwd=project)
    run("ruff", "check", ".", cwd=project)
    ours = 'lint.isort.known-first-party = ["data_feeds", "raisecash", "strategies"]'  # where a checkout has them
    in_checkout = ["--config", str(ROOT / "pyproject.toml"), "--config", ours, "."]
    run("ruff", "format", "--check", *in_checkout, cwd=project)
    run("ruff", "check", *in_checkout, cwd=project)


@pytest.mark.slow
def test_a_new_project_and_what_is_new_in_it_is_typed(project, raisecash):
    for kind in WITH_TEST:
        assert raisecash("new", kind, f"Momentum-{kind}").code == 0
    run("mypy", "--no-incremental", cwd=project)


@pytest.mark.slow
def test_a_new_project_and_what_is_new_in_it_passes_its_tests_and_the_contract(project, raisecash):
    for kind in WITH_TEST:
        said = raisecash("new", kind, f"Momentum-{kind}")
        assert said.code == 0, said.err
        assert f"next: pytest {Path('tests')}" in said.out
    assert raisecash("new", "config", "second").code == 0
    said = run("pytest", "-q", "-p", "no:cacheprovider", "-rA", cwd=project)
    for promise in (
        "test_every_strategy_keeps_the_contract[MomentumStrategy-ignores_future_prices]",
        "test_every_strategy_keeps_the_contract[MomentumOverlay-ignores_future_prices]",
        "test_momentum_feed.py::test_a_price_opens_where_it_closes",
        "test_every_config_names_strategies_and_feeds_that_there_are[second]",
    ):
        assert promise in said


def test_below_a_project_s_root_it_is_written_there(project, monkeypatch, raisecash):
    monkeypatch.chdir(project / "tests" / "strategies")
    written = json.loads(raisecash("new", "strategy", "Idea", "--json").out)["written"]
    assert Path(written[0]).resolve() == project / "strategies" / "idea.py"
    assert (project / "tests" / "strategies" / "test_idea.py").is_file()


def test_in_this_checkout_a_test_goes_into_the_folder_of_what_it_tests(monkeypatch, tmp_path, raisecash):
    monkeypatch.setattr("raisecash.cli.scaffold._write", tuple)
    monkeypatch.chdir(ROOT / "docs")
    written = json.loads(raisecash("new", "overlay", "Idea", "--json").out)["written"]
    assert written == [
        str(ROOT / "strategies" / "idea.py"),
        str(ROOT / "tests" / "strategies" / "test_idea.py"),
    ]


def test_outside_any_project_the_tests_pass_as_well(tmp_path, raisecash):
    out = tmp_path / "ideas"
    assert raisecash("new", "strategy", "momentum-tilt", "--out", out).code == 0
    assert raisecash("new", "feed", "broker-text", "--out", out).code == 0
    assert "class MomentumTilt(Strategy):" in (out / "strategies" / "momentum_tilt.py").read_text("utf-8")
    said = run("pytest", "-q", "-p", "no:cacheprovider", "-rA", "tests", cwd=out)
    assert "test_the_contract_of_every_strategy_is_kept[MomentumTilt-ignores_future_prices]" in said
    assert "test_broker_text.py::test_a_price_opens_where_it_closes" in said


def test_a_new_config_runs_at_once(tmp_path, raisecash):
    assert raisecash("new", "config", "first_look", "--out", tmp_path).code == 0
    config = tmp_path / "configs" / "first_look.toml"
    said = raisecash("run", config, "--out", tmp_path / "run", "--no-tear-sheets", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["name"] == "first-look"
    assert raisecash("validate", config, "--run", tmp_path / "run").code == 0


@pytest.mark.parametrize("kind", ["strategy", "feed", "config"])
def test_nothing_is_overwritten(kind, tmp_path, raisecash):
    assert raisecash("new", kind, "idea", "--out", tmp_path).code == 0
    (written, *_) = (path for path in sorted(tmp_path.rglob("idea.*")))
    before = written.read_text(encoding="utf-8")
    said = raisecash("new", kind, "idea", "--out", tmp_path)
    assert said.code == 2
    assert "already" in said.err
    assert written.read_text(encoding="utf-8") == before


def test_a_project_is_never_written_into_a_folder_that_is_there(tmp_path, raisecash):
    (tmp_path / "my-ideas").mkdir()
    said = raisecash("new", "project", "my-ideas", "--out", tmp_path)
    assert said.code == 2
    assert "is there already and is not overwritten" in said.err
    assert not list((tmp_path / "my-ideas").iterdir())


def test_a_test_file_in_the_way_leaves_no_half(tmp_path, raisecash):
    test = tmp_path / "tests" / "strategies" / "test_idea.py"
    test.parent.mkdir(parents=True)
    test.touch()
    assert raisecash("new", "strategy", "Idea", "--out", tmp_path).code == 2
    assert not (tmp_path / "strategies").exists()


@pytest.mark.parametrize("name", ["", "2fast", "a b", "../idea", "idea.py", "a__b", "_a", "naïve", "x" * 33])
def test_a_name_that_cannot_be_one_is_refused(name, tmp_path, raisecash):
    for kind in ("project", *WITH_TEST, "config"):
        said = raisecash("new", kind, name, "--out", tmp_path)
        assert said.code == 2
        assert "NAME must" in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("strategy", "None", "Python keeps"),
        ("strategy", "import", "Python keeps 'import' for itself"),
        ("feed", "import", "Python keeps 'import' for itself"),
        ("strategy", "test-of-time", "a file whose name begins with test_ is a test"),
        ("strategy", "SellInMay", "there is a strategy SellInMay already"),
        ("overlay", "buy-and-hold", "there is a strategy BuyAndHold already"),
        ("strategy", "AboveAverage", "there is a strategy AboveAverage already"),
        ("strategy", "BuyANDHold", "buy_and_hold.py already"),
        ("feed", "sample", "there is a feed sample already"),
        ("feed", "dated-text", "there is a feed dated_text already"),
        ("feed", "files", "files.py already"),
    ],
)
def test_a_name_that_is_taken_is_refused(kind, name, message, project, raisecash):
    said = raisecash("new", kind, name)
    assert said.code == 2
    assert message in said.err


def test_what_a_new_project_begins_with_is_no_strategy_of_ours():
    from raisecash.cli.scaffold import FIRST_FEED, FIRST_STRATEGY

    assert FIRST_STRATEGY not in discover()
    assert FIRST_FEED not in plugins.places("data_feeds")


def test_in_a_project_whose_plug_ins_are_not_looked_at_nothing_is_written(project, raisecash):
    (project / "strategies" / "__init__.py").touch()
    said = raisecash("new", "strategy", "Idea")
    assert said.code == 2
    assert "would hide our own strategies; delete that file" in said.err
    assert not (project / "strategies" / "idea.py").exists()


def test_outside_a_project_it_asks_where_to_write(tmp_path, monkeypatch, raisecash):
    monkeypatch.chdir(tmp_path)
    said = raisecash("new", "config", "idea")
    assert said.code == 2
    assert "the current folder belongs to no project" in said.err
    assert "raisecash new project NAME" in said.err
    assert not list(tmp_path.iterdir())
