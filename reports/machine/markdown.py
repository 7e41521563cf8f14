"""Verdicts as Markdown: a sentence and a table, the failures first, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable

from raisecash.gates.verdict import Verdict
from raisecash.pages.formatting import counted
from reports.machine.words import plain


def markdown_summary(title: str, verdicts: Iterable[Verdict], *, notes: Iterable[str] = ()) -> str:
    """Return judged gates as Markdown for a pull request or a CI step: a sentence, a table, the failures first.

    Parameters
    ----------
    title : str
        What was judged.
    verdicts : iterable of Verdict
        One a gate.
    notes : iterable of str
        Sentences every reader must see, such as which data it was judged on.
    """
    listed = sorted(verdicts, key=lambda each: each.passed)  # stable: the config's order otherwise
    failed = sum(not verdict.passed for verdict in listed)
    sentence = (
        f"{failed} of {counted(len(listed), 'gate')} failed"
        if failed
        else f"{counted(len(listed), 'gate')} passed"
    )
    lines = [f"## {_cell(title)}", "", f"**{sentence}.**", ""]
    for note in notes:
        lines += [f"> {_cell(note)}", ""]
    if listed:
        lines += ["| | strategy | metric | value | must be | |", "| --- | --- | --- | ---: | --- | --- |"]
    for verdict in listed:
        wanted = f"{verdict.rule.replace('_', ' ')} {plain(verdict.bound)}"
        cells = (
            "passed" if verdict.passed else "**failed**",
            verdict.strategy,
            f"`{verdict.metric}`",
            plain(verdict.value),
            wanted,
            "" if verdict.passed else verdict.message,
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    """Return text that neither ends a table cell nor starts HTML."""
    flat = " ".join(str(text).split())
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
