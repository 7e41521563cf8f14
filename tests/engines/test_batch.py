"""Many accounts at once are the accounts that `simulate` keeps one by one, to the last bit."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raisecash import Costs, Market, Rebalance, simulate
from raisecash.engines.batch import equity_curves
from raisecash.errors import DataError, InputError, WeightsError
from raisecash.execution.terms import Terms
from raisecash.execution.weights import check_weights
from raisecash.metrics.batch import CORE, FROM_CURVES, measure_many
from raisecash.metrics.kernel import halving, total
from raisecash.metrics.measure import measure
from tests.support.cases import cases

RELAXED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
CLOCKS = st.sampled_from(["D", "6h", "B", "90min"])


def terms_of(market, rules):
    return Terms.of(
        market.assets,
        Costs(commission=rules["commission"], slippage=rules["slippage"]),
        Rebalance(on_change=rules["on_change"], every=rules["every"], drift=rules["drift"]),
        cash=rules["cash"],
        lots=rules["lots"],
    )


def tables_of(targets):
    """Return the table, half of it, itself back to front in weights that are still allowed, and no decision at all."""
    table = targets.to_numpy()
    return np.stack(
        [table, table / 2, np.where(np.arange(len(table))[:, None] % 2, table, np.nan), table * np.nan]
    )


def one_by_one(tables, market, terms):
    for table in tables:
        targets = pd.DataFrame(table, index=market.bars, columns=list(market.assets))
        yield simulate(
            targets,
            market,
            terms.costs,
            terms.rebalance,
            engine="ledger",
            cash=terms.cash,
            lots=dict(zip(market.assets, terms.lots, strict=True)),
        )


def half_in(n_bars=40, *, freq="D"):
    """Return a market of two assets, the second from its sixth bar on, and ten tables that hold some of each."""
    bars = pd.date_range("2024-01-01", periods=n_bars, freq=freq)
    rng = np.random.default_rng(0)
    close = pd.DataFrame(
        100 * np.exp(np.cumsum(rng.normal(0, 0.02, (n_bars, 2)), axis=0)), index=bars, columns=["BTC", "SPY"]
    )
    close.iloc[:5, 1] = np.nan
    tables = np.full((10, n_bars, 2), np.nan)
    tables[:, ::7] = rng.dirichlet([2, 2, 2], (10, len(tables[0, ::7])))[:, :, :2]
    tables[:, :5, 1] = np.where(np.isnan(tables[:, :5, 0]), np.nan, 0.0)
    return Market(open=close, close=close, cash_yield=0.03), tables


@RELAXED
@given(st.data(), CLOCKS)
def test_an_equity_curve_of_many_is_that_of_the_account_alone(data, freq):
    market, targets, rules = data.draw(cases(freq=freq))
    terms, tables = terms_of(market, rules), tables_of(targets)
    curves = equity_curves(market.panel, terms, tables)
    for curve, alone in zip(curves, one_by_one(tables, market, terms), strict=True):
        np.testing.assert_array_equal(curve, alone.equity.to_numpy())


@RELAXED
@given(st.data(), CLOCKS)
def test_metrics_of_many_are_those_measured_of_the_account_alone(data, freq):
    """Whatever the clock: several bars a date, a starting cash of its own, days too few for a metric."""
    market, targets, rules = data.draw(cases(freq=freq))
    terms, tables = terms_of(market, rules), tables_of(targets)
    many = measure_many(market.panel, terms, tables, FROM_CURVES)
    assert tuple(many) == FROM_CURVES
    for v, alone in enumerate(one_by_one(tables, market, terms)):
        expected, _ = measure(alone, None)
        for name, values in many.items():
            np.testing.assert_allclose(values[v], expected[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("n_bars", [1, 2, 3])
@pytest.mark.parametrize("freq", ["D", "6h"])
def test_what_too_few_days_leave_undefined_is_nan(n_bars, freq):
    market, tables = half_in(n_bars, freq=freq)
    terms = Terms.of(market.assets)
    many = measure_many(market.panel, terms, tables[:1], FROM_CURVES)
    expected, undefined = measure(next(one_by_one(tables, market, terms)), None)
    assert {name for name in FROM_CURVES if math.isnan(many[name][0])} == undefined.keys() & set(FROM_CURVES)
    assert many["total_return"][0] == expected["total_return"]


def test_the_numbers_depend_neither_on_the_threads_nor_on_the_chunks():
    market, tables = half_in(3000)
    tables = np.tile(tables, (10, 1, 1))
    terms = Terms.of(market.assets, Costs(commission=0.001))
    one, curves = (
        measure_many(market.panel, terms, tables, jobs=1),
        equity_curves(market.panel, terms, tables, jobs=1),
    )
    for jobs in (2, 7):
        for given_tables in (tables, (tables[start : start + 33] for start in range(0, 100, 33))):
            again = measure_many(market.panel, terms, given_tables, jobs=jobs)
            assert {name: values.tobytes() for name, values in again.items()} == {
                name: values.tobytes() for name, values in one.items()
            }
        chunked = (tables[start : start + 33] for start in range(0, 100, 33))
        assert equity_curves(market.panel, terms, chunked, jobs=jobs).tobytes() == curves.tobytes()


def test_no_variant_is_no_curve_and_no_value():
    market, _ = half_in()
    terms = Terms.of(market.assets)
    assert equity_curves(market.panel, terms, np.empty((0, 40, 2))).shape == (0, 40)
    assert equity_curves(market.panel, terms, iter(())).shape == (0, 40)
    assert [len(values) for values in measure_many(market.panel, terms, iter(())).values()] == [0] * len(CORE)


def test_tables_in_any_memory_order_or_precision_are_read_alike():
    market, tables = half_in()
    terms = Terms.of(market.assets)
    halves = np.round(tables * 8) / 8  # exact in single precision too
    expected = equity_curves(market.panel, terms, halves)
    for other in (np.asfortranarray(halves), halves.astype(np.float32), halves[::-1][::-1]):
        np.testing.assert_array_equal(equity_curves(market.panel, terms, other), expected)
    assert halves.flags.writeable


BREACHES = {
    "a NaN among numbers": (14, 1, math.nan),
    "a number among NaN": (15, 1, 0.5),
    "a number among NaN, the first": (15, 0, 0.5),
    "infinite": (14, 0, math.inf),
    "minus infinite": (14, 0, -math.inf),
    "short": (14, 0, -1e-6),
    "borrowed": (14, 1, 1.5),
    "more than all": (14, 0, 0.999999),
    "before its first bar": (0, 1, 1e-12),
}


@pytest.mark.parametrize("breach", BREACHES)
@pytest.mark.parametrize("entry", [equity_curves, measure_many])
def test_a_broken_row_is_named_with_its_variant_in_the_words_of_a_single_table(breach, entry):
    market, tables = half_in()
    bar, asset, weight = BREACHES[breach]
    tables[7, bar, asset] = weight
    tables[9, 0] = 5.0  # a later one is not the one told of
    broken = pd.DataFrame(tables[7], index=market.bars, columns=list(market.assets))
    with pytest.raises(WeightsError) as alone:
        check_weights(broken, market, name="variant 7")
    for jobs in (1, 2):
        with pytest.raises(WeightsError) as many:
            entry(
                market.panel,
                Terms.of(market.assets),
                (tables[start : start + 4] for start in (0, 4, 8)),
                jobs=jobs,
            )
        assert str(many.value) == str(alone.value)
    assert f"{market.bars[bar]:%Y-%m-%d}" in str(many.value)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_many_are_refused_exactly_when_one_is(data):
    """Around every bound of the contract: 0, 1, the sum of 1, the tolerance of 1e-9."""
    market, tables = half_in()
    near = st.sampled_from([0.0, -0.0, 1.0, 0.5, 0.25, math.nan, math.inf, 2.0, -1e-3])
    nudge = st.sampled_from([0.0, 5e-10, -5e-10, 1e-9, -1e-9, 1.0000001e-9, -1.0000001e-9, 2e-9, -2e-9])
    for _ in range(data.draw(st.integers(1, 3))):
        bar = data.draw(st.sampled_from([0, 3, 14, 15, 39]))
        tables[0, bar] = [data.draw(near) + data.draw(nudge) for _ in range(2)]
    alone = pd.DataFrame(tables[0], index=market.bars, columns=list(market.assets))
    expected = outcome(lambda: simulate(alone, market, engine="ledger", name="variant 0").equity.to_numpy())
    assert outcome(lambda: equity_curves(market.panel, Terms.of(market.assets), tables)[0]) == expected


def outcome(keep):
    """Return a curve's bytes, or what was said instead."""
    try:
        return keep().tobytes()
    except WeightsError as error:
        return str(error)


