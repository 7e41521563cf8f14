"""The tear sheet's page: every number is the study's, nothing is trimmed, nothing leaves the file."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from raisecash.errors import DataError
from raisecash.execution.costs import Costs
from raisecash.metrics.table import TABLE
from reports.tear_sheet.sheet import tear_sheet, tear_sheets
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay
from tests.support.markets import closing_at
from tests.support.study_factory import make_market, make_study

DASH = "–"


class Page(HTMLParser):
    """Reads a page's tables by section id, the texts of its figures, and every tag's attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: dict[str, list[list[str]]] = {}
        self.figures: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._section = self._figure = ""
        self._cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self._section = dict(attrs)["id"]
            self.sections[self._section] = []
        elif tag == "figure":
            self._figure = dict(attrs)["id"]
            self.figures[self._figure] = []
        elif tag == "tr":
            self.sections[self._section].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.sections[self._section][-1].append("".join(self._cell))
            self._cell = None
        elif tag == "figure":
            self._figure = ""

    def handle_data(self, data):
        self.texts.append(data)
        if self._cell is not None:
            self._cell.append(data)
        elif self._figure and data.strip():
            self.figures[self._figure].append(data.strip())

    def rows(self, section: str) -> dict[str, list[str]]:
        return {row[0]: row[1:] for row in self.sections[section][1:]}

    @property
    def not_drawn(self) -> set[str]:
        return {
            key for key, texts in self.figures.items() if any(text.startswith("Not drawn") for text in texts)
        }


def says(text: str, value: float) -> bool:
    """Return whether a printed number is the value, to the last digit printed."""
    digits = re.sub(r"[^\d.]", "", text)
    shown = float(digits) * (-1 if "−" in text else 1)
    unit = 10.0 ** -len(digits.partition(".")[2])
    return abs(shown - value * (100 if "%" in text else 1)) <= unit / 2 * (1 + 1e-9)


@pytest.fixture(scope="module")
def study():
    return make_study({"rally": RallyThenRaiseCash(), "cash": Cash()}, {"buy-and-hold": BuyAndHold()})


@pytest.fixture(scope="module")
def html(study):
    return tear_sheets(study, jobs=1)


@pytest.fixture(scope="module")
def pages(html):
    return {name: Page(text) for name, text in html.items()}


@pytest.fixture(scope="module")
def rally(study, pages):
    return study.strategies[0], pages["rally"]


def small_market(closes, start="2020-01-01", **others):
    return closing_at({"A": closes}, pd.date_range(start, periods=len(closes)), **others)


def test_every_strategy_gets_a_sheet_and_no_benchmark_does(study, html):
    assert list(html) == [result.name for result in study.strategies]


def test_every_metric_of_the_contract_is_printed_as_the_study_has_it(study, pages):
    labels = {metric.label: metric.name for metric in TABLE}
    for result in study.strategies:
        rows = pages[result.name].rows("metrics")
        assert {labels[label] for label in rows} == set(result.metrics)
        for label, texts in rows.items():
            for text, side in zip(texts, (result, study.benchmark), strict=True):
                value = side.metrics[labels[label]]
                assert text == DASH if np.isnan(value) else says(text, value), (
                    result.name,
                    label,
                    text,
                    value,
                )


def test_a_dash_carries_its_reason(study, html):
    reason = study.strategies[1].undefined["sharpe"]
    assert f'title="{reason}">{DASH}</td>' in html["cash"]
    assert f"Sharpe ratio: {reason}." in html["cash"]


def test_years_are_compounded_from_the_returns_of_the_same_days(study, rally):
    result, page = rally
    compounded = [
        (1 + side.returns).groupby(side.returns.index.year).prod() - 1 for side in (result, study.benchmark)
    ]
    rows = page.rows("eoy")
    assert list(rows) == [str(year) for year in range(2016, 2026)]
    for year, (own, other, difference) in rows.items():
        values = [series[int(year)] for series in compounded]
        assert says(own, values[0])
        assert says(other, values[1])
        assert says(difference, 100 * (values[0] - values[1]))


