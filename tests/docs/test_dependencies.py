"""What the code imports is declared, what is declared is imported, and the lock files hold it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from raisecash.runs.manifest import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED = ("raisecash", "strategies", "data_feeds", "reports")
OURS = {*SHIPPED, "tests"}
NOT_IMPORTED = {"pytest": "authors run the strategy contract with it on their own classes"}
TOOLS = {
    "hypothesis",
    "pytest-xdist",
    "mypy",
    "ruff",
    "import-linter",
    "pandas-stubs",
    "hatchling",
    "editables",
}
LOCKS = ("requirements.lock", "benchmarks/requirements.lock")
EXACT = ("backtrader", "quantstats", "exchange-calendars")  # a version of theirs decides numbers


def imported(folders: Iterable[str]) -> dict[str, str]:
    """Return the distributions whose modules are imported anywhere in some folders, and a file that imports each."""
    of_module, found = packages_distributions(), {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OURS:
                    for distribution in of_module.get(top, [top]):
                        found.setdefault(canonicalize_name(distribution), str(path.relative_to(ROOT)))
    return found


def declared(texts: Iterable[str]) -> dict[str, Requirement]:
    """Return requirements by the name of what they require."""
    return {canonicalize_name(each.name): each for each in map(Requirement, texts)}


RUN_TIME = declared(PROJECT["project"]["dependencies"])
DEV = declared(PROJECT["dependency-groups"]["dev"])


def test_what_is_shipped_imports_nothing_that_is_not_declared():
    assert {name: where for name, where in imported(SHIPPED).items() if name not in RUN_TIME} == {}


def test_what_is_declared_is_imported_or_says_why_not():
    assert set(RUN_TIME) - set(imported(SHIPPED)) == set(NOT_IMPORTED)


def test_what_the_tests_import_is_declared():
    known = {*RUN_TIME, *DEV}
    assert {name: where for name, where in imported(["tests"]).items() if name not in known} == {}


def test_a_development_package_is_a_tool_or_imported_by_the_tests():
    assert set(DEV) - set(imported(["tests"])) <= TOOLS


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_holds_what_is_declared_in_a_version_that_will_do(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    locked = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ \\;]+)", text, flags=re.MULTILINE):
        locked.setdefault(canonicalize_name(name), []).append(Version(version))
    for name, requirement in {**RUN_TIME, **DEV}.items():
        assert name in locked, f"{lock} does not hold {name}: make lock"
        assert all(version in requirement.specifier for version in locked[name]), (
            f"{lock}: {requirement}: make lock"
        )


def test_the_packages_that_decide_numbers_are_pinned_and_named_in_the_manifest():
    assert all([each.operator for each in RUN_TIME[name].specifier] == ["=="] for name in EXACT)
    assert set(EXACT) <= set(PACKAGES) <= set(RUN_TIME)
