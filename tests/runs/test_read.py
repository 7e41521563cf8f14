"""A run read back from its folder is the study that was written there."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from raisecash.errors import InputError
from raisecash.runs.read import read_run, runs_in
from raisecash.runs.write import write_study
from strategies.cash import Cash
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from tests.support.study_factory import make_market, make_study

FIGURES_ONLY = ("comparison", "tear_sheet")


@pytest.fixture(scope="module")
def study():
    return make_study(
        {"rally": RallyThenRaiseCash(reserve=0.5), "cash": Cash()},
        market=make_market("2020-01-01", "2020-12-31"),
    )


@pytest.fixture(scope="module")
def out(study, tmp_path_factory):
    return write_study(study, tmp_path_factory.mktemp("runs") / "out", without=FIGURES_ONLY)


def test_a_run_holds_what_its_study_held(study, out):
    run = read_run(out)
    assert (run.name, run.created, run.notes) == (study.name, study.created, study.notes)
    assert (run.first_bar, run.last_bar, run.bars) == ("2020-01-01", "2020-12-31", len(study.market.bars))
    assert run.findings == study.findings
    assert run.reconciliation == study.reconciliation
    assert run.manifest["series"][0]["sha256"] == study.histories[0].sha256
    assert [(each.name, each.role, each.use) for each in run.results] == [
        (each.name, each.role, each.use) for each in study.results
    ]


def test_metrics_come_back_to_the_last_digit_and_undefined_ones_with_their_reasons(study, out):
    for read, written in zip(read_run(out).results, study.results, strict=True):
        assert read.undefined == written.undefined
        for key, value in written.metrics.items():
            assert read.metrics[key] == (None if math.isnan(value) else value)
    assert "sharpe" in read_run(out).results[1].undefined


def test_a_run_says_where_its_tables_and_its_page_are(study, out):
    run = read_run(out)
    bars = pd.read_parquet(run.account("rally") / "bars.parquet")
    assert bars["equity"].iloc[-1] == study.results[0].metrics["final_equity"]
    assert len(pd.read_parquet(run.market / "close.parquet")) == run.bars
    assert run.page is None


def test_a_run_without_a_manifest_is_read_and_has_no_reasons(out, tmp_path):
    (tmp_path / "summary.json").write_bytes((out / "summary.json").read_bytes())
    run = read_run(tmp_path)
    assert (run.notes, dict(run.manifest)) == ((), {})
    assert run.results[1].undefined == {}


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (
            "summary.json",
            lambda document: document.update(bars="many"),
            "summary.json is not the summary of a run (bars:",
        ),
        ("summary.json", lambda document: document["results"][0].pop("use"), "(results.0.use:"),
        (
            "summary.json",
            lambda document: document.update(schema=2),
            "has schema 2, and this version reads 1",
        ),
        (
            "manifest.json",
            lambda document: document.update(notes=3),
            "manifest.json is not the manifest of a run (notes:",
        ),
    ],
)
def test_a_document_that_says_something_else_is_an_error_that_names_file_and_key(
    out, tmp_path, file, change, said
):
    folder = tmp_path / "some" / "run"
    folder.mkdir(parents=True)
    for name in ("summary.json", "manifest.json"):
        document = json.loads((out / name).read_text(encoding="utf-8"))
        if name == file:
            change(document)
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_run(folder)
    assert said in str(caught.value)
    assert str(folder) in str(caught.value)
    runs, unreadable = runs_in(tmp_path)
    assert runs == []
    assert [each.folder for each in unreadable if said in each.reason] == [folder]


def test_keys_of_a_later_version_are_left_aside(out, tmp_path):
    document = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    (tmp_path / "summary.json").write_text(json.dumps({**document, "mood": "calm"}), encoding="utf-8")
    assert read_run(tmp_path).name == document["name"]
