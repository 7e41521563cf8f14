"""Projects of a test's own, forgotten when it ends."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from raisecash import plugins


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what a test's project did to the path and to the modules."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(plugins, "_left_out", {})
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {"strategies", "data_feeds", "reports"}:
            del sys.modules[name]
    importlib.invalidate_caches()
