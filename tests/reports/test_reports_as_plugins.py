"""A project's own report lies in `reports/` beside ours and is written with every run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from raisecash.errors import ConfigError, InputError
from raisecash.pages.found import runs_reports, study_reports, verdict_report

STUDY_REPORT = """\
from raisecash.pages.report import Page, StudyReport


class Exposure(StudyReport):
    \"\"\"Name every account and its last weights.\"\"\"

    name = "exposure"
    files = ("exposure",)

    def pages(self, study):
        return [Page(path="exposure/all.html", title="Exposure")]

    def write(self, study, folder, context):
        (folder / "exposure").mkdir()
        linked = [page.path for page in context.pages]
        (folder / "exposure" / "all.html").write_text(f"{study.name}: {sorted(linked)}")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a function that adds a file to the `reports/` of a project, whose root is on the path."""
    root = tmp_path / "project"
    (root / "reports").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(root))
    known = set(sys.modules)

    def add(name: str, text: str) -> Path:
        path = root / "reports" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    yield add
    for name in set(sys.modules) - known:
        if name.startswith("reports.") and str(root) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_ours_are_found_by_being_there():
    assert [report.name for report in study_reports()] == ["comparison", "tear_sheet"]
    assert [report.name for report in runs_reports()] == ["runs"]
    assert [verdict_report(name).name for name in ("junit", "markdown")] == ["junit", "markdown"]


def test_a_project_s_own_report_is_written_beside_ours_linked_and_replaced_with_the_run(
    folder, raisecash, own
):
    own("exposure.py", STUDY_REPORT)
    out = folder / "out"
    said = raisecash("run", folder / "study.toml", "--out", out, "--no-tear-sheets")
    assert said.code == 0, said.err
    written = (out / "exposure" / "all.html").read_text(encoding="utf-8")
    assert written == "small: ['exposure/all.html', 'index.html']"
    assert '<a href="exposure/all.html">Exposure</a>' in (out / "index.html").read_text(encoding="utf-8")

    again = ("run", folder / "study.toml", "--out", out, "--no-tear-sheets", "--force")
    assert raisecash(*again, "--without", "exposure").code == 0
    assert not (out / "exposure").exists()
    assert "Exposure" not in (out / "index.html").read_text(encoding="utf-8")


def test_a_report_is_found_from_the_config_s_project_alone(folder):
    (folder / "strategies").mkdir()
    (folder / "reports").mkdir()
    (folder / "reports" / "exposure.py").write_text(STUDY_REPORT, encoding="utf-8")
    elsewhere = folder / "some" / "where"
    elsewhere.mkdir(parents=True)
    command = [sys.executable, "-m", "raisecash", "run", str(folder / "study.toml"), "--no-tear-sheets"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(elsewhere.glob("reports/output/small/*/exposure/all.html"))) == 1


def test_a_run_without_a_comparison_page_says_where_it_is(folder, raisecash):
    out = folder / "out"
    said = raisecash(
        "run", folder / "study.toml", "--out", out, "--no-tear-sheets", "--without", "comparison"
    )
    assert said.code == 0, said.err
    assert not (out / "index.html").exists()
    assert said.out.splitlines()[-1] == f"run: {out}"


def test_two_reports_of_one_file_are_an_error_that_names_both_before_the_run(folder, raisecash, own):
    path = own(
        "front.py", STUDY_REPORT.replace('"exposure"', '"front"').replace('("front",)', '("index.html",)')
    )
    said = raisecash("run", folder / "study.toml", "--out", folder / "out")
    assert said.code == 2
    assert "two reports write index.html: 'comparison'" in said.err
    assert str(path) in said.err
    assert "rows" not in said.err
    assert not (folder / "out").exists()


def test_two_reports_of_one_name_are_an_error_that_names_both(own):
    path = own("other.py", STUDY_REPORT.replace('name = "exposure"', 'name = "comparison"'))
    with pytest.raises(ConfigError, match="two reports are called 'comparison'") as caught:
        study_reports()
    assert str(path) in str(caught.value)
    assert "reports/comparison/__init__.py" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('files = ("exposure",)', 'files = ("summary.json",)', "summary.json is the run's own"),
        ("def write(", "def wrote(", "report Exposure has no 'write'"),
        ('    files = ("exposure",)\n', "", "report Exposure has no 'files'"),
    ],
)
def test_a_report_that_cannot_be_written_is_an_error_that_names_its_file(own, old, new, said):
    assert old in STUDY_REPORT
    path = own("exposure.py", STUDY_REPORT.replace(old, new))
    with pytest.raises(ConfigError, match=said) as caught:
        study_reports()
    assert str(path) in str(caught.value)


def test_a_report_that_writes_what_it_does_not_own_is_an_error_and_nothing_is_left(folder, raisecash, own):
    own("exposure.py", STUDY_REPORT.replace('files = ("exposure",)', 'files = ("exposed",)'))
    said = raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")
    assert said.code == 2
    assert "report 'exposure' wrote exposure, which is not among its files" in said.err
    assert not (folder / "out").exists()


def test_a_report_that_fails_is_one_message_with_its_line_and_nothing_is_left(folder, raisecash, own):
    own("exposure.py", STUDY_REPORT.replace('(folder / "exposure").mkdir()', "study.moods"))
    said = raisecash("run", folder / "study.toml", "--out", folder / "out", "--no-tear-sheets")
    assert said.code == 2
    assert "report 'exposure' raised AttributeError" in said.err
    assert "(exposure.py, line 14)" in said.err
    assert "--without exposure" in said.err
    assert not (folder / "out").exists()


def test_leaving_out_a_report_that_is_not_there_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'tear_sheet'"):
        study_reports(without=["tear_sheets"])
    with pytest.raises(InputError, match="did you mean 'junit'"):
        verdict_report("junti")


def test_a_folder_of_runs_inside_reports_is_no_plug_in(own):
    own("output/index.html", "a list of runs")
    assert [report.name for report in study_reports()] == ["comparison", "tear_sheet"]


def test_a_report_may_use_the_shared_templates_and_its_own(own, tmp_path):
    from raisecash.pages.rendering import render

    page = tmp_path / "mine.html"
    (tmp_path / "inner.html").write_text("{{ 0.5 | percent }}")
    page.write_text('{% extends "base.html" %}{% block content %}{% include "inner.html" %}{% endblock %}')
    text = render(page)
    assert "50.0%" in text
    assert text.startswith("<!DOCTYPE html>")
