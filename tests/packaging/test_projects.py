"""A project's own plug-ins beside ours: how they are found, and what is said when they cannot be."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from raisecash import plugins
from raisecash.config.model import load_config
from raisecash.data.registry import feed_kinds
from raisecash.errors import ConfigError
from raisecash.strategy.discovery import discover, find_strategy, survey

pytestmark = pytest.mark.usefixtures("apart")
OURS = plugins.HERE / "strategies"
STRATEGY = '''
from raisecash import Strategy


class {name}(Strategy):
    """Hold everything alike."""

    def target_weights(self, market):
        return market.equal_weights()
'''
FEED = """
from raisecash.data.feed import Feed


class Own(Feed):
    kind = "{kind}"

    def prices(self, name, request): ...
    def signal(self, name, request): ...
"""
CONFIG = """
[market.assets]
BTC = {{ feed = "sample", series = "BTC" }}
SP500 = {{ feed = "{feed}" }}

[[strategy]]
name = "own"
use = "{use}"
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file of a project and returns the project's root."""

    def written(name: str, text: str = "") -> Path:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "project"

    return written


def find(use: str) -> type:
    return find_strategy(use, base_dir=Path(), where="a.toml: [[strategy]] x")


@pytest.mark.parametrize("start", ["", "configs", "configs/2025"])
def test_the_root_of_a_project_is_found_from_every_folder_in_it(start, write):
    root = write("strategies/mine.py")
    (root / start).mkdir(parents=True, exist_ok=True)
    assert plugins.project_root(root / start) == root


def test_a_project_inside_a_checkout_or_another_project_is_the_nearest_one(write, tmp_path):
    (tmp_path / "pyproject.toml").touch()
    root = write("data_feeds/mine.py")
    write("configs/a.toml")
    assert plugins.project_root(root / "configs") == root
    assert plugins.project_root(root.parent) == tmp_path


def test_reading_a_config_is_enough_for_its_project_s_plug_ins_to_be_found(write):
    write("strategies/mine.py", STRATEGY.format(name="Mine"))
    write("data_feeds/own.py", FEED.format(kind="own"))
    root = write("configs/a.toml", CONFIG.format(feed="own", use="Mine"))
    config = load_config(root / "configs" / "a.toml")
    assert type(config.market.assets["SP500"]).__name__ == "Own"
    assert plugins.place_of(find("Mine").__module__) == root / "strategies" / "mine.py"
    assert find("BuyAndHold").__name__ == "BuyAndHold"
    assert sys.path[-1] == str(root), "behind everything installed: nothing of the project hides a library"


def test_a_plug_in_may_be_a_folder_of_modules(write):
    write("strategies/several/__init__.py", "from strategies.several.one import One\n")
    write("strategies/several/one.py", STRATEGY.format(name="One"))
    root = write("strategies/several/_two.py")
    plugins.use_project(root)
    assert find("One").__module__ == "strategies.several.one"


def test_what_a_config_does_not_use_is_not_imported(write):
    write("strategies/slow.py", STRATEGY.format(name="Slow") + "raise SystemExit('imported')\n")
    write("data_feeds/slow.py", FEED.format(kind="slow") + "raise SystemExit('imported')\n")
    root = write(
        "configs/a.toml",
        CONFIG.format(feed="sample", use="Cash").replace('"sample" }', '"sample", series = "SP500" }'),
    )
    assert load_config(root / "configs" / "a.toml").strategies
    assert find("Cash").__name__ == "Cash"
    assert not {"strategies.slow", "data_feeds.slow"} & set(sys.modules)


