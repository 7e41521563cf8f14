"""The second half of a message about an unknown name: what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the nearest known name as a question, or the list of them when none is near."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near!r}?"
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"there {'is' if len(names) == 1 else 'are'} {shown or 'none'}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant; None when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return near[0] if near else None
