"""Numbers for logs and machines."""

from __future__ import annotations

from raisecash.pages.formatting import is_defined


def plain(value: float | None) -> str:
    """Return a number for a log: six significant digits, `undefined` without one."""
    return f"{value:.6g}" if value is not None and is_defined(value) else "undefined"
