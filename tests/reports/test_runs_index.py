"""The list of runs: newest first, links that work, nothing hidden."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from raisecash.runs.summary import summary, to_json
from reports.runs.index import runs_index
from strategies.cash import Cash
from tests.support.page_reader import number_on_page, read
from tests.support.study_factory import CREATED, make_market, make_study


@pytest.fixture(scope="module")
def study():
    return make_study(market=make_market("2020-01-01", "2020-12-31"))


def write_run(folder, study, name, *, days_later=0, page=True):
    created = CREATED + timedelta(days=days_later)
    run = folder / name / f"{created:%Y%m%dT%H%M%SZ}-0123abcd"
    run.mkdir(parents=True)
    (run / "summary.json").write_text(
        to_json(summary(dataclasses.replace(study, name=name, created=created)))
    )
    if page:
        (run / "index.html").write_text("a page")
    return run


def test_the_newest_run_comes_first_and_its_link_leads_to_its_page(tmp_path, study):
    write_run(tmp_path, study, "early", days_later=1)
    newest = write_run(tmp_path, study, "late one", days_later=2)
    page = read(runs_index(tmp_path))
    links = page.all("a")
    assert [link.text for link in links] == ["late one", "early"]
    assert links[0].attributes["href"] == f"late%20one/{newest.name}/index.html"
    assert "2026-01-04 03:04 UTC" in page.text
    assert "2020-01-01" in page.text


def test_a_run_shows_its_accounts_as_its_summary_has_them(tmp_path, study):
    write_run(tmp_path, study, "only")
    rows = [
        [cell.text for cell in row.all("td")] for row in read(runs_index(tmp_path)).one("tbody").all("tr")
    ]
    assert [row[-5] for row in rows[:4]] == ["rally", "sell-in-may", "cash", "buy-and-hold"]
    assert rows[4] == ["and 1 more"]
    metrics = study.results[0].metrics
    for text, key in zip(rows[0][-4:], ("final_equity", "cagr", "max_drawdown", "sharpe"), strict=True):
        said, rounding = number_on_page(text)
        assert said == pytest.approx(metrics[key], abs=rounding)
    assert rows[2][-1] == "–"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read"),
        ("[]", "not the summary of a run"),
        ('{"created": "yesterday"}', "not the summary of a run"),
        ('{"created": "2026-01-01", "results": 3}', "not the summary of a run"),
        (None, "no summary.json"),
    ],
)
def test_a_broken_run_is_skipped_with_a_note(tmp_path, study, text, reason):
    write_run(tmp_path, study, "good")
    broken = write_run(tmp_path, study, "bad")
    if text is None:
        (broken / "summary.json").unlink()
    else:
        (broken / "summary.json").write_text(text)
    page = read(runs_index(tmp_path))
    assert [link.text for link in page.all("a")] == ["good"]
    note = page.one(id="skipped").text
    assert reason in note
    assert f"bad/{broken.name}" in note


def test_hidden_empty_and_half_made_folders_are_left_alone(tmp_path, study):
    write_run(tmp_path, study, ".partial")
    (tmp_path / "nothing" / "here").mkdir(parents=True)
    assert read(runs_index(tmp_path)).all("tbody") == []


def test_an_empty_or_absent_folder_is_a_page_that_says_how_to_begin(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        assert "raisecash run CONFIG" in read(runs_index(folder)).text


def test_a_run_without_a_page_has_no_link(tmp_path, study):
    write_run(tmp_path, study, "bare", page=False)
    page = read(runs_index(tmp_path))
    assert page.all("a") == []
    assert "no page" in page.text


def test_hostile_names_stay_text(tmp_path, study):
    run = write_run(tmp_path, study, "safe")
    hostile = dataclasses.replace(study, name="<script>alert(1)</script>")
    (run / "summary.json").write_text(to_json(summary(hostile)))
    page = read(runs_index(tmp_path))
    assert page.all("script") == []
    assert page.one("a").text == "<script>alert(1)</script>"


def test_runs_of_one_moment_are_listed_by_name_in_whatever_order_they_were_written(tmp_path, study):
    pages = []
    for place, names in (("here", "bac"), ("there", "cab")):
        for name in names:
            write_run(tmp_path / place, study, name)
        pages.append(read(runs_index(tmp_path / place)))
    said = [[link.text for link in page.all("a")] for page in pages]
    assert said[0] == said[1]
    assert sorted(said[0]) == ["a", "b", "c"]


def test_a_run_without_benchmark_lists_its_strategies(tmp_path):
    write_run(
        tmp_path, make_study({"cash": Cash()}, {}, market=make_market("2020-01-01", "2020-03-31")), "lone"
    )
    assert len(read(runs_index(tmp_path)).one("tbody").all("tr")) == 1
