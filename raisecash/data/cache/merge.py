"""What becomes of a cached series when the vendor answers: extended, replaced, or kept against the answer.

Figures a run has seen are never changed behind its back. Where the vendor's differ from the cached ones the
old figures stay until a refresh takes the vendor's; bars that are new are added as long as both versions
are in the same units. The one change taken without asking is of scale: adjusted closes after a dividend, and
all prices after a split that the vendor lists, when nothing but the scale moved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from raisecash.data.cache.compare import (
    ADJUSTED,
    GROWTH_TOLERANCE,
    RAW_TOLERANCE,
    Revision,
    in_new_shares,
    in_scale,
    revision,
    split_factor,
)
from raisecash.data.cache.entry import CacheEntry, Restated
from raisecash.messages.words import stamp

LOST_SHARE = 0.05  # more bars than this gone from what was asked for: a bad answer, not a correction


@dataclass(frozen=True, eq=False, kw_only=True)
class Merged:
    """What an answer did.

    Attributes
    ----------
    entry : CacheEntry
        What the run uses.
    needs_whole : bool
        The answer covers the newest bars only, and telling what happened takes the whole series.
    lost : str
        Why the answer was refused; empty when it was not.
    replaced : CacheEntry or None
        What `entry` replaced, to be kept as a version.
    vendors : CacheEntry or None
        Figures of the vendor that were not taken, to be kept as a version.
    restated : Restated or None
        What a refresh changed.
    split : float
        What a split multiplied earlier prices by; 1 without one.
    """

    entry: CacheEntry
    needs_whole: bool = False
    lost: str = ""
    replaced: CacheEntry | None = None
    vendors: CacheEntry | None = None
    restated: Restated | None = None
    split: float = 1.0


def merge(
    entry: CacheEntry,
    answer: CacheEntry,
    *,
    is_whole: bool,
    refresh: bool = False,
    waiting: pd.DataFrame | None = None,
) -> Merged:
    """Return what becomes of an entry and a vendor's answer.

    Parameters
    ----------
    entry : CacheEntry
        What is cached.
    answer : CacheEntry
        What the vendor answered, and what was asked.
    is_whole : bool
        Whether the whole series was asked for, not its newest bars alone.
    refresh : bool
        Take the vendor's figures wherever they differ; the answer is whole.
    waiting : DataFrame, optional
        Figures of the vendor kept when they were first seen to differ.
    """
    since = _first(entry, answer, is_whole=is_whole)
    until = entry.last
    old, new = entry.frame.loc[since:], answer.frame.loc[since:until]
    lost = _lost(entry, answer, old, new, is_whole=is_whole)
    if lost:
        return Merged(entry=entry, lost=lost)
    has_columns = set(answer.frame.columns) == set(entry.frame.columns)
    taken = _widened(entry, answer)
    if refresh:
        difference = revision(old, new)
        changed = difference.restated() if difference else None
        return Merged(entry=taken, restated=changed, replaced=entry if changed else None)
    factor = split_factor(entry.frame, answer.frame)
    if factor == 1.0:
        difference = revision(old, new, tolerance=RAW_TOLERANCE)
    else:
        difference = revision(in_new_shares(old, factor), new, tolerance=GROWTH_TOLERANCE)
    is_moved = factor != 1.0 or difference.adjusted_scale != 1.0 or not has_columns
    if is_moved and not is_whole:
        return Merged(entry=entry, needs_whole=True)
    if difference:
        return _kept(entry, answer, difference, waiting, is_whole=is_whole, is_split=factor != 1.0)
    if is_moved:
        return Merged(entry=taken, replaced=entry if factor != 1.0 else None, split=factor)
    undecided = None if is_whole else entry.restated  # over the whole series the two agree again
    return Merged(entry=replace(taken, frame=_joined(entry, answer, 1.0), restated=undecided))


def _first(entry: CacheEntry, answer: CacheEntry, *, is_whole: bool) -> pd.Timestamp:
    """Return the first time at which entry and answer can be compared."""
    first = pd.Timestamp(entry.frame.index[0])
    if is_whole or answer.start is None:
        return first
    # some vendors deliver more than was asked for
    return max(first, min(answer.start, pd.Timestamp(answer.frame.index[0])))


def _lost(
    entry: CacheEntry, answer: CacheEntry, old: pd.DataFrame, new: pd.DataFrame, *, is_whole: bool
) -> str:
    """Return why an answer would lose what is cached, empty when it would not."""
    if answer.last < entry.last:
        return f"it ends {stamp(answer.last)}, the cached series {stamp(entry.last)}"
    first = pd.Timestamp(answer.frame.index[0])
    if is_whole and first > entry.frame.index[0]:
        return f"it starts {stamp(first)}, the cached series {stamp(entry.frame.index[0])}"
    gone = len(old.index.difference(new.index))
    if gone > max(1, LOST_SHARE * len(old)):
        return f"{gone} of {len(old)} bars from {stamp(old.index[0])} on are not in it"
    absent = [str(column) for column in entry.frame.columns if column not in answer.frame.columns]
    return f"it has no {', '.join(absent)} any more" if absent else ""


def _kept(
    entry: CacheEntry,
    answer: CacheEntry,
    difference: Revision,
    waiting: pd.DataFrame | None,
    *,
    is_whole: bool,
    is_split: bool,
) -> Merged:
    """Return the old figures, newer bars added where they fit, and the vendor's beside them."""
    is_frozen = (
        is_split
        or difference.is_in_other_units
        or (is_whole and answer.frame.index[0] < entry.frame.index[0] and not difference.is_scaled_alike)
    )
    vendors = answer.frame
    if not is_whole and waiting is not None:
        vendors = _newest(waiting, answer.frame)
    compared = difference
    if not is_split and len(vendors) > len(answer.frame):  # an earlier answer showed more than this one
        span = slice(max(vendors.index[0], entry.frame.index[0]), entry.last)
        compared = revision(entry.frame.loc[span], vendors.loc[span]) or difference
    restated = compared.restated()
    known = entry.restated
    is_known = known is not None and (known.digest, known.is_frozen) == (restated.digest, is_frozen)
    if known is not None and is_known:
        restated = known
    else:
        restated = replace(restated, seen=answer.fetched.isoformat(), is_frozen=is_frozen)
    if is_frozen:
        kept = replace(entry, restated=restated)
    else:
        frame = _joined(entry, answer, difference.adjusted_scale)
        kept = replace(_widened(entry, answer), frame=frame, restated=restated)
    return Merged(entry=kept, vendors=None if is_known else replace(answer, frame=vendors))


