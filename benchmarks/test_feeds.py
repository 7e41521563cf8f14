"""How long a market takes to read from the cache and align, and how much memory at its peak."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

# Each case runs in a process of its own: its peak memory is its own, and no other case's imports help it.
# The clock starts after the imports and runs over all of `load_market`: cache, rules, sessions, alignment and checks.
SCRIPT = """
import json, resource, sys, time
import numpy as np
import pandas as pd
import pyarrow.parquet
from raisecash.data.cache import store as cache
from raisecash.data.cache.entry import CacheEntry
from data_feeds.crypto.feed import CryptoFeed
from raisecash.data.load import load_market
from raisecash.data.calendars.sessions import sessions_between
from data_feeds.yahoo.feed import YahooFeed

def bars(times, seed):
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.001, len(times))))
    opening = np.r_[100.0, close[:-1]]
    return pd.DataFrame(
        {
            "open": opening,
            "high": np.maximum(opening, close),
            "low": np.minimum(opening, close),
            "close": close,
            "volume": chance.integers(1, 1000, len(times)).astype(float),
        },
        index=times.as_unit("us"),
    )

def minutes():
    feed = CryptoFeed(exchange="coinbase", symbol="BTC/USD", timeframe="1m")
    return {"BTC": feed}, lambda: pd.date_range("2023-01-01", periods=1_000_000, freq="min")

def days():
    feeds = {f"A{number}": YahooFeed(symbol=f"A{number}") for number in range(10)}
    return feeds, lambda: sessions_between("XNYS", pd.Timestamp("2014-01-01"), pd.Timestamp("2024-12-31"))

feeds, times = {"minutes": minutes, "days": days}[sys.argv[1]]()
if sys.argv[2] == "store":
    for number, feed in enumerate(feeds.values()):
        frame = bars(times(), number)
        if feed.kind == "yfinance":
            frame["adj_close"] = frame["close"] * 0.9
        with cache.writing(cache.entry_path(feed.cache_key)):
            fetched = pd.Timestamp("2026-01-01")
            cache.store(feed.cache_key, CacheEntry(frame=frame, start=None, end=None, fetched=fetched))
    sys.exit()
for feed in feeds.values():
    feed.prepare()
began = time.perf_counter()
loaded = load_market(feeds, offline=True)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "megabytes": peak, "bars": len(loaded.market.bars)}))
"""


@pytest.mark.parametrize(
    ("case", "rows", "seconds", "megabytes"),
    [("minutes", 1_000_000, 1.0, 500.0), ("days", 2768, 0.3, 500.0)],
    ids=["1,000,000 one-minute bars", "10 assets, 11 years of days"],
)
def test_a_market_is_read_from_the_cache_and_aligned(capsys, tmp_path, case, rows, seconds, megabytes):
    script = tmp_path / "load.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "RAISECASH_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.getcwd()}

    def run(what):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", script, case, what],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
        )
        return json.loads(done.stdout or "null")

    run("store")
    run("load")  # the first run also computes the exchange's sessions and keeps them
    found = min((run("load") for _ in range(3)), key=lambda one: one["seconds"])
    assert found["bars"] == rows
    with capsys.disabled():
        print(
            f"\n{rows:,} bars ({case}) from the cache to a market: {found['seconds']:.3f} s (bound {seconds:g}), "
            f"peak {found['megabytes']:.0f} MB (bound {megabytes:g})"
        )
    assert found["seconds"] < seconds
    assert found["megabytes"] < megabytes
