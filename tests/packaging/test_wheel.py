"""What is built holds the framework and our plug-ins, and works where nothing else of the project is."""

from __future__ import annotations

import json
import re
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

from tests.support.studies import prices
from tests.support.wheel import ROOT, built

NAMESPACES = ("strategies", "data_feeds", "reports")
STRATEGY = '''
"""Hold a little of everything."""

import pandas as pd

from raisecash import Field, Market, Strategy


class ALittle(Strategy):
    """Hold equal weights times a share.

    Source: none; an example.
    """

    share: float = Field(0.25, ge=0, le=1, description="invested share")

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return equal weights times the share."""
        return market.equal_weights() * self.share
'''
FEED = '''
"""Feed `ramp`: a price that rises by one a day."""

from typing import ClassVar

import pandas as pd

from raisecash import Field
from raisecash.data.feed import Feed
from raisecash.data.request import Request
from raisecash.data.history import History


class RampFeed(Feed):
    """A price that rises by one a day."""

    kind: ClassVar[str] = "ramp"

    days: int = Field(60, ge=1, description="how many days there are")

    def prices(self, name: str, request: Request) -> History:
        bars = pd.date_range("2020-05-04", periods=self.days)
        close = pd.Series(range(100, 100 + self.days), index=bars, dtype=float)
        frame = pd.DataFrame(dict.fromkeys(["open", "high", "low", "close"], close)).assign(volume=float("nan"))
        return History(name=name, frame=frame, source="a ramp")

    def signal(self, name: str, request: Request) -> History:
        raise NotImplementedError
'''
REPORT = '''
"""A report of a sentence."""

from raisecash.pages.report import StudyReport


class Postcard(StudyReport):
    """How many strategies there were."""

    name = "postcard"
    files = ("postcard.txt",)

    def write(self, study, folder, context):
        (folder / "postcard.txt").write_text(f"{len(study.strategies)} strategies")
'''
CONFIG = """
[market.assets]
BTC = { feed = "csv", path = "../btc.csv" }
RAMP = { feed = "ramp", days = 50 }

[[strategy]]
name = "own"
use = "ALittle"
params = { share = 0.5 }

[[strategy]]
name = "ours"
use = "SellInMay"

[[benchmark]]
name = "hold"
use = "BuyAndHold"
"""


