"""What a market, a backtest, a study and a judgement show of themselves, in a terminal and in a notebook."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from raisecash import Costs, Market, Strategy, check, load_market, simulate
from raisecash.errors import InputError
from raisecash.messages.notebook import HEIGHT, WIDTH, Line, as_html, drawn, in_lines, listed, value_told
from tests.support.study_factory import make_market, make_study

NASTY = '<script>alert("x")</script>'


class Reader(HTMLParser):
    """Read a notebook's HTML: its text, its tags, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def flat(name: str = "BTC") -> Market:
    bars = pd.date_range("2024-01-01", periods=4)
    prices = pd.DataFrame({name: [10.0, 11.0, 12.0, 20.0]}, index=bars)
    return Market(open=prices, close=prices, signals=pd.DataFrame({"VIX": [np.nan, 1, 2, 3.5]}, index=bars))


def test_a_market_prints_as_its_bars_and_names():
    assert repr(flat()).splitlines() == [
        "Market: 4 daily bars, 2024-01-01 to 2024-01-04",
        "  assets   BTC",
        "  signals  VIX",
        "  clock    union, 252 periods a year",
    ]
    assert "2024-01-01 to 2024-01-02" in repr(flat().until("2024-01-02"))


def test_a_market_of_hundreds_of_assets_prints_in_a_few_lines():
    bars = pd.date_range("2024-01-01", periods=3)
    prices = pd.DataFrame(1.0, index=bars, columns=[f"A{number}" for number in range(500)])
    market = Market(open=prices, close=prices)
    assert "A7 and 492 more" in repr(market)
    assert len(repr(market)) < 300
    assert "and 488 more" in "".join(Reader(market._repr_html_()).text)


def test_a_notebook_shows_of_a_market_a_line_a_series():
    seen = Reader(flat()._repr_html_())
    assert seen.tags.count("polyline") == 2
    assert {"BTC", "VIX", "20", "3.5", "2024-01-02"} <= set(seen.text)


def test_a_backtest_prints_what_became_of_the_money():
    """Decided at the first close and bought at 11, the 9,090.9 shares are worth 20 each at the end."""
    market = flat()
    held = simulate(
        market.equal_weights().iloc[:1], market, Costs(commission=0.0), engine="ledger", name="all in"
    )
    assert repr(held).splitlines() == [
        "Backtest of all in: 100,000 became 181,818 (81.8%), 2024-01-01 to 2024-01-04",
        "  orders  1 fill",
        "  costs   commission 0%, slippage 0% of traded value",
        "  engine  ledger",
    ]
    seen = Reader(held._repr_html_())
    assert {"equity", "181,818", "cash", "0.0%", "BTC", "100.0%"} <= set(seen.text)
    assert seen.tags.count("polyline") == 3


def test_a_study_prints_its_metrics_and_shows_a_line_a_strategy():
    study = make_study(market=make_market("2020-01-01", "2020-06-30"))
    text = repr(study).splitlines()
    assert text[0] == f"Study {study.name}"
    assert text[1].split("  ")[-1] == "Deepest drawdown"
    for line, result in zip(text[2:], study.results, strict=False):
        assert line.split()[0] == result.name
        assert f"{result.metrics['max_drawdown']:.1%}" == line.split()[-1]
        assert ("(benchmark)" in line) == (result.role == "benchmark")
    seen = Reader(study._repr_html_())
    assert seen.tags.count("polyline") == len(study.results)


def test_a_loaded_market_shows_what_is_to_be_known_of_it():
    loaded = load_market(
        {"SP500": {"feed": "sample", "series": "SP500"}}, start="2016-01-01", end="2020-12-31"
    )
    assert "S&P 500 is a price index" in repr(loaded)
    assert "S&P 500 is a price index" in "".join(Reader(loaded._repr_html_()).text)


class Hindsight(Strategy):
    """Hold everything before a bar that closes higher."""

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return equal weights where the next close is higher."""
        rises = market.last_close.shift(-1) > market.last_close
        return market.equal_weights().where(rises, 0.0)


def test_a_check_shows_a_line_a_promise_and_says_which_was_broken():
    seen = check(Hindsight)
    assert not seen.passed
    assert seen.failed > 0
    lines = repr(seen).splitlines()
    assert lines[0] == "Hindsight"
    assert any(re.match(r"FAILED +ignores_future_bars +its weight of ", line) for line in lines)
    table = Reader(seen._repr_html_())
    assert "ignores_future_bars" in table.text
    assert table.tags.count("tr") == len(seen.outcomes) + 1


def test_a_check_of_what_is_no_strategy_says_so():
    with pytest.raises(InputError, match="check needs a strategy or its class, got 'Cash'"):
        check("Cash")


@pytest.mark.parametrize("html", [flat(NASTY)._repr_html_(), as_html(NASTY, [NASTY], [[NASTY]], [NASTY])])
def test_no_text_of_a_user_becomes_a_tag(html):
    seen = Reader(html)
    assert "script" not in seen.tags
    assert NASTY in "".join(seen.text)


def points(line: list[float]) -> list[list[tuple[float, float]]]:
    """Return the points of each run of a drawn line."""
    svg = ElementTree.fromstring(drawn(line))
    runs = [each.attrib["points"].split() for each in svg.iter("polyline")]
    return [[tuple(map(float, point.split(","))) for point in run] for run in runs]


def test_a_line_goes_from_left_to_right_and_from_the_lowest_to_the_highest():
    ((first, middle, last),) = points([1.0, 3.0, 2.0])
    assert first == (2, HEIGHT - 2)
    assert middle == (WIDTH / 2, 2)
    assert last == (WIDTH - 2, HEIGHT / 2)


def test_a_gap_parts_a_line_and_nothing_is_drawn_of_a_single_value():
    assert [len(run) for run in points([1.0, 2.0, np.nan, 2.0, 1.0])] == [2, 2]
    assert drawn([np.nan, 1.0, np.nan]) == drawn([]) == ""
    assert [y for _, y in points([5.0, 5.0])[0]] == [HEIGHT - 2, HEIGHT - 2]


def test_a_very_long_line_is_thinned_and_keeps_its_last_value():
    ((*_, last),) = points([*([0.0] * 100_000), 1.0])
    assert last == (WIDTH - 2, 2)
    assert len(drawn(Line(range(1_000_000)))) < 4_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (181818.18, "181,818"),
        (56.534, "56.53"),
        (-0.00123456, "-0.001235"),
        (3.5, "3.5"),
        (np.nan, "–"),
    ],
)
def test_a_value_is_told_in_four_digits(value, text):
    assert value_told(value) == text


def test_facts_that_say_nothing_are_left_out_and_long_lists_end():
    assert in_lines("X", [("a", "1"), ("bcd", ""), ("ef", "2")]) == "X\n  a   1\n  ef  2"
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
