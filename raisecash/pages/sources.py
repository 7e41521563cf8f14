"""Whose figures each series of a study is, as pages and the manifest say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from raisecash.data.history import History


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose figures one series is, and which."""

    name: str
    source: str
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    rows: int
    lag: int
    sha256: str


def sources(histories: Iterable[History]) -> tuple[Source, ...]:
    """Return whose figures each series is, its first and last bar, and the hash that identifies them."""
    return tuple(
        Source(
            name=history.name,
            source=history.source,
            first=history.frame.index[0] if len(history.frame) else None,
            last=history.frame.index[-1] if len(history.frame) else None,
            rows=len(history.frame),
            lag=history.lag,
            sha256=history.sha256,
        )
        for history in histories
    )