def test_drawdowns_are_the_results_and_an_open_one_is_not_recovered(rally):
    result, page = rally
    printed = page.sections["ddinfo"][1:]
    assert len(printed) == len(result.drawdowns) == 10
    for row, expected in zip(printed, result.drawdowns.itertuples(), strict=True):
        recovery = "not recovered" if pd.isna(expected.recovery) else str(expected.recovery.date())
        assert row[:3] == [str(expected.peak.date()), str(expected.trough.date()), recovery]
        assert says(row[3], expected.depth)
        assert says(row[4], expected.days)
    assert "not recovered" in {row[2] for row in printed}


def test_a_loss_from_the_first_trading_day_on_is_a_drawdown():
    """Ten days of -5%, then flat: quantstats' own table is empty."""
    closes = [100.0, *(100 * 0.95 ** np.arange(10)), *[100 * 0.95**9] * 200]
    study = make_study({"s": BuyAndHold()}, {"b": Cash()}, market=small_market(closes), costs=Costs())
    page = Page(tear_sheet(study, study.strategies[0]))
    assert page.sections["ddinfo"][1] == ["2020-01-02", "2020-01-11", "not recovered", "−36.98%", "209"]
    assert page.rows("metrics")["Deepest drawdown"][0] == "−37.0%"


def test_the_page_says_what_was_run(study, rally):
    result, page = rally
    text = " ".join(" ".join(page.texts).split())
    for words in (
        repr(result.strategy),
        study.notes[0],
        "2016-01-01 to 2025-12-31",
        "Commission 0.100%, slippage 0.050%",
        "365 periods a year",
        "backtrader against ledger, bar by bar: largest difference 3.1e-13 of equity",
        "a seeded random walk called SPY",
        "two bars look like the day before's",
        "Made 2026-01-02 03:04:05",
    ):
        assert words in text


def test_nothing_is_fetched_run_or_linked(html):
    for text in html.values():
        assert not re.search(r"https?:|//[a-z]|<script|onload|@import|\bsrc=", text)
        for tag, attributes in Page(text).tags:
            link = attributes.get("href") or attributes.get("xlink:href") or "#"
            assert link.startswith("#") or (tag == "link" and link == "data:,")


def test_ids_are_unique_and_every_reference_within_a_figure_resolves(pages, html):
    for name, page in pages.items():
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', html[name])) <= set(ids)


def test_figures_and_tables_fit_a_phone(html):
    assert 'name="viewport" content="width=device-width' in html["rally"]
    assert "max-width:100%" in html["rally"]
    assert ".table{overflow-x:auto" in html["rally"]
    assert not re.search(r"<svg[^>]* width=", html["rally"])


def test_the_same_study_gives_the_same_bytes(study, html):
    assert tear_sheet(study, study.strategies[0]) == html["rally"]


@pytest.mark.slow  # two processes import quantstats; the process of its own below is compared in every run
def test_the_number_of_processes_changes_no_byte():
    study = make_study(
        {"rally": RallyThenRaiseCash(), "sell": SellInMay()}, market=make_market("2020-05-15", "2020-07-15")
    )
    assert tear_sheets(study, jobs=2) == tear_sheets(study, jobs=1)


def test_markup_in_names_and_notes_stays_text():
    name = '_<b>&"$x$ id="q" url(#z) \\1'
    study = make_study(
        {name: BuyAndHold()},
        {"_under": Cash()},
        market=make_market("2020-01-01", "2021-03-31"),
        notes=("<script>alert(1)</script>",),
    )
    html = tear_sheet(study, study.strategies[0])
    page = Page(html)
    assert "<b>&" not in html
    assert "<script" not in html
    assert name in page.texts
    assert name in page.figures["returns"]
    assert "_under" in page.figures["returns"]  # matplotlib leaves such labels out


def test_a_result_measured_over_other_days_is_refused(study):
    track = study.strategies[0].track
    odd = replace(study.strategies[0], track=replace(track, days=track.days[1:], returns=track.returns[1:]))
    with pytest.raises(
        DataError, match="rally and its benchmark buy-and-hold must be measured over the same days"
    ):
        tear_sheet(study, odd)


ROLLING = {"rolling_beta", "rolling_vol", "rolling_sharpe", "rolling_sortino"}
ALL = {
    *("returns", "log_returns", "vol_returns", "eoy_returns", "monthly_dist", "daily_returns", "dd_periods"),
    *("dd_plot", "monthly_heatmap", "returns_dist"),
    *ROLLING,
}
GROWTH = list(100 * 1.0005 ** np.arange(800))
WAVES = list(100 + np.sin(np.arange(25)))


