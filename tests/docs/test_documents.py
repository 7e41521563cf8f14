"""The documents hold together: their links lead somewhere, and they stand alone."""

from __future__ import annotations

import re

import pytest

from tests.support.documents import DOCUMENTS, ROOT, anchors, code_spans, links, make_targets, text_of

FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(work|tmp|root|home|Users)\b",
    "a folder outside the project": r"\.\./\.\./|\.\./shared",
    "a package registry": r"pythonhosted|pypi\.org|index-url",
}
each_document = pytest.mark.parametrize("document", DOCUMENTS)


@each_document
def test_every_relative_link_leads_to_a_file_and_a_heading(document):
    for path, anchor in links(document):
        target = ((ROOT / document).parent / path.replace("\\", "")).resolve() if path else ROOT / document
        assert target.exists(), f"{document} links to {path}, which is not there"
        if anchor:
            known = anchors(target.relative_to(ROOT).as_posix())
            assert anchor in known, f"{document} links to {path}#{anchor}; there are {sorted(known)}"


@each_document
def test_every_file_named_in_code_type_exists(document):
    folders = "configs|data_feeds|strategies|raisecash|reports|tests|docs|benchmarks"
    made_up = {"strategies/trend_outside_july.py"}  # what the README's reader saves
    for span in code_spans(document):
        if re.fullmatch(rf"({folders})/[\w./-]*", span) and span not in made_up and "output" not in span:
            assert (ROOT / span).exists(), f"{document} names {span}, which is not there"


@each_document
@pytest.mark.parametrize("what", FORBIDDEN)
def test_documents_stand_alone(document, what):
    found = re.search(FORBIDDEN[what], text_of(document))
    assert found is None, f"{document} names {what}: {found}"


@pytest.mark.parametrize(("document", "target"), make_targets())
def test_every_make_target_exists(document, target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{document} says make {target}"


def test_every_config_of_the_project_is_in_the_readme():
    for config in (ROOT / "configs").glob("*.toml"):
        assert f"configs/{config.name}" in text_of("README.md")


def test_every_page_of_the_documentation_is_in_the_readme():
    named = {path for path, _ in links("README.md")}
    assert set(DOCUMENTS) - {"README.md"} <= named
