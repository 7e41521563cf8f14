"""The wheel is built and installed once for all tests that need it."""

from __future__ import annotations

import pytest

from tests.support.projects import apart
from tests.support.studies import raisecash
from tests.support.wheel import Environment, built, installed

__all__ = ["apart", "fresh", "raisecash", "wheel"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Return the built wheel's file."""
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def fresh(wheel, tmp_path_factory) -> Environment:
    """Return a fresh environment in which the wheel is installed."""
    return installed(wheel, tmp_path_factory.mktemp("fresh") / "environment")
