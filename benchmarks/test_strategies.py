"""How long each discovered strategy takes to decide on 3,650 daily bars of 3 assets: a sweep's unit of work."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd
from cases import frames, market_of
from pairs import paired, report

from raisecash import Market, Strategy
from raisecash.data.events import empty_events, load_events
from raisecash.strategy.discovery import discover

BARS, ROUNDS, BOUND = 3_650, 15, 5.0  # milliseconds, for a strategy that decides on all bars at once
SLICES = 2.0  # cuts of a frame that one bar of a strategy deciding bar by bar may cost
CATALOGUE = Path(__file__).resolve().parents[1] / "configs" / "events" / "macro.csv"


def ten_years() -> Market:
    """Return BTC, SPY and QQQ as random walks, closed where they are, with yields, VIX and the dated events."""
    rng = np.random.default_rng(3)
    bars = pd.date_range("2016-01-01", periods=BARS)
    weekday = bars.day_of_week < 5
    frames = {
        asset: pd.DataFrame({"open": walk, "close": walk}, index=bars)[is_open]
        for asset, is_open in (("BTC", weekday | True), ("SPY", weekday), ("QQQ", weekday))
        for walk in [100 * np.exp(np.cumsum(rng.normal(0, 0.02, BARS)))]
    }
    steps = rng.normal(0, 0.03, (BARS, 3)) * weekday[:, None]
    levels = np.cumsum(steps, axis=0) + np.array([0.1, 2.0, 0.0])
    levels[:, 2] = 20 * np.exp(levels[:, 2])
    signals = pd.DataFrame(levels.round(3), index=bars, columns=["JGB10Y", "UST10Y", "VIX"])
    events = load_events(CATALOGUE) if CATALOGUE.is_file() else empty_events()
    return Market.from_frames(frames, signals=signals, events=events)


def test_each_strategy_decides_in_milliseconds(capsys):
    market = ten_years()
    for name, strategy in discover().items():
        made = strategy()
        is_vectorised = strategy.target_weights is not Strategy.target_weights
        made.target_weights(market)
        spent = []
        for _ in range(ROUNDS if is_vectorised else 1):
            started = time.perf_counter()
            made.target_weights(market)
            spent.append((time.perf_counter() - started) * 1e3)
        typical = statistics.median(spent)
        verdict = (
            ("within" if typical < BOUND else "OVER") + f" {BOUND:g} ms" if is_vectorised else "bar by bar"
        )
        with capsys.disabled():
            print(f"\n{name}: {typical:.2f} ms ({verdict}; best {min(spent):.2f})", end="")


class Nothing(Strategy):
    """Look at nothing and decide nothing."""

    def decide(self, past: Market) -> None:
        """Keep holding."""


class Glance(Strategy):
    """Look at the newest close and at what is announced, and decide nothing."""

    def decide(self, past: Market) -> None:
        """Keep holding."""
        assert len(past.last_close.iloc[-1]) == 2
        assert len(past.events) >= 0


def test_a_bar_of_decide_costs_no_more_than_a_cut_of_a_frame(capsys):
    """3,131 bars with the shipped catalogue of events, against one `iloc` a bar; a strategy that looks, for comparison."""
    market = market_of(frames(3_131))
    market = market.replaced(events=load_events(CATALOGUE))

    def cuts():
        for n in range(1, len(market.bars) + 1):
            market.close.iloc[:n]

    found = paired(lambda: Nothing().target_weights(market), cuts)
    report(capsys, "decide(past) that reads nothing / one iloc a bar", found, SLICES)
    looking = paired(lambda: Glance().target_weights(market), cuts, rounds=3)
    report(capsys, "decide(past) that reads last_close and events / one iloc a bar", looking, 10 * SLICES)
    assert found["ratio"] < SLICES