def test_a_chunk_is_read_when_those_before_it_are_done():
    market, tables = half_in()
    tables[1, 0, 0] = 2.0
    read = []

    def chunks():
        for start in (0, 5):
            read.append(start)
            yield tables[start : start + 5]

    with pytest.raises(WeightsError, match="variant 1 on 2024-01-01: weight of BTC must be 1 or less"):
        equity_curves(market.panel, Terms.of(market.assets), chunks())
    assert read == [0]


def test_an_account_that_is_worth_no_number_is_refused_as_one_alone_is():
    bars = pd.date_range("2024-01-01", periods=4)
    close = pd.DataFrame({"X": [1e-300, 1e-300, 1e300, 1e300]}, index=bars)
    market = Market(open=close, close=close)
    tables = np.stack([np.zeros((4, 1)), np.ones((4, 1))])
    terms = Terms.of(market.assets)
    with np.errstate(all="ignore"), pytest.raises(DataError, match="must be a positive amount"):
        measure(list(one_by_one(tables, market, terms))[1], None)
    with pytest.raises(DataError, match=r"variant 1: equity must be a positive amount .* 2024-01-03"):
        measure_many(market.panel, terms, tables)


def test_weights_of_another_shape_threads_and_metrics_that_are_not_there_are_refused_with_the_way_out():
    market, tables = half_in()
    terms = Terms.of(market.assets)
    with pytest.raises(InputError, match=r"shape \(variants, 40, 2\), .* got \(40, 2\); .* weights\[None\]"):
        equity_curves(market.panel, terms, tables[0])
    with pytest.raises(InputError, match=r"got \(10, 40, 1\)"):
        equity_curves(market.panel, terms, tables[:, :, :1])
    with pytest.raises(InputError, match="jobs must be 1 or more threads, got 0"):
        equity_curves(market.panel, terms, tables, jobs=0)
    with pytest.raises(InputError, match=r"no metric 'sharp' .* did you mean 'sharpe'"):
        measure_many(market.panel, terms, tables, ["sharp"])
    with pytest.raises(InputError, match=r"no metric 'turnover' .* measure\(simulate"):
        measure_many(market.panel, terms, tables, ["cagr", "turnover"])


def test_sums_are_numpy_s_to_the_last_bit():
    for n in (*range(300), 1000, 8191, 8192, 8193, 20_001, 100_003):
        rng = np.random.default_rng(n)
        values = rng.normal(size=n) * 10.0 ** rng.integers(-8, 8, n)
        assert total(values, *halving(n)) == np.add.reduce(values), n
