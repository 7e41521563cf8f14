"""`summary.json` says exactly what the contract says it says."""

from __future__ import annotations

import dataclasses
import json
import math

import pandas as pd
import pytest

from raisecash.runs.summary import summary, to_json
from strategies.cash import Cash
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from tests.support.markets import closing_at
from tests.support.study_factory import make_market, make_study


@pytest.fixture(scope="module")
def study():
    return make_study(
        {"rally": RallyThenRaiseCash(reserve=0.5), "cash": Cash()},
        market=make_market("2020-01-01", "2021-12-31"),
    )


def test_the_document_has_exactly_the_keys_of_the_contract(study):
    document = summary(study)
    assert list(document) == [
        "schema", "findings", "name", "created", "periods_per_year", "first_bar", "last_bar", "bars",
        "reconciliation", "results",
    ]  # fmt: skip
    assert document["schema"] == 1
    assert list(document["reconciliation"]) == ["engine", "against", "max_relative_difference"]
    assert list(document["findings"][0]) == [
        "series",
        "kind",
        "severity",
        "first",
        "last",
        "count",
        "message",
    ]
    for result in document["results"]:
        assert list(result) == ["name", "role", "use", "params", "metrics"]


def test_results_are_strategies_then_benchmarks_in_the_config_s_order(study):
    listed = [(result["name"], result["role"]) for result in summary(study)["results"]]
    assert listed == [
        ("rally", "strategy"),
        ("cash", "strategy"),
        ("buy-and-hold", "benchmark"),
        ("fixed-mix", "benchmark"),
    ]


def test_metrics_are_unrounded_and_null_where_undefined(study):
    for result, written in zip(study.results, summary(study)["results"], strict=True):
        assert list(written["metrics"]) == list(result.metrics)
        for key, value in result.metrics.items():
            if math.isnan(value):
                assert written["metrics"][key] is None
                assert key in result.undefined
            else:
                assert written["metrics"][key] == value
    assert summary(study)["results"][1]["metrics"]["sharpe"] is None


def test_parameters_are_what_a_config_would_say(study):
    params = summary(study)["results"][0]["params"]
    assert params["reserve"] == 0.5
    assert RallyThenRaiseCash.from_parameters(json.loads(json.dumps(params))) == study.results[0].strategy


def test_the_text_reads_back_as_the_document_and_never_changes(study):
    text = to_json(summary(study))
    assert json.loads(text) == summary(study)
    assert text == to_json(summary(study))
    assert text.endswith("}\n")
    assert text.startswith('{\n  "schema": 1,\n')
    assert "NaN" not in text


def test_a_number_json_has_no_word_for_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"value": float("inf")})


def test_daily_windows_are_dates(study):
    document = summary(study)
    assert (document["first_bar"], document["last_bar"]) == ("2020-01-01", "2021-12-31")
    assert document["bars"] == 731
    assert type(document["results"][0]["metrics"]["longest_drawdown_days"]) is int


def test_intraday_windows_are_iso_times():
    bars = pd.date_range("2024-03-01 06:00", periods=60, freq="6h")
    hourly = make_study({"cash": Cash()}, {}, market=closing_at({"BTC": range(100, 160)}, bars))
    document = summary(hourly)
    assert (document["first_bar"], document["last_bar"]) == ("2024-03-01T06:00:00", "2024-03-16T00:00:00")


def test_created_is_an_iso_time_with_its_zone(study):
    assert summary(study)["created"] == "2026-01-02T03:04:05+00:00"


def test_a_study_that_differs_in_name_only_differs_in_name_only(study):
    one, other = summary(study), summary(dataclasses.replace(study, name="other"))
    assert {key for key in one if one[key] != other[key]} == {"name"}
