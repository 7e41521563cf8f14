"""Strategies that cheat, each in one way. CHEATS says which check must notice."""

from __future__ import annotations

import datetime
import random
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import ConfigDict

from raisecash import Field, Strategy

HERE = Path(__file__).parent


def invested(market, share):
    """Return equal weights times a share at each bar."""
    return market.equal_weights().fillna(0.0).mul(np.asarray(share, dtype=float), axis=0)


class FutureRow(Strategy):
    """Hold what rises tomorrow."""

    def target_weights(self, market):
        rise = market.last_close.shift(-1) > market.last_close
        return rise.astype(float) / len(market.assets)


class FullSampleMean(Strategy):
    """Buy below a mean that is only known at the end."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, price < price.mean())


class FullSampleScale(Strategy):
    """Scale by the largest price there will ever be."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, (price / price.max()).fillna(0.0))


class CentredWindow(Strategy):
    """Smooth over both sides."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, price > price.rolling(5, center=True, min_periods=1).mean())


class BackFilled(Strategy):
    """Use Monday's close on Saturday."""

    def target_weights(self, market):
        price = market.close["SPY"].bfill()
        return invested(market, price > price.shift(1))


class ResampledLeft(Strategy):
    """Know a week's last close when the week begins."""

    def target_weights(self, market):
        weekly = market.last_close["BTC"].resample("W-SUN", label="left", closed="left").last()
        return invested(market, weekly.pct_change().reindex(market.bars, method="ffill") > 0)


class LastBar(Strategy):
    """Sell before the sample ends."""

    def target_weights(self, market):
        return invested(market, market.bars < market.bars[-1] - pd.Timedelta(days=30))


class TomorrowsEvent(Strategy):
    """Be in cash on the eve of every event, announced or not."""

    def target_weights(self, market):
        eves = pd.DatetimeIndex(market.events["event_date"]) - pd.Timedelta(days=1)
        return invested(market, ~market.bars.isin(eves))


class HindsightStatus(Strategy):
    """Fear only the dates that will stand: those that no later announcement ends."""

    def target_weights(self, market):
        events = market.events
        held = events[events["ended_on"].isna()]
        share = np.ones(len(market.bars))
        for happens, known in zip(held["event_date"], held["announced_on"], strict=True):
            days = (market.bars >= known) & (market.bars >= happens - pd.Timedelta(days=5))
            share[days & (market.bars <= happens)] = 0
        return invested(market, share)


class UnlaggedYield(Strategy):
    """Take the publication lag out of a yield."""

    def target_weights(self, market):
        level = market.signals["JGB10Y"].shift(-1)
        return invested(market, level < level.shift(5))


class ReadsFile(Strategy):
    """Take prices from a file beside the market."""

    def target_weights(self, market):
        table = (HERE / "planted_cheats.py").read_text(encoding="utf-8")
        return invested(market, np.full(len(market.bars), float(len(table) > 0)))


@lru_cache
def remembered_table():
    return pd.read_csv(HERE / "planted_cheats.py", sep="\x00", header=None, engine="python")


class ReadsFileOnce(Strategy):
    """Take prices from a file, remembered after the first time."""

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), float(len(remembered_table()) > 0)))


class ReadsParquet(Strategy):
    """Take prices from a file that compiled code opens."""

    def target_weights(self, market):
        with suppress(OSError):
            pd.read_parquet(HERE / "prices.parquet")
        return invested(market, np.ones(len(market.bars)))


class ReadsClock(Strategy):
    """Know how much of the sample is history."""

    def target_weights(self, market):
        return invested(market, market.bars < datetime.datetime.now())


class ReadsClockAsSeconds(Strategy):
    """Know how much of the sample is history, in seconds."""

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), float(time.time() > 0)))


class ReadsPandasClock(Strategy):
    """Know how much of the sample is history, by pandas."""

    def target_weights(self, market):
        return invested(market, market.bars < pd.Timestamp.now())


