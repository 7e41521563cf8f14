"""The comparison page says what the study says, opens without a network, and escapes everything."""

from __future__ import annotations

import ast
import dataclasses
import math
import re

import pandas as pd
import pytest

from raisecash.data.history import Finding
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.pages.report import Page
from raisecash.runs.summary import summary
from reports.comparison.page import comparison_page
from reports.tear_sheet import TearSheets
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from strategies.fixed_mix import FixedMix
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay
from tests.support.documents import ROOT
from tests.support.markets import closing_at
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


def cells_by_metric(page):
    rows = page.one("table", id="metrics-table").all("tr")
    return {row.attributes["data-metric"]: row.all("td") for row in rows if "data-metric" in row.attributes}


def test_every_metric_on_the_page_is_the_one_in_the_summary(study, page):
    cells = cells_by_metric(page)
    for column, result in enumerate(summary(study)["results"]):
        assert set(cells) == set(result["metrics"])
        for key, value in result["metrics"].items():
            cell = cells[key][column]
            if value is None:
                assert cell.text == "–"
            else:
                assert float(cell.attributes["data-value"]) == value
                said, rounding = number_on_page(cell.text)
                assert said == pytest.approx(value, abs=rounding)


def test_an_undefined_metric_is_a_dash_that_says_why(study, page):
    column = [result.name for result in study.results].index("cash")
    cell = cells_by_metric(page)["sharpe"][column]
    reason = study.results[column].undefined["sharpe"]
    assert (cell.text, cell.attributes["title"]) == ("–", reason)
    assert f"cash, Sharpe ratio: {reason}" in page.one("section", id="metrics").text


def test_every_metric_carries_its_definition(page):
    for row in page.one("table", id="metrics-table").all("tr"):
        if "data-metric" in row.attributes:
            assert len(row.one("span", class_="defined-as").attributes["title"]) > 20


def test_columns_are_strategies_then_benchmarks(study, page):
    heads = page.one("table", id="metrics-table").one("thead").all("th")[1:]
    assert [head.text for head in heads] == [f"{r.name} {r.role}: {r.use}" for r in study.results]


def test_notes_stand_on_top_of_the_page(study, page):
    assert page.one("header").one(id="notes").text == " ".join(study.notes)