def test_a_broken_plug_in_stops_nobody_else_and_is_named_with_its_line(write):
    write("strategies/broken.py", "x = 1\n\nclass Broken(:\n")
    write("strategies/gone.py", "import a_library_that_is_not_installed\n")
    root = write("strategies/mine.py", STRATEGY.format(name="Mine"))
    plugins.use_project(root)
    assert find("Mine").__name__ == "Mine"
    found = survey()
    assert {"Mine", "Cash"} <= set(found.strategies)
    assert [(each.name, each.path.name) for each in found.broken] == [
        ("strategies.broken", "broken.py"),
        ("strategies.gone", "gone.py"),
    ]
    folder = root / "strategies"
    for message in (
        f"{folder / 'broken.py'}: raised SyntaxError: invalid syntax (broken.py, line 3) when it was imported",
        f"{folder / 'gone.py'}: raised ModuleNotFoundError: No module named 'a_library_that_is_not_installed' (gone.py, line 1)",
    ):
        with pytest.raises(ConfigError, match=re.escape(message)):
            discover()
        with pytest.raises(ConfigError, match=re.escape(message)):
            find("Mane")  # it may be the one that is looked for


def test_asked_for_a_broken_plug_in_says_what_is_wrong_with_it(write):
    write("data_feeds/own.py", FEED.format(kind="own") + "1 / 0\n")
    root = write("strategies/mine.py", STRATEGY.format(name="Mine") + "import nothing_of_this_name\n")
    plugins.use_project(root)
    with pytest.raises(ConfigError, match=r"^a.toml: .*ModuleNotFoundError.*\(mine.py, line 10\)"):
        find("Mine")
    write("configs/a.toml", CONFIG.format(feed="own", use="Cash"))
    with pytest.raises(ConfigError, match=r"a.toml: .*SP500.*ZeroDivisionError.*\(own.py, line 10\)"):
        load_config(root / "configs" / "a.toml")
    assert "sample" in feed_kinds()


def test_a_package_called_strategies_leaves_ours_alone_and_is_named_when_its_own_are_wanted(write):
    """An editor adds `__init__.py` to a folder without asking; the study may not even need what is in it."""
    write("strategies/mine.py", STRATEGY.format(name="Mine"))
    root = write("strategies/__init__.py")
    plugins.use_project(root)
    assert find("Cash").__name__ == "Cash"
    file = root / "strategies" / "__init__.py"
    with pytest.raises(
        ConfigError, match=re.escape(f"{file} would hide our own strategies; delete that file")
    ):
        find("Mine")


def test_a_module_called_strategies_is_named_too(write):
    write("strategies.py")
    root = write("pyproject.toml")
    plugins.use_project(root)
    assert find("Cash").__name__ == "Cash"
    with pytest.raises(
        ConfigError, match=re.escape(f"{root / 'strategies.py'} would hide our own strategies; rename")
    ):
        find("Mine")


@pytest.mark.parametrize(
    ("file", "way_out"),
    [("strategies/__init__.py", "delete that file"), ("strategies.py", "rename that file")],
)
def test_what_hides_ours_on_the_path_is_one_clear_error(file, way_out, write, monkeypatch):
    root = write(file)
    monkeypatch.delitem(sys.modules, "strategies", raising=False)
    sys.path.insert(0, str(root))
    with pytest.raises(ConfigError) as caught:
        find("Cash")
    assert str(caught.value).startswith(f"{root / file} hides our own strategies, {OURS}; ")
    assert way_out in str(caught.value)


def test_an_installed_package_that_hides_ours_is_named_by_its_distribution(write, monkeypatch):
    write("site-packages/strategies/__init__.py")
    write("site-packages/chess-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: chess\nVersion: 1.0\n")
    root = write("site-packages/chess-1.0.dist-info/RECORD", "strategies/__init__.py,,\n")
    monkeypatch.delitem(sys.modules, "strategies", raising=False)
    sys.path.insert(0, str(root / "site-packages"))
    with pytest.raises(ConfigError, match="installed with chess, which cannot be used in one environment"):
        find("Cash")


def test_plug_ins_that_another_distribution_installs_beside_ours_are_found_and_not_called_ours(write):
    root = write("site-packages/strategies/theirs.py", STRATEGY.format(name="Theirs"))
    sys.path.append(str(root / "site-packages"))
    assert plugins.origin(plugins.place_of(find("Theirs").__module__)).endswith("theirs.py")
    assert plugins.origin(plugins.place_of(find("Cash").__module__)) == "raisecash"