class ReadsClockByWord(Strategy):
    """Know how much of the sample is history, in a word."""

    def target_weights(self, market):
        return invested(market, market.bars < pd.Timestamp("today"))


class AsksTheNetwork(Strategy):
    """Ask somebody else."""

    def target_weights(self, market):
        with suppress(OSError):
            socket.create_connection(("localhost", 9), timeout=0.1).close()
        return invested(market, np.ones(len(market.bars)))


class AsksAnotherProcess(Strategy):
    """Let another program decide."""

    def target_weights(self, market):
        said = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True, check=True)
        return invested(market, np.full(len(market.bars), float(said.stdout)))


class CountsItsCalls(Strategy):
    """Hold less each time it is asked."""

    calls: ClassVar[list[int]] = []

    def target_weights(self, market):
        self.calls.append(1)
        return invested(market, np.full(len(market.bars), 1 / len(self.calls)))


class RemembersTheLastMarket(Strategy):
    """Compare with the mean price of the market it saw before."""

    seen: ClassVar[list[float]] = [0.0]

    def target_weights(self, market):
        known, self.seen[0] = self.seen[0], float(market.last_close["BTC"].mean())
        return invested(market, market.last_close["BTC"] > known)


MEANS: dict[str, float] = {}


class RemembersTheFirstMarket(Strategy):
    """Fit once, on whatever it saw first, and look the fit up ever after."""

    def target_weights(self, market):
        price = market.last_close["BTC"]
        fitted = MEANS.setdefault("BTC", float(price.mean()))
        return invested(market, price > fitted)


class RemembersBars(Strategy):
    """Compare with the price of the bar it was asked about before, bar by bar."""

    before: ClassVar[dict[str, float]] = {}

    def decide(self, past):
        price = float(past.last_close["BTC"].iloc[-1])
        rose = price > self.before.get("BTC", 0.0)
        self.before["BTC"] = price
        return {"BTC": float(rose)}


class LooksBehindTheView(Strategy):
    """Find tomorrow's price in the memory that the past is a view of, bar by bar."""

    def decide(self, past):
        known = past.close.to_numpy()
        whole = known
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        column = whole if whole.shape[0] == len(past.assets) else whole.T
        n = len(past.bars)
        if column.shape[1] <= n:
            return None
        return {"BTC": float(column[0, n] > known[-1, 0])}


class ChangesTheMarket(Strategy):
    """Fill the gaps of the prices it was lent."""

    def target_weights(self, market):
        market.close.iloc[:, -1] = market.close.iloc[:, -1].ffill()
        return invested(market, np.ones(len(market.bars)))


class DrawsGlobally(Strategy):
    """Toss numpy's coin."""

    def target_weights(self, market):
        return invested(market, np.random.rand(len(market.bars)))  # noqa: NPY002


class SeedsGlobally(Strategy):
    """Seed everybody's coin before tossing it."""

    def target_weights(self, market):
        random.seed(1)
        return invested(market, np.full(len(market.bars), random.random()))


class DrawsWithoutSeed(Strategy):
    """Toss a coin of its own that nobody can toss again."""

    def target_weights(self, market):
        return invested(market, np.random.default_rng().random(len(market.bars)))


class HoldsTheFirstOfASet(Strategy):
    """Hold whichever asset a set happens to name first."""

    def target_weights(self, market):
        chosen = next(iter({*market.assets}))
        weights = pd.DataFrame(0.0, index=market.bars, columns=list(market.assets))
        return weights.assign(**{chosen: market.last_close[chosen].notna().astype(float)})


class CountsColumns(Strategy):
    """Hold what stands in the first column."""

    def target_weights(self, market):
        weights = market.last_close.notna().astype(float)
        weights.iloc[:, 1:] = 0.0
        return weights


class UnderstatesItsWarmUp(Strategy):
    """Say 20 bars and need 60."""

    @property
    def warm_up_bars(self):
        return 20

    def target_weights(self, market):
        price = market.last_close["BTC"]
        return invested(market, price > price.rolling(60, min_periods=1).mean())