def test_nothing_on_the_page_needs_a_network(text, page):
    for element in page.all():
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            target = element.attributes.get(name, "")
            assert not re.match(r"(?i)\s*([a-z]+:)?//", target), (element.tag, target)
            assert not re.match(r"(?i)\s*(javascript|https?|file):", target), (element.tag, target)
    assert not re.search(r"(?i)@import|url\(", "".join(style.text for style in page.all("style")))
    (policy,) = (m for m in page.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.attributes["content"].startswith("default-src 'none'")
    assert text.count("plotly.js v") == 1
    assert len(text.encode()) < 6_000_000


def test_ids_are_unique_and_every_inner_link_leads_somewhere(page):
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    inner = {link.attributes["href"][1:] for link in page.all("a") if link.attributes["href"].startswith("#")}
    assert inner
    assert inner <= set(ids)


def test_strategies_link_to_their_tear_sheets_and_benchmarks_do_not(study, page):
    links = [link.attributes["href"] for link in page.all("a", class_="tear-sheet-link")]
    assert links == [f"tear_sheets/{result.name}.html" for result in study.strategies]
    assert read(comparison_page(study)).all("a", class_="tear-sheet-link") == []


def test_another_report_s_page_about_the_whole_study_is_linked_in_the_navigation(study):
    pages = [Page(path="index.html", title="This one"), Page(path="by week/1.html", title="Weeks")]
    links = read(comparison_page(study, pages=pages)).one("nav").all("a")
    others = [(link.text, link.attributes["href"]) for link in links if link.attributes["href"][0] != "#"]
    assert others == [("Weeks", "by%20week/1.html")]


def test_the_same_study_is_the_same_bytes(study, text):
    assert comparison_page(study, pages=TearSheets().pages(study)) == text
    assert "2026-01-02 03:04 UTC" in text


def line_of(figure, name):
    (line,) = (trace["y"] for trace in figure["data"] if trace["meta"] == name)
    return line


def test_a_year_s_june_and_july_stand_beside_the_benchmark_s(study, page):
    table = page.one("section", id="july").all("table")[0]
    rally, benchmark = study.results[0].july, study.benchmark.july
    rows = {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}
    assert [name[:4] for name in rows][:-1] == [str(year) for year in rally.index]
    for year in rally.index[~rally["partial"].astype(bool)]:
        wanted = [
            frame.loc[year, kind]
            for kind in ("rally", "minefield", "worst", "cash_weight")
            for frame in (rally, benchmark)
        ]
        for text, value in zip(rows[str(year)], wanted, strict=True):
            said, rounding = number_on_page(text)
            assert said == pytest.approx(value, abs=rounding)


def test_a_partial_year_says_so_and_is_left_out_of_the_mean(study):
    july = study.results[0].july.assign(
        partial=[True, False, False, False], minefield=[0.9, 0.01, 0.02, 0.06]
    )
    changed = dataclasses.replace(
        study, results=(dataclasses.replace(study.results[0], july=july), *study.results[1:])
    )
    table = read(comparison_page(changed)).one("section", id="july").all("table")[0]
    rows = {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}
    assert "2018 (partial)" in rows
    assert rows["Mean of full years"][2] == "3.0%"


def test_months_and_years_are_the_result_s(study, page):
    result = study.results[0]
    row = page.one("section", id="months").all("table")[0].one("tbody").all("tr")[1]
    wanted = [*result.months.iloc[1], result.years.iloc[1]]
    for cell, value in zip(row.all("td"), wanted, strict=True):
        assert float(cell.attributes["data-value"]) == value
        said, rounding = number_on_page(cell.text)
        assert said == pytest.approx(value, abs=rounding)


def test_unfilled_orders_are_counted_listed_and_capped(study):
    orders = pd.DataFrame(
        {
            "time": pd.date_range("2020-01-01", periods=25),
            "asset": "SPY",
            "wanted": 2.5,
            "filled": [math.nan] + [1.25] * 24,
            "decided_at": pd.date_range("2019-12-31", periods=25),
            "reason": ["never opened <again>"] + ["cash: the buy was scaled"] * 24,
        }
    )
    backtest = dataclasses.replace(study.results[0].backtest)
    vars(backtest)["unfilled"] = orders  # as if read before: the table is made once
    changed = dataclasses.replace(
        study, results=(dataclasses.replace(study.results[0], backtest=backtest), *study.results[1:])
    )
    section = read(comparison_page(changed)).one("section", id="unfilled")
    assert "rally: 25 orders (cash: the buy was scaled × 24; never opened <again> × 1)" in section.text
    rows = section.all("table")[0].one("tbody").all("tr")
    assert len(rows) == 20
    assert [cell.text for cell in rows[0].all("td")] == [
        "2020-01-01", "SPY", "2.5", "–", "2019-12-31", "never opened <again>",
    ]  # fmt: skip
    assert "and 5 more, in backtests/rally/unfilled.parquet" in section.text
    assert "cash: none." in section.text


def test_a_study_without_an_unfilled_order_says_so():
    lone = make_study({"cash": Cash()}, {}, market=make_market("2020-01-01", "2020-06-30"))
    assert "None: every order" in read(comparison_page(lone)).one("section", id="unfilled").text


def test_data_errors_come_first_and_are_announced_on_top(study):
    error = Finding(
        series="BTC",
        kind="shifted",
        severity="error",
        first="2024-09-08",
        last=None,
        count=422,
        message="BTC: <b>late</b>",
    )
    page = read(comparison_page(dataclasses.replace(study, findings=(*study.findings, error))))
    rows = page.one("section", id="data").all("table")[0].one("tbody").all("tr")
    assert [row.all("td")[0].text for row in rows] == ["error", "warning"]
    assert [cell.text for cell in rows[0].all("td")][1:5] == ["BTC", "2024-09-08", "–", "422"]
    assert "1 data error: BTC: <b>late</b>" in page.one("header").text


def test_sources_show_their_ends_and_hash(study, page):
    rows = page.one("section", id="data").all("table")[1].one("tbody").all("tr")
    for row, history in zip(rows, study.histories, strict=True):
        cells = row.all("td")
        assert [cell.text for cell in cells[:4]] == [
            history.name,
            history.source,
            f"{history.frame.index[0]:%Y-%m-%d}",
            f"{history.frame.index[-1]:%Y-%m-%d}",
        ]
        assert cells[-1].attributes["title"] == history.sha256
        assert history.sha256.startswith(cells[-1].text)


def test_the_reconciliation_and_the_terms_are_stated(study, page):
    terms = page.one("section", id="terms").text
    assert "Computed twice: backtrader and the ledger differ by at most 3.1e-13 (relative)" in terms
    assert "Commission 0.100% and slippage 0.050%" in terms
    assert "Orders go out when the target weights change" in terms
    for result in study.results:
        assert repr(result.strategy) in terms


@pytest.mark.parametrize(
    ("rebalance", "sentence"),
    [
        (Rebalance(every="month"), "when the target weights change and on the first bar of each month;"),
        (
            Rebalance(on_change=False, drift=0.05),
            "Orders go out when a weight is more than 5.0% away from its target;",
        ),
        (Rebalance(on_change=False), "Orders go out once, at the first decision;"),
    ],
)
def test_the_rebalance_rule_is_said_in_words(rebalance, sentence):
    ruled = make_study(
        {"mix": FixedMix()},
        {},
        market=make_market("2020-01-01", "2020-06-30"),
        rebalance=rebalance,
        costs=Costs(),
    )
    assert sentence in read(comparison_page(ruled)).one("section", id="terms").text


HOSTILE = "</script><img src=x onerror=alert(1)>\"'&amp;"


def test_hostile_text_stays_text(study):
    results = (dataclasses.replace(study.results[0], name=HOSTILE, use=HOSTILE), *study.results[1:])
    histories = (dataclasses.replace(study.histories[0], source=HOSTILE), *study.histories[1:])
    hostile = dataclasses.replace(
        study,
        name=HOSTILE,
        description=HOSTILE,
        notes=(HOSTILE,),
        results=results,
        histories=histories,
        config={HOSTILE: HOSTILE},
    )
    page = read(comparison_page(hostile))
    assert page.all("img") == []
    assert len(page.all("script")) == 3
    assert page.one("h1").text == HOSTILE
    assert page.one(id="notes").text == HOSTILE
    assert figures(page)["figures"]["equity"]["data"][-3]["meta"] == HOSTILE
    assert "<" not in figures(page)["figures"]["equity"]["data"][-3]["name"]
    assert all("onerror" not in element.attributes for element in page.all())


SHORT = ("2019-05-01", "2020-08-31")


STUDIES = {
    "one strategy": ({"rally": RallyThenRaiseCash()}, {"hold": BuyAndHold()}),
    "no benchmark": ({"rally": RallyThenRaiseCash(), "may": SellInMay()}, {}),
    "benchmarks only": ({}, {"hold": BuyAndHold(), "mix": FixedMix()}),
    "all cash": ({"cash": Cash()}, {"also-cash": Cash()}),
    "eight strategies": (
        {f"reserve-{n}": RallyThenRaiseCash(reserve=n / 10) for n in range(2, 10)},
        {"hold": BuyAndHold(), "mix": FixedMix(), "cash": Cash()},
    ),
}


@pytest.mark.parametrize("kind", STUDIES)
def test_every_shape_of_study_is_a_whole_page(kind):
    strategies, benchmarks = STUDIES[kind]
    shaped = make_study(strategies, benchmarks, market=make_market(*SHORT))
    page = read(comparison_page(shaped))
    assert len(page.one("section", id="headlines").all("li")) == len(strategies)
    assert len(page.one("table", id="metrics-table").one("thead").all("th")) == 1 + len(shaped.results)
    assert "nan" not in re.sub(r"\w*nan\w+", "", "".join(part.text for part in page.all("main"))).lower()
    looks = {(t["line"]["color"], t["line"]["dash"]) for t in figures(page)["figures"]["cash"]["data"]}
    assert len(looks) == len(shaped.results)


def test_a_study_of_two_bars_is_a_page():
    bars = pd.DatetimeIndex(["2024-01-02", "2024-01-03"])
    tiny = make_study({"cash": Cash()}, {"hold": BuyAndHold()}, market=closing_at({"SPY": [100, 101]}, bars))
    assert "2024-01-02" in read(comparison_page(tiny)).one("section", id="headlines").text


def test_intraday_bars_are_drawn_at_their_day_ends():
    bars = pd.date_range("2024-06-01 01:00", periods=24 * 60, freq="h")
    closes = [100 + (n * 37 % 11) for n in range(len(bars))]
    hourly = make_study({"hold": BuyAndHold()}, {}, market=closing_at({"BTC": closes}, bars))
    page = read(comparison_page(hourly))
    data = figures(page)
    assert data["days"][:2] == ["2024-06-01", "2024-06-02"]
    assert len(data["days"]) == 61
    line = line_of(data["figures"]["drawdown"], "hold")
    assert len(line) == 61
    assert min(line) == pytest.approx(hourly.results[0].metrics["max_drawdown"], abs=6e-5)
    assert "One point a day, at its last bar." in page.text


def test_a_loss_on_the_first_day_is_drawn_from_the_starting_capital():
    """Bought at the second bar at 100: 80 at the first day's end, 92 at the next, then 110, above the start.

    Held against the day ends alone, the first two would be no drawdown at all.
    """
    closes = [100, 100, 90, 80, 80, 84, 88, 92, 95, 100, 105, 110]
    market = closing_at({"BTC": closes}, pd.date_range("2024-06-01", periods=12, freq="6h"))
    early = make_study({"hold": BuyAndHold()}, {}, market=market, costs=Costs())
    data = figures(read(comparison_page(early)))
    assert data["days"] == ["2024-06-01", "2024-06-02", "2024-06-03"]
    assert line_of(data["figures"]["drawdown"], "hold") == pytest.approx([-0.20, -0.08, 0.0])
    assert line_of(data["figures"]["equity"], "hold") == pytest.approx([80_000, 92_000, 110_000])
    assert line_of(data["figures"]["cash"], "hold") == [0.0, 0.0, 0.0]


STATISTICS = {
    *("std", "var", "cov", "corr", "quantile", "percentile", "median", "cumprod", "cumsum", "cummax"),
    *("accumulate", "reduceat", "rolling", "resample", "pct_change", "sliding_window_view", "prod"),
}


def test_no_page_computes_a_statistic():
    """What a page shows was computed, and tested, in raisecash.metrics; the means of drawn lines are decoration."""
    for file in sorted((ROOT / "reports").rglob("*.py")):
        own = {
            node.attr
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
            and not (isinstance(node.value, ast.Name) and node.value.id == "rolling")
        }
        assert not own & STATISTICS, (
            f"{file.relative_to(ROOT)} computes {', '.join(sorted(own & STATISTICS))}"
        )
