"""docs/architecture.md and the import law in pyproject.toml say the same, and the law bites."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.support.documents import ROOT, rows, section

PAGE = "docs/architecture.md"
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}
ROOMS = {
    path.stem
    for path in (ROOT / "raisecash").iterdir()
    if path.suffix == ".py" or (path / "__init__.py").is_file()
} - {"__init__", "__main__"}
PLUG_INS = {
    "a strategy": "A strategy sees the market and nothing that is done with its weights",
    "a feed": "A feed sees data and nothing that is done with it",
    "a report": "A report reads what the rooms below the command line give",
}


def test_the_page_lists_the_rooms_floor_by_floor_as_the_law_does():
    floors = [set(re.findall(r"`(\w+)`", row[1])) for row in rows(section(PAGE, "## Rooms"))]
    layers = CONTRACTS["Rooms import the rooms below them"]["layers"]
    law = [{name.strip() for name in layer.split("|")} for layer in layers if layer != "__main__"]
    assert floors == law
    assert set().union(*floors) == ROOMS


@pytest.mark.parametrize(("plug_in", "name"), PLUG_INS.items())
def test_the_page_lists_what_a_plug_in_may_import_and_the_law_forbids_the_rest(plug_in, name):
    (row,) = (row for row in rows(section(PAGE, "## Imports go one way")) if row[0] == plug_in)
    allowed = set(re.findall(r"`(\w+)`", row[1]))
    forbidden = {
        module.removeprefix("raisecash.")
        for module in CONTRACTS[name]["forbidden_modules"]
        if module.startswith("raisecash.")
    }
    assert allowed.isdisjoint(forbidden)
    assert allowed | forbidden == ROOMS


def test_no_room_and_no_folder_of_plug_ins_is_larger_than_fifteen_modules():
    folders = [ROOT / name for name in ("raisecash", "strategies", "data_feeds", "reports")]
    counts = {
        path.relative_to(ROOT).as_posix(): len(
            [each for each in path.glob("*.py") if each.stem != "__init__"]
        )
        for folder in folders
        for path in (folder, *folder.rglob("*"))
        if path.is_dir() and "__pycache__" not in path.parts
    }
    assert {name: count for name, count in counts.items() if count > 15} == {}


def test_no_module_is_longer_than_400_lines():
    modules = [
        path
        for name in ("raisecash", "strategies", "data_feeds", "reports")
        for path in (ROOT / name).rglob("*.py")
    ]
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("raisecash/data/history.py", "from raisecash.strategy.base import Strategy", "Rooms import"),
        ("raisecash/runs/write.py", "from reports.comparison import Comparison", "imports none"),
        ("strategies/cash.py", "from raisecash.study.run import run_study", "A strategy sees"),
        ("data_feeds/fred.py", "from raisecash.strategy.base import Strategy", "A feed sees"),
        ("reports/runs/index.py", "from raisecash.cli.main import main", "A report reads"),
        ("reports/runs/index.py", "from reports.machine.words import plain", "No plug-in imports another"),
        ("raisecash/metrics/track.py", "import backtrader", "backtrader"),
        ("raisecash/metrics/track.py", "import numba", "compiled"),
    ],
)
@pytest.mark.slow
def test_the_law_refuses_an_import_even_one_for_annotations(tmp_path, file, line, broken):
    for name in ("raisecash", "strategies", "data_feeds", "reports", "pyproject.toml"):
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("output", "__pycache__")
            )
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    path = tmp_path / file
    guarded = f"\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    {line}\n"
    path.write_text(path.read_text(encoding="utf-8") + guarded, encoding="utf-8")
    script = (  # the copy alone: the three folders of plug-ins would be found in both places
        "import sys\n"
        f"sys.path[:] = [{str(tmp_path)!r}, *(each for each in sys.path if each not in ('', {str(ROOT)!r}))]\n"
        "from importlinter.cli import lint_imports_command\n"
        "sys.exit(lint_imports_command(['--no-cache']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert [row for row in done.stdout.splitlines() if "BROKEN" in row and broken in row]
