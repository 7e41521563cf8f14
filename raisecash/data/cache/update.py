"""What is asked of a vendor, given what is cached, and the answer put into the cache while no one else writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from raisecash.data.cache import store as cache
from raisecash.data.cache.compare import revision
from raisecash.data.cache.entry import CacheEntry
from raisecash.data.cache.merge import Merged, merge
from raisecash.data.request import Request

OVERLAP_BARS = 30
OVERLAP = pd.Timedelta(days=10)


def whole_request(request: Request, entry: CacheEntry | None) -> Request:
    """Return the request and what is cached as one window: nothing cached is ever asked for less."""
    if entry is None:
        return request
    start = None if request.start is None or entry.start is None else min(request.start, entry.start)
    return replace(request, start=start, end=_last_end(request, entry))


def tail_request(request: Request, entry: CacheEntry) -> Request:
    """Return a request for what is new and an overlap: 30 bars and at least 10 days of what is cached."""
    times = entry.frame.index
    overlap = min(pd.Timestamp(times[-min(OVERLAP_BARS, len(times))]), entry.last - OVERLAP)
    return replace(request, start=overlap.normalize(), end=_last_end(request, entry))


def absorb(
    key: Mapping[str, str], answer: CacheEntry, *, seen: CacheEntry | None, is_whole: bool, refresh: bool
) -> Merged:
    """Put an answer into the cache and return what the run uses.

    Parameters
    ----------
    key : mapping
        Which series.
    answer : CacheEntry
        What the vendor answered; its `fetched` is when it was asked.
    seen : CacheEntry or None
        The entry from which the request was made.
    is_whole, refresh : bool
        As for `merge`.

    Raises
    ------
    DataError
        When the cache cannot be written.
    """
    with cache.writing(cache.entry_path(key)):
        try:
            current = cache.kept(key)
        except cache.UnreadableError:
            current = None  # replaced below, or asked for whole
        if current is not None and not refresh and _is_newer(current, answer, seen, is_whole=is_whole):
            return Merged(entry=current)  # another process asked later and was faster
        outcome = decide(key, current, answer, is_whole=is_whole, refresh=refresh)
        if outcome.needs_whole or outcome.lost:
            return outcome
        if outcome.replaced is not None:
            cache.store_version(key, outcome.replaced, word="replaced")
        entry = outcome.entry
        if outcome.vendors is not None and entry.restated is not None:
            file = cache.store_version(key, outcome.vendors, word="vendor")
            entry = replace(entry, restated=replace(entry.restated, version=file))
        cache.store(key, entry)
        if current is not None and outcome.vendors is not None:
            _drop_superseded(key, current, outcome.vendors)
        return replace(outcome, entry=entry)


def decide(
    key: Mapping[str, str], current: CacheEntry | None, answer: CacheEntry, *, is_whole: bool, refresh: bool
) -> Merged:
    """Return what becomes of what is cached, without writing anything."""
    if current is None:
        return Merged(entry=answer, needs_whole=not is_whole)
    return merge(current, answer, is_whole=is_whole, refresh=refresh, waiting=_waiting(key, current))


def _waiting(key: Mapping[str, str], entry: CacheEntry) -> pd.DataFrame | None:
    """Return the vendor's figures that wait for a refresh, None without any."""
    if entry.restated is None or not entry.restated.version:
        return None
    try:
        return cache.read_entry(cache.series_folder() / entry.restated.version, key).frame
    except cache.UnreadableError:
        return None


def _is_newer(current: CacheEntry, answer: CacheEntry, seen: CacheEntry | None, *, is_whole: bool) -> bool:
    """Return whether what is cached by now was asked for after this answer, and holds all that was asked for."""
    start = answer.start if is_whole or seen is None else seen.start
    return current.fetched > answer.fetched and current.covers(start, answer.end)


def _drop_superseded(key: Mapping[str, str], entry: CacheEntry, vendors: CacheEntry) -> None:
    """Remove the vendor's earlier figures unless some of them are found nowhere else."""
    waiting = _waiting(key, entry)
    if waiting is None or entry.restated is None or set(waiting) != set(vendors.frame):
        return
    changed_again = revision(waiting, vendors.frame).cells
    changed_before = revision(entry.frame, waiting).cells.reindex_like(changed_again).eq(True)
    if (
        waiting.index.isin(vendors.frame.index).all()
        and not (changed_again & changed_before).to_numpy().any()
    ):
        (cache.series_folder() / entry.restated.version).unlink(missing_ok=True)


def _last_end(request: Request, entry: CacheEntry) -> pd.Timestamp | None:
    return None if request.end is None or entry.end is None else max(request.end, entry.end)
