"""The two engines against hand-written backtrader and a bare compiled loop."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cases import frames, market_of, targets_of
from pairs import paired, report
from peers import COMMISSION, SLIPPAGE, bare_loop, plain_backtrader

from raisecash import simulate
from raisecash.engines import ledger
from raisecash.execution.costs import Costs
from raisecash.execution.terms import Terms
from raisecash.execution.weights import check_weights
from raisecash.metrics.batch import measure_many

FRAMES = ("bars", "fills", "unfilled", "equity", "cash", "shares", "weights", "targets")
COSTS = Costs(commission=COMMISSION, slippage=SLIPPAGE)


def given(market, targets):
    """Return what an engine is given."""
    weights = check_weights(targets, market, name="benchmark")
    return market.panel, Terms.of(market.assets, COSTS), weights


def test_backtrader_engine_against_hand_written_backtrader(capsys, benchmark):
    """3,131 business days, two assets, 250 decisions; recording, validation and tables included in ours."""
    prices = frames(3131)
    market = market_of(prices)
    targets = targets_of(market)
    ours = simulate(targets, market, COSTS, engine="backtrader")
    theirs = plain_backtrader(prices, targets, 100_000.0)
    assert ours.equity.iloc[-1] == pytest.approx(theirs, rel=1e-9)

    found = paired(
        lambda: simulate(targets, market, COSTS, engine="backtrader"),
        lambda: plain_backtrader(prices, targets, 100_000.0),
    )
    report(capsys, "simulate(engine='backtrader') / hand-written backtrader", found, 0.7)
    benchmark.extra_info.update(found)
    benchmark.pedantic(lambda: simulate(targets, market, COSTS, engine="backtrader"), rounds=3)


@pytest.mark.parametrize("n_bars", [3_131, 30_000, 300_000, 1_000_000])
def test_ledger_against_a_bare_loop(capsys, benchmark, n_bars):
    """Every column, fill and unfilled order recorded, against a loop that keeps one equity curve."""
    market = market_of(frames(n_bars, freq="min" if n_bars > 10_000 else "B"))
    n_tables = max(1, 60_000 // n_bars)  # another one each call: a processor learns one's branches by heart
    made = [given(market, targets_of(market, seed=seed)) for seed in range(n_tables)]
    for panel, terms, weights in made:
        bare = bare_loop(panel.open, panel.close, weights.rows, terms.cash)
        np.testing.assert_allclose(ledger.run(panel, terms, weights).equity, bare, rtol=1e-9)

    def ours():
        for panel, terms, weights in made:
            ledger.run(panel, terms, weights)

    def bare_loops():
        for panel, terms, weights in made:
            bare_loop(panel.open, panel.close, weights.rows, terms.cash)

    found = paired(
        ours, bare_loops, rounds=9, calls=max(1, 300_000 // n_bars // n_tables), clock=time.process_time
    )
    report(capsys, f"ledger / bare loop, {n_bars:,} bars, processor", found, 3.0)
    with capsys.disabled():
        ours_ns, bare_ns = (found[way] / n_bars / n_tables * 1e9 for way in ("first", "second"))
        print(f"  {ours_ns:.1f} ns a bar against {bare_ns:.1f}")
    benchmark.extra_info.update(found)
    benchmark.pedantic(ours, rounds=3)


N_TABLES = 1_000


@pytest.mark.parametrize("cash_yield", [0.0, 0.04])
@pytest.mark.parametrize(
    ("what", "jobs"), [("processor, one thread", 1), ("processor, all threads", None), ("wall", None)]
)
def test_a_thousand_tables_in_one_call_against_bare_loops(capsys, benchmark, what, jobs, cash_yield):
    """Weights checked, ledger and five core metrics, 3,131 bars; the bare loop neither checks nor earns interest.

    The bare loops run one after the other, in one thread.
    """
    market = market_of(frames(3131), cash_yield=cash_yield)
    panel, terms, _ = given(market, targets_of(market))
    tables = np.empty((N_TABLES, *panel.shape))
    for seed in range(N_TABLES):
        tables[seed] = targets_of(market, seed=seed)

    def bare():
        for table in tables:
            bare_loop(panel.open, panel.close, table, terms.cash)

    found = paired(
        lambda: measure_many(panel, terms, tables, jobs=jobs),
        bare,
        clock=time.perf_counter if what == "wall" else time.process_time,
    )
    label = f"1,000 tables and their metrics / bare loops, cash yield {cash_yield:g}, {what}"
    report(capsys, label, found, 2.0 if cash_yield == 0.0 else 2.5)
    benchmark.extra_info.update(found)
    benchmark.pedantic(lambda: measure_many(panel, terms, tables, jobs=jobs), rounds=3)


def test_one_simulation_with_all_its_frames_against_a_bare_loop(capsys, benchmark):
    """3,131 bars, another table at each call."""
    market = market_of(frames(3131))
    targets = [targets_of(market, seed=seed) for seed in range(64)]
    panel, terms, _ = given(market, targets[0])
    rows = [check_weights(table, market, name="benchmark").rows for table in targets]

    def with_frames():
        for table in targets:
            backtest = simulate(table, market, COSTS, engine="ledger")
            for name in FRAMES:
                getattr(backtest, name)

    def bare():
        for table in rows:
            bare_loop(panel.open, panel.close, table, terms.cash)

    found = paired(with_frames, bare, clock=time.process_time)
    report(capsys, "simulate(engine='ledger') with all frames / bare loop, processor", found, 40.0)
    benchmark.extra_info.update(found)
    benchmark.pedantic(with_frames, rounds=3)
