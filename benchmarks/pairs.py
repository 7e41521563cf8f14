"""Two ways timed in turn, so that a ratio holds when the machine's speed drifts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any


def paired(
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    rounds: int = 7,
    calls: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Return the median seconds of each and the median ratio first / second, each warmed up once.

    `clock` is `time.process_time` where the processor's time counts, that of all threads together.
    """
    first(), second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for way, seconds in zip((first, second), times, strict=True):
            gc.collect()
            gc.disable()  # as timeit does: a collection looks at everything the process holds, the test tool's too
            started = clock()
            for _ in range(calls):
                way()
            seconds.append((clock() - started) / calls)
            gc.enable()
    return {
        "first": statistics.median(times[0]),
        "second": statistics.median(times[1]),
        "ratio": statistics.median(a / b for a, b in zip(*times, strict=True)),
    }


def report(capsys: Any, what: str, found: dict[str, float], bound: float) -> None:
    """Print one line: the ratio, its bound, and the seconds behind it."""
    verdict = "within" if found["ratio"] <= bound else "OVER"
    with capsys.disabled():
        print(
            f"\n{what}: {found['ratio']:.3g} ({verdict} {bound:g}; "
            f"{found['first']:.4g} s against {found['second']:.4g} s)"
        )