def _joined(entry: CacheEntry, answer: CacheEntry, scale: float) -> pd.DataFrame:
    """Return the old bars as they are, and the answer's before and after them."""
    old = in_scale(entry.frame, scale)
    new = answer.frame[list(old.columns)]
    joined: pd.DataFrame = pd.concat(
        [new.loc[new.index < old.index[0]], old, new.loc[new.index > old.index[-1]]]
    )
    return joined


def _newest(waiting: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """Return what the vendor said last of every bar, adjusted closes in the answer's scale."""
    if set(waiting.columns) != set(answer.columns):
        return answer
    earlier = waiting.loc[waiting.index < answer.index[0], list(answer.columns)]
    if earlier.empty or ADJUSTED not in answer.columns:
        return pd.concat([earlier, answer]) if len(earlier) else answer
    scale = revision(waiting.loc[answer.index[0] :], answer).adjusted_scale
    return pd.concat([in_scale(earlier, scale), answer])


def _widened(entry: CacheEntry, answer: CacheEntry) -> CacheEntry:
    """Return the answer as the entry of everything that was asked for so far."""
    start = None if entry.start is None or answer.start is None else min(entry.start, answer.start)
    end = None if entry.end is None or answer.end is None else max(entry.end, answer.end)
    return replace(answer, start=start, end=end)
