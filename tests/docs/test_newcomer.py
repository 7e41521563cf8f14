"""Where something new goes: CONTRIBUTING's table names one or two places each, and they are there."""

from __future__ import annotations

import re

import pytest

from tests.support.documents import ROOT, rows, section

TABLE = {row[0]: row[1:] for row in rows(section("CONTRIBUTING.md", "## What you change"))}
BROUGHT = (
    "a strategy",
    "an overlay",
    "a feed",
    "a report",
    "a data check",
    "a metric",
    "a chart",
    "a gate kind",
    "a command",
    "a contract check",
)
each_row = pytest.mark.parametrize("brought", TABLE)


def test_the_table_names_everything_a_newcomer_brings():
    assert [re.sub(r"[\[\]]|\(.*\)", "", each) for each in TABLE] == list(BROUGHT)


@each_row
def test_each_thing_has_a_section_of_its_own_and_is_written_where_others_of_its_kind_are(brought):
    heading = re.sub(r"[\[\]]|\(.*\)", "", brought)
    assert section("CONTRIBUTING.md", f"## {heading[0].upper()}{heading[1:]}")
    written, _ = TABLE[brought]
    (place,) = re.findall(r"`([^`]+)`", written)
    found = ROOT / place
    others = list(found.rglob("*.py")) if found.is_dir() else [found]
    assert others
    assert all(each.is_file() for each in others)


@each_row
def test_each_is_named_in_one_list_or_nowhere(brought):
    _, named = TABLE[brought]
    if named == "nothing":
        return
    ((name, file),) = re.findall(r"`([A-Z]+)` in \[[^\]]+\]\(([^)]+)\)", named)
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^{name}\b.*=", text, re.MULTILINE), f"{file} has no {name}"
