"""The run-time set of packages holds no licence that the project's own cannot live with."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
# GPL-3.0-or-later may be combined with permissive licences, MPL-2.0 and the LGPL; not with these.
REFUSED = re.compile(
    r"affero|agpl|commons[ -]clause|sspl|server side public|non-?commercial|proprietary", re.IGNORECASE
)


def run_time_set() -> dict[str, str]:
    """Return every package that the project's dependencies bring here, with what it says of its licence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    waiting, found = [Requirement(text) for text in project["dependencies"]], {}
    while waiting:
        requirement = waiting.pop()
        name = requirement.name.lower().replace("_", "-")
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            if requirement.marker is None:
                raise
            continue
        said = package.metadata
        classifiers = [each for each in said.get_all("Classifier") or [] if each.startswith("License")]
        found[name] = " | ".join([said.get("License-Expression") or said.get("License") or "", *classifiers])
        waiting += [Requirement(text) for text in package.requires or []]
    return found


@pytest.fixture(scope="module")
def licences():
    return run_time_set()


def test_the_run_time_set_is_found_whole(licences):
    assert {"backtrader", "numpy", "curl-cffi", "llvmlite", "aiohttp"} <= set(licences)


def test_no_package_of_the_run_time_set_has_a_licence_that_is_refused(licences):
    # The header of a licence is enough: whole texts name other licences in passing.
    assert {name: text[:200] for name, text in licences.items() if REFUSED.search(text[:200])} == {}


def test_what_is_compared_against_never_enters_the_run_time_set(licences):
    assert "vectorbt" not in licences
