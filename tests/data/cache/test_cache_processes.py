"""Processes that fetch one series at once, and are killed in the middle of it, never leave half a cache."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from raisecash.data.cache import store as cache
from raisecash.data.cache.entry import tidy
from raisecash.data.request import Request
from tests.support.vendors import cache_stub
from tests.support.vendors.cache_stub import START_ROWS, GrowingFeed, fetch_until_killed, minutes

ROOT = Path(__file__).resolve().parents[3]
FETCHES = 50
SECONDS = 60  # a machine that is busy with other things needs some of them


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> multiprocessing.context.ForkServerContext:
    """A server that has everything imported and forks a process in milliseconds."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([cache_stub.__name__, "pyarrow.parquet", "filelock"])
    return context


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    path = tmp_path / "fetches"
    path.touch()
    return path


def assert_is_whole(feed: GrowingFeed) -> int:
    """Check that what is cached is a beginning of the history, figure by figure; return its rows."""
    entry = cache.kept(feed.cache_key)
    if entry is None:
        return 0
    pd.testing.assert_frame_equal(entry.frame, tidy(minutes(len(entry.frame))))
    return len(entry.frame)


def test_two_processes_killed_again_and_again_never_leave_half_a_series(
    processes: multiprocessing.context.ForkServerContext, empty_cache: Path, counter: Path
) -> None:
    feed = GrowingFeed(counter=counter)
    chance = random.Random(3)
    ends = time.monotonic() + SECONDS
    killed, rows = 0, 0

    def started(number: int) -> multiprocessing.context.ForkServerProcess:
        # every third process takes everything anew, as --refresh does
        process = processes.Process(
            target=fetch_until_killed, args=(str(empty_cache), str(counter), number % 3 == 2), daemon=True
        )
        process.start()
        return process

    running = [started(0), started(1)]
    try:
        while counter.stat().st_size < FETCHES or killed < 20:
            assert time.monotonic() < ends, f"{counter.stat().st_size} fetches, {killed} kills"
            time.sleep(chance.uniform(0.01, 0.15))
            victim = chance.randrange(2)
            assert running[victim].exitcode is None, "a fetch failed"
            os.kill(running[victim].pid, signal.SIGKILL)
            running[victim].join()
            killed += 1
            now = assert_is_whole(feed)
            assert now >= rows, "what one process had kept, another lost"
            rows = now
            running[victim] = started(killed + 1)
    finally:
        for process in running:
            process.kill()
            process.join()
    feed.bars("X", Request())
    assert assert_is_whole(feed) == START_ROWS + counter.stat().st_size
    left = sorted(path.name for path in (empty_cache / "series").iterdir() if path.suffix != ".lock")
    assert left == [cache.entry_path(feed.cache_key).name], "no scratch file, no version, nothing unreadable"


def test_an_entry_is_written_by_one_at_a_time(counter: Path) -> None:
    feed = GrowingFeed(counter=counter)
    feed.prepare()
    fetching = threading.Thread(target=feed.bars, args=("X", Request()))
    with cache.writing(cache.entry_path(feed.cache_key)):
        fetching.start()
        fetching.join(0.5)
        assert fetching.is_alive()
        assert cache.kept(feed.cache_key) is None
    fetching.join()
    assert assert_is_whole(feed) == START_ROWS


def test_a_slower_process_does_not_put_back_what_a_faster_one_extended(
    counter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one asked first; while it waited, another fetched a bar more."""
    slow, fast = GrowingFeed(counter=counter), GrowingFeed(counter=counter)
    slow.bars("X", Request())
    fetch = GrowingFeed.fetch

    def answer_late(feed: GrowingFeed, name: str, request: Request) -> pd.DataFrame:
        answer = fetch(feed, name, request)
        if feed is slow:
            counter.write_bytes(b".")
            fast.bars("X", Request())
        return answer

    monkeypatch.setattr(GrowingFeed, "fetch", answer_late)
    frame, findings = slow.bars("X", Request())
    assert findings == ()
    assert len(frame) == START_ROWS + 1
    assert assert_is_whole(slow) == START_ROWS + 1


def test_a_narrow_fetch_does_not_replace_a_wide_one_that_ended_meanwhile(
    counter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow, wide = GrowingFeed(counter=counter), GrowingFeed(counter=counter)
    fetch = GrowingFeed.fetch
    start = pd.Timestamp("2024-01-10")

    def answer_late(feed: GrowingFeed, name: str, request: Request) -> pd.DataFrame:
        answer = fetch(feed, name, request)
        if feed is narrow:
            wide.bars("X", Request())
        return answer

    monkeypatch.setattr(GrowingFeed, "fetch", answer_late)
    narrow.bars("X", Request(start=start))
    assert assert_is_whole(narrow) == START_ROWS