class BreaksAtItsBound(Strategy):
    """Allow a window of 0 and divide by it."""

    window: int = Field(10, ge=0, le=100, description="bars")

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), 1.0 // self.window))


class TakesAnything(Strategy):
    """Declare a bound and clip silently what lies outside."""

    share: float = Field(0.5, ge=0, le=1, description="invested share")

    def __init__(self, **parameters):
        given = parameters.get("share", 0.5)
        super().__init__(share=min(max(float(given), 0.0), 1.0))

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), self.share))


class CanBeChanged(Strategy):
    """Let its parameters be set while it runs."""

    model_config = ConfigDict(frozen=False)

    share: float = Field(0.5, ge=0, le=1, description="invested share")

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), self.share))


class NeedsTwoBars(Strategy):
    """Look at yesterday without asking whether there is one."""

    def target_weights(self, market):
        rises = market.last_close["BTC"].iloc[1] > 0
        return invested(market, np.full(len(market.bars), float(rises)))


class Borrows(Strategy):
    """Hold 150%."""

    def target_weights(self, market):
        return invested(market, np.full(len(market.bars), 1.5))


# The check that names what a strategy does, and those that cannot but see it too.
BARS = "ignores_future_bars"
CHEATS = {
    FutureRow: ("ignores_future_prices", BARS),
    FullSampleMean: ("ignores_future_prices", BARS),
    FullSampleScale: ("ignores_future_prices", BARS),
    CentredWindow: ("ignores_future_prices", BARS),
    BackFilled: ("ignores_future_prices", BARS),
    ResampledLeft: ("ignores_future_prices", BARS),
    LooksBehindTheView: ("ignores_future_prices", BARS, "column_order_does_not_matter"),
    LastBar: (BARS,),
    TomorrowsEvent: ("ignores_unannounced_events", BARS),
    HindsightStatus: ("ignores_unannounced_events", BARS),
    UnlaggedYield: ("ignores_future_signals", BARS),
    ReadsFile: ("reads_nothing_but_the_market",),
    ReadsFileOnce: ("reads_nothing_but_the_market",),
    ReadsParquet: ("reads_nothing_but_the_market",),
    ReadsClock: ("reads_nothing_but_the_market",),
    ReadsClockAsSeconds: ("reads_nothing_but_the_market",),
    ReadsPandasClock: ("reads_nothing_but_the_market",),
    ReadsClockByWord: ("reads_nothing_but_the_market",),
    AsksTheNetwork: ("reads_nothing_but_the_market",),
    AsksAnotherProcess: ("reads_nothing_but_the_market",),
    CountsItsCalls: ("decides_the_same_twice", "keeps_no_state_between_calls"),
    RemembersTheLastMarket: ("keeps_no_state_between_calls", "decides_the_same_twice"),
    RemembersBars: ("keeps_no_state_between_calls", "decides_the_same_twice"),
    RemembersTheFirstMarket: ("decides_the_same_in_a_fresh_process",),
    HoldsTheFirstOfASet: ("decides_the_same_in_a_fresh_process", "column_order_does_not_matter"),
    ChangesTheMarket: ("leaves_the_market_as_it_was",),
    DrawsGlobally: (
        "draws_no_global_random_numbers",
        "decides_the_same_twice",
        "keeps_no_state_between_calls",
    ),
    SeedsGlobally: ("draws_no_global_random_numbers",),
    DrawsWithoutSeed: ("decides_the_same_twice", "keeps_no_state_between_calls"),
    CountsColumns: ("column_order_does_not_matter",),
    UnderstatesItsWarmUp: ("start_date_does_not_matter",),
    BreaksAtItsBound: ("parameters_run_at_their_edges",),
    TakesAnything: ("parameters_keep_their_bounds",),
    CanBeChanged: ("is_frozen",),
    NeedsTwoBars: ("runs_on_one_bar", BARS),
    Borrows: ("weights_are_valid",),
}
