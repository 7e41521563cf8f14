"""One row of the table is all a metric needs: everything that tells of metrics reads it there."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from raisecash.metrics import table
from raisecash.metrics.measure import measure
from raisecash.metrics.table import METRICS, RELATIVE_METRICS, TABLE, Metric, in_page_order
from raisecash.pages.formatting import in_unit
from raisecash.runs.summary import summary
from reports.comparison.page import comparison_page
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from tests.support.accounts import account, path_of
from tests.support.contract import CONTRACT_METRICS
from tests.support.page_reader import read
from tests.support.study_factory import make_market, make_study


def down_days(returns: np.ndarray) -> float:
    """Return how many returns are losses."""
    return float(np.count_nonzero(returns < 0))


DOWN_DAYS = Metric(
    name="down_days",
    of=lambda account: down_days(account.returns),
    label="Days with a loss",
    group="Risk",
    unit="days",
    is_count=True,
    definition="Days that ended below the day before.",
    formula="number of r below 0",
)


def test_a_metric_added_to_the_table_is_measured_written_and_shown(monkeypatch):
    monkeypatch.setattr(table, "TABLE", (*TABLE, DOWN_DAYS))
    study = make_study(
        {"hold": BuyAndHold()}, {"cash": Cash()}, market=make_market("2020-01-01", "2020-06-30")
    )
    equity = study.results[0].backtest.equity.tolist()
    expected = sum(after < before for before, after in pairwise(equity))

    written = summary(study)["results"][0]["metrics"]["down_days"]
    assert written == expected
    assert type(written) is int
    page = read(comparison_page(study))
    (row,) = (row for row in page.all("tr") if row.attributes.get("data-metric") == "down_days")
    assert row.one("th").text == "Days with a loss"
    assert row.one("span").attributes["title"] == DOWN_DAYS.definition
    assert [cell.text for cell in row.all("td")] == [str(expected), "0"]


def test_every_metric_of_the_contract_has_words_a_reader_understands():
    assert list(METRICS) == CONTRACT_METRICS
    assert all(metric.definition.endswith(".") for metric in TABLE)
    assert len({metric.label for metric in TABLE}) == len(TABLE)
    assert all(metric.formula for metric in TABLE)


def test_a_metric_is_of_one_account_or_against_another():
    assert all((metric.of is None) != (metric.against is None) for metric in TABLE)
    assert RELATIVE_METRICS == ("beta", "alpha", "correlation", "information_ratio", "tracking_error")


def test_pages_list_metrics_by_group_with_the_final_equity_first():
    order = [metric.name for metric in in_page_order()]

    assert sorted(order) == sorted(CONTRACT_METRICS)
    assert order[:3] == ["final_equity", "total_return", "cagr"]
    assert order[-2:] == ["tracking_error", "information_ratio"]
    groups = [metric.group for metric in in_page_order()]
    assert groups == sorted(groups, key=groups.index)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("final_equity", 812_345.4, "812,345"),
        ("cagr", 0.1234, "12.3%"),
        ("value_at_risk", -0.0187, "−1.87%"),
        ("longest_drawdown_days", 1204.0, "1,204"),
        ("sharpe", 1.234, "1.23"),
        ("beta", math.nan, "–"),
    ],
)
def test_a_metric_reads_in_its_unit(name, value, text):
    assert in_unit(value, table.metric(name).unit) == text


def test_no_metric_is_a_count_but_the_days_under_water():
    assert [metric.name for metric in TABLE if metric.is_count] == ["longest_drawdown_days"]


@pytest.mark.parametrize("n_returns", [0, 1, 2, 3])
def test_a_metric_with_too_few_returns_says_how_many_it_needs(n_returns):
    path = account(path_of([0.02, -0.01, 0.03][:n_returns]))
    metrics, undefined = measure(path, path)
    for metric in TABLE:
        if n_returns < metric.needs:
            assert math.isnan(metrics[metric.name])
            assert undefined[metric.name] == (
                f"needs {metric.needs} or more returns from day end to day end, got {n_returns}"
            )