@pytest.mark.parametrize(
    ("strategy", "benchmark", "market", "not_drawn"),
    [
        pytest.param(BuyAndHold(), BuyAndHold(), small_market([100.0]), ALL, id="one bar"),
        pytest.param(
            BuyAndHold(), BuyAndHold(), small_market([100.0, 110.0]),
            {"vol_returns", "monthly_dist", "daily_returns", *ROLLING}, id="two bars",
        ),
        pytest.param(BuyAndHold(), BuyAndHold(), small_market(WAVES), {"monthly_dist", *ROLLING}, id="one month"),
        pytest.param(
            Cash(), BuyAndHold(), make_market("2020-01-01", "2021-12-31", cash_yield=0.0),
            {"vol_returns", "rolling_sharpe", "rolling_sortino"}, id="all cash",
        ),
        pytest.param(
            Cash(), Cash(), make_market("2020-01-01", "2021-12-31", cash_yield=0.0),
            {"vol_returns", "monthly_dist", "rolling_beta", "rolling_sharpe", "rolling_sortino"}, id="both all cash",
        ),
        pytest.param(
            BuyAndHold(), Cash(), small_market(GROWTH), {"vol_returns", "rolling_beta"}, id="constant benchmark",
        ),
        pytest.param(BuyAndHold(), BuyAndHold(), make_market("2020-01-01", "2021-12-31"), set(), id="its own benchmark"),
        pytest.param(
            RallyThenRaiseCash(), None, make_market("2020-01-01", "2021-12-31"), {"vol_returns", "rolling_beta"},
            id="no benchmark",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_a_sentence_and_never_a_crash(strategy, benchmark, market, not_drawn):
    study = make_study({"s": strategy}, {"b": benchmark} if benchmark else {}, market=market)
    page = Page(tear_sheet(study, study.strategies[0]))
    assert set(page.figures) == ALL
    assert page.not_drawn == not_drawn


def test_a_strategy_identical_to_its_benchmark_has_beta_one_and_no_difference():
    study = make_study(
        {"s": BuyAndHold()}, {"b": BuyAndHold()}, market=make_market("2020-01-01", "2020-12-31")
    )
    page = Page(tear_sheet(study, study.strategies[0]))
    assert page.rows("metrics")["Beta"][0] == "1.00"
    assert page.rows("eoy")["2020"][2] == "0.00"


ALONE = """
import socket, sys, warnings
sys.path.insert(0, {here!r})
warnings.simplefilter("error")
def refuse(*arguments, **others):
    raise OSError("no network in a tear sheet")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import colors, units
mpl.use("svg")
mpl.rcParams["font.size"] = 7
mine = plt.figure()
from tests.support.study_factory import BuyAndHold, RallyThenRaiseCash, make_market, make_study
from reports.tear_sheet.sheet import tear_sheet
study = make_study({{"s": RallyThenRaiseCash()}}, market=make_market("2020-01-01", "2021-12-31"))
state = lambda: (dict(mpl.rcParams), dict(colors.ColorConverter.colors), dict(units.registry), plt.get_fignums())
before = state()
page = tear_sheet(study, study.strategies[0])
assert state() == before, [key for key in before[0] if before[0][key] != mpl.rcParams[key]]
assert mpl.get_backend() == "svg"
import pandas.plotting
pandas.plotting.register_matplotlib_converters()
assert tear_sheet(study, study.strategies[0]) == page
import hashlib
print(hashlib.sha256(page.encode()).hexdigest())
"""


def test_drawing_is_silent_offline_repeatable_and_leaves_a_callers_settings_alone():
    """In a process of its own: importing quantstats is what changes matplotlib's settings."""
    code = ALONE.format(here=str(Path(__file__).parent))
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""  # matplotlib complains of missing fonts through logging
    study = make_study({"s": RallyThenRaiseCash()}, market=make_market("2020-01-01", "2021-12-31"))
    here = hashlib.sha256(tear_sheet(study, study.strategies[0]).encode()).hexdigest()
    assert run.stdout.strip() == here
