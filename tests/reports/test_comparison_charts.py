"""The comparison page's pictures: what their lines show."""

from __future__ import annotations

import dataclasses
import re

import pytest

from raisecash.lookahead.run_time import LookAheadCheck
from reports.comparison.page import comparison_page
from reports.tear_sheet import TearSheets
from tests.support.page_reader import figures, number_on_page, read
from tests.support.study_factory import make_market, make_study


@pytest.fixture(scope="module")
def study():
    return make_study(market=make_market("2018-01-01", "2021-12-31"))


@pytest.fixture(scope="module")
def text(study):
    return comparison_page(study, pages=TearSheets().pages(study))


@pytest.fixture(scope="module")
def page(text):
    return read(text)


def test_the_headline_states_the_numbers_against_the_first_benchmark(study, page):
    rally, benchmark = study.results[0], study.benchmark
    sentence = page.one("section", id="headlines").all("li")[0].text
    assert sentence.startswith(f"rally ended at {rally.metrics['final_equity']:,.0f} against ")
    assert f"{benchmark.metrics['final_equity']:,.0f} for buy-and-hold" in sentence
    fall, their_fall = re.search(r"drawdown was (\S+) against (\S+);", sentence).groups()
    for said, result in ((fall, rally), (their_fall, benchmark)):
        value, rounding = number_on_page(said)
        assert value == pytest.approx(result.metrics["max_drawdown"], abs=rounding)


def test_the_charts_hold_the_account_day_by_day(study, page):
    data = figures(page)
    assert data["days"] == [day.strftime("%Y-%m-%d") for day in study.market.bars]
    assert list(data["figures"])[:3] == ["equity", "drawdown", "cash"]
    for figure in data["figures"].values():
        assert sorted(trace["meta"] for trace in figure["data"]) == sorted(r.name for r in study.results)
    for result in study.results:
        lines = {key: line_of(figure, result.name) for key, figure in data["figures"].items()}
        assert lines["equity"] == pytest.approx(result.backtest.equity.to_list(), rel=1e-5)
        assert min(lines["drawdown"]) == pytest.approx(result.metrics["max_drawdown"], abs=6e-5)
        assert sum(lines["cash"]) / len(lines["cash"]) == pytest.approx(
            result.metrics["average_cash_weight"], abs=6e-4
        )


def line_of(figure, name):
    (line,) = (trace["y"] for trace in figure["data"] if trace["meta"] == name)
    return line


def test_equity_is_on_a_log_axis_that_holds_every_line_and_names_its_ticks(page):
    equity = figures(page)["figures"]["equity"]
    axis = equity["layout"]["yaxis"]
    assert axis["type"] == "log"
    low, high = (10**end for end in axis["range"])
    assert all(low < value < high for trace in equity["data"] for value in trace["y"])
    assert len(axis["tickvals"]) == len(axis["ticktext"]) >= 4


def test_a_result_looks_the_same_on_every_chart_and_benchmarks_are_dashed_grey(study, page):
    looks = {}
    for figure in figures(page)["figures"].values():
        for trace in figure["data"]:
            looks.setdefault(trace["meta"], set()).add((trace["line"]["color"], trace["line"]["dash"]))
    assert all(len(found) == 1 for found in looks.values())
    assert len({next(iter(found)) for found in looks.values()}) == len(study.results)
    for result in study.results:
        colour, dash = next(iter(looks[result.name]))
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert (max(red, green, blue) - min(red, green, blue) < 16) == (result.role == "benchmark")
        assert (dash != "solid") == (result.role == "benchmark")


def test_how_each_strategy_was_checked_for_looking_ahead_is_said(study):
    checks = (
        LookAheadCheck(strategy="rally", cuts=12, by_construction=False),
        LookAheadCheck(strategy="cash", cuts=0, by_construction=True),
    )
    page = read(comparison_page(dataclasses.replace(study, lookahead=checks)))
    rows = page.one("section", id="terms").one("tbody").all("tr")
    said = {row.all("td")[0].text: row.all("td")[-1].text for row in rows}
    assert said["rally"].startswith("Decided again at 12 bars with the future cut off and falsified")
    assert said["cash"] == "Decided bar by bar, served the past only."
    assert said["buy-and-hold"] == "–"
