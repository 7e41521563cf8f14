"""`raisecash signal`: the weights of the day, from what was known then, and the events then ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from raisecash.config.model import load_config
from raisecash.study.run import run_study

EVENTS = """\
event_id,category,event_date,announced_on,scheduled,status,superseded_by,region,note
PAUSE-V1,tariff,2020-06-20,2020-05-01,true,moved,PAUSE-V2,US,ann=exact
PAUSE-V2,tariff,2020-08-01,2020-06-15,true,held,,US,ann=exact
XDATE,debt_ceiling,2020-06-05,2020-05-20,true,held,,US,ann=exact; window=2020-06-05..2020-06-25
LATER,fomc,2020-06-18,2020-06-17,true,held,,US,ann=exact
SURPRISE,fiscal,2020-06-19,2020-05-04,false,held,,US,ann=exact
"""


@pytest.fixture
def study(folder: Path) -> Path:
    """Return the small study with a catalogue of events."""
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8")
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8").replace("[market]\n", '[market]\nevents = "events.csv"\n', 1)
    path.write_text(text, encoding="utf-8")
    return path


def document(raisecash, *arguments) -> dict:
    said = raisecash("signal", *arguments, "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_the_document_has_the_shape_of_the_contract(study, raisecash):
    found = document(raisecash, study, "--on", "2020-06-14")
    assert list(found) == ["on", "strategies", "events"]
    assert found["on"] == "2020-06-14"
    (rally,) = found["strategies"]
    assert list(rally) == ["name", "weights", "cash"]
    assert list(rally["weights"]) == ["BTC", "SPY"]
    assert found["events"] == [
        {
            "event_id": "XDATE",
            "event_date": "2020-06-05",
            "announced_on": "2020-05-20",
            "category": "debt_ceiling",
        },
        {
            "event_id": "PAUSE-V1",
            "event_date": "2020-06-20",
            "announced_on": "2020-05-01",
            "category": "tariff",
        },
    ]


@pytest.mark.parametrize(
    ("day", "ahead"),
    [
        ("2020-05-10", ["PAUSE-V1"]),
        ("2020-06-15", ["XDATE", "PAUSE-V2"]),
        ("2020-06-17", ["XDATE", "LATER", "PAUSE-V2"]),
        ("2020-06-25", ["XDATE", "PAUSE-V2"]),
        ("2020-06-26", ["PAUSE-V2"]),
    ],
)
def test_events_are_those_known_on_the_day_not_moved_as_far_as_known_and_still_ahead(
    study, raisecash, day, ahead
):
    assert [each["event_id"] for each in document(raisecash, study, "--on", day)["events"]] == ahead


@pytest.mark.parametrize("day", ["2020-05-04", "2020-06-14", "2020-06-24", "2020-07-02"])
def test_weights_are_those_that_a_run_decides_on_that_day(study, raisecash, day):
    result, *_ = run_study(load_config(study)).results
    decided = result.backtest.targets.loc[:day].dropna().iloc[-1]
    (rally,) = document(raisecash, study, "--on", day)["strategies"]
    assert rally["weights"] == pytest.approx(decided.to_dict(), abs=1e-12)
    assert rally["cash"] == pytest.approx(1 - decided.sum(), abs=1e-12)


def test_nothing_after_the_day_matters(study, folder, raisecash):
    before = document(raisecash, study, "--on", "2020-06-10")
    for file in ("btc.csv", "spy.csv"):
        table = pd.read_csv(folder / file)
        late = table["Date"] > "2020-06-10"
        table.loc[late, ["Open", "High", "Low", "Close"]] *= 3
        table.to_csv(folder / file, index=False)
    assert document(raisecash, study, "--on", "2020-06-10") == before


def test_without_a_day_it_is_the_last_bar_s(study, raisecash):
    assert document(raisecash, study)["on"] == "2020-07-02"


def test_a_day_after_the_last_bar_uses_that_bar_and_says_so(study, raisecash):
    said = raisecash("signal", study, "--on", "2020-07-20", "--json")
    assert said.code == 0
    assert "the last bar on or before 2020-07-20 is that of 2020-07-02" in said.err
    assert [each["event_id"] for each in json.loads(said.out)["events"]] == ["PAUSE-V2"]


def test_people_read_the_weights_their_reason_and_the_events(study, raisecash):
    said = raisecash("signal", study, "--on", "2020-06-24")
    assert said.code == 0
    assert "rally: RallyThenRaiseCash(" in said.out
    assert "last change on 2020-06-24: BTC" in said.out
    words = "2020-06-05 to 2020-06-25 debt_ceiling announced 2020-05-20 XDATE"
    assert words in " ".join(said.out.split())


def test_options_of_run_are_options_here(study, folder, raisecash):
    found = document(
        raisecash, study, "--on", "2020-07-02", "--set", "strategy.rally.params.reserve=0.5", "--offline",
        "--data", folder,
    )  # fmt: skip
    assert found["strategies"][0]["cash"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("tomorrow", "--on must be a date such as 2025-06-30, got 'tomorrow'"),
        ("2019-12-31", "--on must not lie before the first bar, 2020-05-04, got 2019-12-31"),
    ],
)
def test_a_day_that_cannot_be_used_is_an_error(study, raisecash, day, message):
    said = raisecash("signal", study, "--on", day)
    assert said.code == 2
    assert message in said.err
    assert said.out == ""


def test_a_config_without_events_says_so(folder, raisecash):
    said = raisecash("signal", folder / "study.toml")
    assert "the config names no catalogue" in said.out
