"""What `raisecash data` prints: a table for people, the same as a JSON document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from raisecash.cli.output import text_table

if TYPE_CHECKING:
    from raisecash.data.cache.listing import Listed
    from raisecash.data.fetching import Fetched
    from raisecash.data.history import Finding, History


def listed_text(every: tuple[Listed, ...], folder: Path) -> str:
    """Return the cached series as text."""
    rows = [
        (
            each.name,
            "unreadable" if each.problem else each.vendor,
            f"{each.rows:,}",
            each.first,
            each.last,
            each.fetched.replace("T", " "),
            each.sha256[:12],
            size_text(each.bytes),
            str(each.versions),
            "re-stated" if each.is_restated else "",
        )
        for each in every
    ]
    header = ("series", "vendor", "rows", "first", "last", "fetched (UTC)", "sha256", "size", "versions", "")
    total = f"{len(every)} series, {size_text(sum(each.bytes for each in every))} in {folder}"
    return f"{text_table(header, rows, left=2)}\n{total}"


def fetched_text(done: tuple[Fetched, ...]) -> str:
    """Return what was fetched, as text."""
    if not done:
        return "no live series in this config: nothing to fetch"
    words = {0: "fetched", 1: "refused", 2: "failed"}
    rows = [
        (
            each.name,
            each.source,
            words[each.exit_code],
            f"{each.rows:,}" if each.rows else "",
            each.first,
            each.last,
        )
        for each in done
    ]
    notes = [
        f"{finding.severity}: {finding.message}"
        for each in done
        for finding in each.findings
        if finding.kind not in ("cached", "not_cached", "lost_rows")  # already told as the error it is here
    ]
    return "\n".join([text_table(("series", "feed", "", "rows", "first", "last"), rows, left=3), *notes])


def inspected_text(history: History, listed: Listed | None) -> str:
    """Return one series as text."""
    from raisecash.data.inspecting import clock_of
    from raisecash.messages.words import stamp

    times = history.frame.index
    lines = [
        ("series", history.name),
        ("source", history.source),
        ("rows", f"{len(times):,}"),
        ("first", stamp(times[0])),
        ("last", stamp(times[-1])),
        ("calendar", clock_of(history)),
        ("columns", ", ".join(map(str, history.frame.columns))),
        ("sha256", history.sha256),
    ]
    if listed is not None:
        lines += [("fetched", listed.fetched.replace("T", " ") + " UTC"), ("file", str(listed.path))]
    if history.note:
        lines.append(("note", history.note))
    text = "\n".join(f"{word:<10}{said}" for word, said in lines)
    if not history.findings:
        return f"{text}\n\nno findings"
    rows = [
        (each.severity, each.kind, str(each.count), each.first or "", each.last or "", _without_name(each))
        for each in history.findings
    ]
    return f"{text}\n\n{text_table(('finding', 'kind', 'count', 'first', 'last', ''), rows, left=6)}"


def _without_name(finding: Finding) -> str:
    return finding.message.removeprefix(f"{finding.series}: ")


def fetched_document(each: Fetched) -> dict[str, Any]:
    """Return what became of one series as a JSON document."""
    from dataclasses import asdict

    document = asdict(each)
    return {
        **document,
        "first": each.first or None,
        "last": each.last or None,
        "problem": each.problem or None,
    }


def listed_document(each: Listed) -> dict[str, Any]:
    """Return one cached series as a JSON document."""
    from dataclasses import asdict

    document = {**asdict(each), "path": str(each.path), "problem": each.problem or None}
    return {key: value for key, value in document.items() if key != "key"}


def inspected_document(history: History, listed: Listed | None) -> dict[str, Any]:
    """Return one series as a JSON document."""
    from dataclasses import asdict

    from raisecash.data.inspecting import clock_of
    from raisecash.messages.words import stamp

    times = history.frame.index
    return {
        "series": history.name,
        "source": history.source,
        "rows": len(times),
        "first": stamp(times[0]),
        "last": stamp(times[-1]),
        "calendar": clock_of(history),
        "columns": [str(column) for column in history.frame.columns],
        "sha256": history.sha256,
        "note": history.note or None,
        "cached": None if listed is None else listed_document(listed),
        "findings": [asdict(each) for each in history.findings],
    }


def size_text(count: int) -> str:
    """Return a number of bytes in a unit that suits it: `1.2 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
