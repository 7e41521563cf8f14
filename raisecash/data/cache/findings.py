"""What a run is told of an answer: history the vendor changed, rows it lost, splits that re-scaled a series."""

from __future__ import annotations

import pandas as pd

from raisecash.data.cache.entry import CacheEntry, Restated
from raisecash.data.cache.merge import Merged
from raisecash.data.history import Finding, Severity, found
from raisecash.messages.words import stamp


def restated(name: str, title: str, entry: CacheEntry) -> tuple[Finding, ...]:
    """Return the difference to the vendor's figures that waits for a refresh to decide."""
    change = entry.restated
    if change is None:
        return ()
    frozen = (
        f"; bars after {stamp(entry.last)} are left out, because the two are not in the same units"
        if change.is_frozen
        else ""
    )
    message = (
        f"{_told(name, title, change)}; the figures fetched before are used until --refresh takes the vendor's"
        f"{frozen}{f'; theirs are kept in the cache as {change.version}' if change.version else ''}"
    )
    return (_finding(name, change, _severity(change), message),)


def settled(name: str, title: str, outcome: Merged, answer: CacheEntry) -> tuple[Finding, ...]:
    """Return what an answer changed for good, and an answer that was refused."""
    entry = outcome.entry
    if outcome.lost:
        message = (
            f"the answer of {title} was refused, because rows would be lost: {outcome.lost}; what was fetched "
            f"{entry.fetched.floor('s')} UTC is used; try again later, or drop it with `raisecash data clear`"
        )
        return (found(name, "lost_rows", "warning", pd.DatetimeIndex(entry.frame.index), message),)
    if outcome.restated is not None:
        message = f"{_told(name, title, outcome.restated)}; --refresh took the vendor's figures, the old ones are kept"
        return (_finding(name, outcome.restated, "info", message),)
    if outcome.split != 1.0 and outcome.replaced is not None:
        before = pd.DatetimeIndex(outcome.replaced.frame.index)
        message = (
            f"{title} lists a split since {stamp(before[-1])}: every earlier price is multiplied by {outcome.split:g}, "
            "as the vendor now gives them; their growth is unchanged"
        )
        return (found(name, "rescaled", "info", before, message),)
    return ()


def _told(name: str, title: str, change: Restated) -> str:
    """Return what changed, in words: how many bars, when, in what, by how much."""
    parts = [
        f"{change.bars} {'bar' if change.bars == 1 else 'bars'} between {change.first} and {change.last}"
    ]
    if change.columns:
        parts.append(f"in {', '.join(change.columns)}")
    if change.largest is not None:
        parts.append(f"by up to {change.largest:.2g} of the old figure")
    if change.added:
        parts.append(f"{change.added} of them new")
    if change.gone:
        parts.append(f"{change.gone} of them gone")
    return f"{title} re-stated {', '.join(parts)}"


def _severity(change: Restated) -> Severity:
    """Volume alone is revised for days after a session and decides nothing here."""
    only_volume = set(change.columns) == {"volume"} and not change.added and not change.gone
    return "info" if only_volume else "warning"


def _finding(name: str, change: Restated, severity: Severity, message: str) -> Finding:
    return Finding(
        series=name,
        kind="restated",
        severity=severity,
        first=change.first,
        last=change.last,
        count=change.bars,
        message=f"{name}: {message}",
    )