def test_two_files_of_one_name_are_both_named(write):
    root = write("strategies/cash.py", STRATEGY.format(name="Other"))
    plugins.use_project(root)
    with pytest.raises(ConfigError) as caught:
        find("Cash")
    assert str(caught.value) == (
        f"two plug-ins are called strategies.cash: {OURS / 'cash.py'} and {root / 'strategies' / 'cash.py'}; rename one"
    )


def test_two_classes_of_one_name_are_both_named_by_their_files(write):
    root = write("strategies/mine.py", STRATEGY.format(name="Cash"))
    write("data_feeds/mine.py", FEED.format(kind="sample"))
    plugins.use_project(root)
    with pytest.raises(ConfigError) as caught:
        find("Cash")
    said = f"two strategies are called Cash: {OURS / 'cash.py'} and {root / 'strategies' / 'mine.py'}; rename one"
    assert str(caught.value) == said
    with pytest.raises(
        ConfigError, match=r"two feeds call themselves 'sample': .*mine.py.*feed.py|feed.py.*mine.py"
    ):
        feed_kinds()


def test_another_copy_of_the_project_is_left_alone_and_named(write):
    write("strategies/cash.py", STRATEGY.format(name="Cash"))
    root = write("raisecash/plugins.py")
    plugins.use_project(root)
    assert find("Cash").__module__ == "strategies.cash"
    with pytest.raises(ConfigError, match=re.escape(f"pip install -e {root}")):
        find("Mine")


def test_two_copies_on_the_path_are_said_to_be_that(write):
    write("strategies/cash.py", STRATEGY.format(name="Cash"))
    root = write("raisecash/plugins.py")
    sys.path.append(str(root))
    with pytest.raises(ConfigError, match="the project is on the path twice"):
        find("Cash")


def test_the_list_says_where_each_comes_from_and_what_is_broken(write, monkeypatch, raisecash):
    write("strategies/broken.py", "class Broken(:\n")
    monkeypatch.chdir(write("strategies/mine.py", STRATEGY.format(name="Mine")))
    said = raisecash("strategies")
    assert said.code == 2
    lines = {line.split()[0]: line.split()[1] for line in said.out.splitlines()}
    assert lines["Mine"] == str(Path("strategies", "mine.py"))
    assert lines["Cash"] == "raisecash"
    assert "SyntaxError: invalid syntax (broken.py, line 1)" in said.err
    shown = raisecash("strategies", "Mine", "--json")
    assert shown.code == 0
    assert json.loads(shown.out)["from"] == lines["Mine"]


def test_the_list_says_which_project_is_not_looked_at(write, monkeypatch, raisecash):
    monkeypatch.chdir(write("strategies/__init__.py"))
    said = raisecash("strategies")
    assert said.code == 0
    assert "Cash" in said.out
    assert "would hide our own strategies; delete that file" in said.err


def test_check_finds_a_project_s_own_and_says_which_cannot_be_imported(write, monkeypatch, raisecash):
    monkeypatch.chdir(
        write(
            "strategies/mine.py",
            STRATEGY.format(name="Mine").replace("weights()\n", "weights().fillna(0.0)\n"),
        )
    )
    said = raisecash("check", "Mine")
    assert said.code == 0, said.out
    assert said.out.startswith(f"Mine, from {Path('strategies', 'mine.py')}\n")


def test_importing_raisecash_needs_no_plug_in_and_no_folder_of_that_name(write):
    """The working folder comes first on the path of `python -c`, and what lies in it may be anything."""
    for name in ("strategies", "data_feeds", "reports"):
        root = write(f"{name}/__init__.py", "raise RuntimeError('imported')\n")
    script = "import raisecash; print(raisecash.simulate, raisecash.Market, raisecash.load_config, raisecash.run_study)"
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_python_m_raisecash_is_not_led_astray_by_what_lies_in_the_current_folder(write):
    for name in ("strategies", "numbers", "pandas"):
        root = write(f"{name}.py", "raise RuntimeError('imported')\n")
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "raisecash", "strategies"], cwd=root, env=kept, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "BuyAndHold" in done.stdout
