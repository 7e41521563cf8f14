"""The project's documents as their tests read them: blocks, tables, links and commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its document, its number there, its language and its text."""

    document: str
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.language}-{self.number}"


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks in some languages, of every document."""
    found = []
    for document in DOCUMENTS:
        for number, match in enumerate(FENCE.finditer(text_of(document)), start=1):
            if match[1] in languages:
                found.append(Block(document, number, match[1], match[2]))
    return found


def prose(document: str) -> str:
    """Return a document without its fenced blocks."""
    return FENCE.sub("", text_of(document))


def code_spans(document: str) -> list[str]:
    """Return what stands between single backticks outside the fenced blocks."""
    return re.findall(r"`([^`\n]+)`", prose(document))


def links(document: str) -> list[tuple[str, str]]:
    """Return the relative links of a document: path and anchor, either of them possibly empty."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(document))
    return [tuple(each.partition("#")[::2]) for each in targets if "://" not in each]


def anchors(document: str) -> set[str]:
    """Return the anchors that a document's headings make, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands() -> list[tuple[str, tuple[str, ...]]]:
    """Return every `raisecash ...` line that a document tells its reader to type, with its document."""
    found = []
    for document in DOCUMENTS:
        lines = [
            line for block in blocks("sh") if block.document == document for line in block.text.splitlines()
        ]
        for line in (*lines, *code_spans(document)):
            words = shlex.split(line, comments=True)
            if words and words[0].removeprefix(".venv/bin/") == "raisecash" and len(words) > 1:
                found.append((document, tuple(words[1:])))
    return sorted(set(found))


def make_targets() -> list[tuple[str, str]]:
    """Return every make target that a document names, with the document."""
    found = set()
    for document in DOCUMENTS:
        lines = [
            line for block in blocks("sh") if block.document == document for line in block.text.splitlines()
        ]
        for line in (*lines, *code_spans(document)):
            words = shlex.split(line, comments=True)
            if words[:1] == ["make"]:
                found.update((document, word) for word in words[1:] if "=" not in word)
    return sorted(found)


def section(document: str, heading: str) -> str:
    """Return a document's text from a heading to the next one of any level."""
    _, found, rest = text_of(document).partition(f"\n{heading}\n")
    assert found, f"{document} has no heading {heading!r}"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row of a text, header and rule left out."""
    table, found = False, []
    for line in text.splitlines():
        if not line.startswith("|"):
            table = False
        elif re.fullmatch(r"\|( ?-+:? ?\|)+", line):
            table = True
        elif table:
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
    return found


def first_names(text: str) -> list[str]:
    """Return what stands in backticks in the first cell of each table row of a text."""
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]