def names_in(wheel: Path) -> list[PurePosixPath]:
    """Return the paths of a wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        return [PurePosixPath(name) for name in archive.namelist()]


@pytest.fixture(scope="session")
def metadata(wheel) -> Message:
    """Return what the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Return a project outside this checkout, with a strategy, a feed and a report of its own, in a folder of any name."""
    root = tmp_path_factory.mktemp("elsewhere") / "my ideas é"
    files = {
        "strategies/a_little.py": STRATEGY,
        "data_feeds/ramp.py": FEED,
        "reports/postcard/__init__.py": "from reports.postcard.write import Postcard\n",
        "reports/postcard/write.py": REPORT,
        "configs/own.toml": CONFIG,
        "btc.csv": prices(9000.0),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_the_wheel_holds_the_framework_and_every_plug_in_as_they_are_here(wheel):
    here = {
        PurePosixPath(path.relative_to(ROOT).as_posix())
        for folder in ("raisecash", *NAMESPACES)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", "output"} & set(path.relative_to(ROOT).parts)
    }
    assert {path for path in names_in(wheel) if ".dist-info" not in path.parts[0]} == here
    assert {
        PurePosixPath("raisecash/py.typed"),
        PurePosixPath("data_feeds/sample/BTC.csv.gz"),
        PurePosixPath("raisecash/cli/templates/strategy.py.jinja"),
    } <= here
    assert "tear_sheet.html" in {path.name for path in here}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_folder_of_plug_ins_is_a_namespace_and_no_package_of_its_own(namespace, wheel):
    names = names_in(wheel)
    assert any(path.parts[0] == namespace for path in names)
    assert PurePosixPath(namespace, "__init__.py") not in names


def test_nothing_else_is_installed(wheel):
    tops = {path.parts[0] for path in names_in(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"raisecash", *NAMESPACES}


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path):
    sdist = built("sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        names = [PurePosixPath(name).relative_to(PurePosixPath(name).parts[0]) for name in archive.getnames()]
    assert {path for path in names_in(wheel) if ".dist-info" not in path.parts[0]} <= set(names)
    assert {
        PurePosixPath("LICENSE"),
        PurePosixPath("pyproject.toml"),
        PurePosixPath("tests/conftest.py"),
    } <= set(names)
    assert not any("output" in path.parts or "__pycache__" in path.parts for path in names)


def test_the_metadata_says_what_pyproject_does(metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == project["version"]
    assert metadata["Requires-Python"] == project["requires-python"]
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    said = {Requirement(each) for each in metadata.get_all("Requires-Dist", [])}
    assert said == {Requirement(each) for each in project["dependencies"]}


def test_no_classifier_forbids_uploading_and_the_versions_of_python_are_those_that_run_it(metadata):
    """Unknown classifiers do not get this far: the build backend refuses them."""
    said = metadata.get_all("Classifier", [])
    assert not [each for each in said if each.startswith("Private")]
    minors = {each.rpartition("3.")[2] for each in said if re.search(r"Python :: 3\.\d+$", each)}
    assert min(map(int, minors)) == int(metadata["Requires-Python"].rpartition(".")[2])


def test_installed_it_is_found_where_it_was_installed_and_not_in_this_checkout(fresh, tmp_path):
    script = (
        "import json, sys, raisecash, raisecash.plugins as p; "
        "print(json.dumps([sys.path, raisecash.__file__, "
        "[str(each) for n in ('strategies', 'data_feeds', 'reports') for each in p.places(n).values()]]))"
    )
    path, file, places = json.loads(fresh.run("python", "-c", script, cwd=tmp_path))
    assert Path(file).is_relative_to(fresh.site_packages)
    assert places
    assert all(Path(each).is_relative_to(fresh.site_packages.resolve()) for each in places)
    assert not [each for each in path if Path(each or tmp_path).resolve() == ROOT]


def test_every_dependency_is_there_in_a_version_that_fits(fresh, tmp_path):
    script = (
        "from importlib.metadata import requires, version; from packaging.requirements import Requirement; "
        "needs = [Requirement(each) for each in requires('raisecash')]; "
        "print([str(each) for each in needs if not each.specifier.contains(version(each.name))])"
    )
    assert fresh.run("python", "-c", script, cwd=tmp_path).strip() == "[]"


def test_a_config_of_a_project_runs_its_own_plug_ins_beside_ours_from_any_folder(fresh, project, tmp_path):
    out = tmp_path / "run"
    said = fresh.run(
        "raisecash", "run", project / "configs" / "own.toml", "--out", out, "--no-tear-sheets", "--json", cwd=tmp_path
    )  # fmt: skip
    summary = json.loads(said)
    assert [(each["name"], each["use"]) for each in summary["results"]] == [
        ("own", "ALittle"),
        ("ours", "SellInMay"),
        ("hold", "BuyAndHold"),
    ]
    assert summary["results"][0]["metrics"]["average_cash_weight"] == pytest.approx(0.5, abs=0.03)
    assert (out / "postcard.txt").read_text() == "2 strategies"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {each["name"]: each["source"] for each in manifest["series"]}["RAMP"] == "a ramp"
    assert "commit" not in manifest["code"]


def test_python_m_raisecash_is_the_same_command_in_the_project_s_folder(fresh, project):
    listed = {
        each["name"]: each
        for each in json.loads(fresh.run("python", "-m", "raisecash", "strategies", "--json", cwd=project))
    }
    assert listed["ALittle"]["from"] == str(Path("strategies", "a_little.py"))
    assert listed["BuyAndHold"]["from"] == "raisecash"


def test_a_project_s_plug_ins_of_every_kind_lie_beside_ours(fresh, project, tmp_path):
    script = (
        "import json, sys; from pathlib import Path; import raisecash.plugins as p; p.use_project(Path(sys.argv[1])); "
        "print(json.dumps([sorted(p.places(n)) for n in ('strategies', 'data_feeds', 'reports')]))"
    )
    strategies, feeds, reports = json.loads(
        fresh.run("python", "-c", script, project / "configs", cwd=tmp_path)
    )
    assert {"a_little", "buy_and_hold"} <= set(strategies)
    assert {"ramp", "sample"} <= set(feeds)
    assert {"postcard", "comparison"} <= set(reports)


def test_a_new_project_passes_its_tests_at_once(fresh, tmp_path):
    fresh.run("raisecash", "new", "project", "my-ideas", cwd=tmp_path)
    root = tmp_path / "my-ideas"
    said = fresh.run("python", "-m", "pytest", "-q", "-rA", cwd=root)
    assert "test_every_strategy_keeps_the_contract[AboveAverage-decides_the_same_in_a_fresh_process]" in said
    assert "test_the_first_study_runs_and_its_cash_earns_what_the_file_says" in said
    version = fresh.run("raisecash", "--version", cwd=root).split()[1]
    assert f'"raisecash>={version}"' in (root / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_other_processes_find_a_project_s_plug_ins_too(fresh, project, tmp_path):
    out = tmp_path / "run"
    fresh.run("raisecash", "run", project / "configs" / "own.toml", "--out", out, "--jobs", "2", cwd=tmp_path)
    assert {path.name for path in (out / "tear_sheets").iterdir()} == {"own.html", "ours.html"}
    said = fresh.run(
        "raisecash", "check", "--config", project / "configs" / "own.toml", "--jobs", "2", "--json", cwd=tmp_path
    )  # fmt: skip
    judged = {each["name"]: each for each in json.loads(said)["strategies"]}
    verdicts = {each["check"]: each["verdict"] for each in judged["own"]["checks"]}
    assert verdicts["decides_the_same_in_a_fresh_process"] == "passed"
    assert judged["own"]["from"] == str(project / "strategies" / "a_little.py")
    assert judged["ours"]["from"] == "raisecash"
