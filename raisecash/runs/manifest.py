"""`manifest.json`: what a run was made from, so that it can be made again and verified."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raisecash.messages.words import stamp
from raisecash.pages.sources import Source, sources

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.study.study import Study

SCHEMA = 1
PACKAGES = ("backtrader", "quantstats", "pandas", "numpy", "numba", "exchange-calendars", "pyarrow", "matplotlib", "plotly", "yfinance", "ccxt", "pydantic")  # fmt: skip
PROJECT = Path(__file__).resolve().parents[2]


def manifest(study: Study) -> dict[str, Any]:
    """Return a study's origin as the document of `manifest.json`.

    Returns
    -------
    dict
        The config as resolved; of every series its source, span and sha256; how many dated events the
        strategies could look at, and their sha256; the code's version and,
        in a checkout, its git commit and whether files differ from it; versions of Python and of the
        packages numbers depend on; the seed; how far the two engines agree on each result; how each
        strategy was checked for looking ahead; why each metric that has no value is undefined.
    """
    return {
        "schema": SCHEMA,
        "name": study.name,
        "created": study.created.isoformat(),
        "config_file": study.config_path.name,
        "config": study.config,
        "series": [_series(source) for source in sources(study.histories)],
        "events": events_seen(study.market.events),
        "notes": list(study.notes),
        "code": {"version": code_version(), **_checkout()},
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "seed": study.seed,
        "reconciliation": {
            result.name: {
                "engine": result.reconciliation.engine,
                "against": result.reconciliation.against,
                "max_relative_difference": result.reconciliation.max_relative_difference,
            }
            for result in study.results
        },
        "look_ahead": {
            check.strategy: {"cuts": check.cuts, "by_construction": check.by_construction}
            for check in study.lookahead
        },
        "undefined": {result.name: result.undefined for result in study.results if result.undefined},
    }


def events_seen(events: pd.DataFrame) -> dict[str, Any]:
    """Return how many dated events there are and a hash of all that a strategy can know of them."""
    text = events.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S", lineterminator="\n")
    return {"rows": len(events), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def code_version() -> str:
    """Return the project's version; `unknown` where it is not installed."""
    try:
        return version("raisecash")
    except PackageNotFoundError:
        return "unknown"


def _series(source: Source) -> dict[str, Any]:
    """Return one series' source, span and hash."""
    first, last = (None if time is None else stamp(time) for time in (source.first, source.last))
    return {**asdict(source), "first": first, "last": last}


def _checkout() -> dict[str, Any]:
    """Return the git commit of the code and whether files differ from it; nothing outside a checkout."""
    if not (PROJECT / ".git").exists():
        return {}
    commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain")
    return {} if commit is None or changes is None else {"commit": commit, "dirty": bool(changes)}


def _git(*arguments: str) -> str | None:
    """Return what git answers about the project's own folder; None when there is no git or no commit."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(PROJECT), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
