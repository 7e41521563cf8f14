"""Thousands of accounts over one panel: the ledger's kernel on several cores, the market never copied."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from raisecash.engines import kernel
from raisecash.engines.ledger import shared
from raisecash.errors import InputError
from raisecash.execution.weights import raise_for_rows

if TYPE_CHECKING:
    from raisecash.data.panel import Floats, Ints, Panel
    from raisecash.execution.terms import Terms

BLOCK_BYTES = 1024 * 1024  # equity curves that are worked on at a time: what a core's own cache holds

Keeper = Callable[["Floats", int, "Floats"], None]
Tables = Any  # array of shape (n_variants, n_bars, n_assets), or an iterable of such arrays


def equity_curves(panel: Panel, terms: Terms, weights: Tables, *, jobs: int | None = None) -> Floats:
    """Return the equity curve of each of many tables of target weights, as the ledger keeps it.

    Parameters
    ----------
    panel : Panel
        `market.panel`.
    terms : Terms
        Of all variants alike.
    weights : array of shape (n_variants, n_bars, n_assets), or iterable of such arrays
        Fractions of equity decided at each close of the panel's bars; a row of NaN decides nothing.
        An iterable (a generator) is read chunk by chunk, so that not all tables need room at once.
        Nothing is copied of contiguous arrays of 64-bit floats; of others a block at a time.
    jobs : int, optional
        Threads; default one a core. The numbers do not depend on it.

    Returns
    -------
    array of shape (n_variants, n_bars)
        Account value at each close: to the last bit what `simulate(engine="ledger")` gives a variant.

    Raises
    ------
    WeightsError
        When a row breaks the weights contract; names the variant (counted from 0 over all chunks),
        the date, the asset, the rule and the value.
    InputError
        For weights of another shape, or `jobs` below 1.
    """
    kept = []
    for first, chunk in chunks(panel, weights):
        kept.append(np.empty((len(chunk), panel.shape[0])))
        work = partial(_keep_rows, keeper(panel, terms), chunk, first, kept[-1])
        in_blocks(work, len(chunk), panel, jobs)
    return kept[0] if len(kept) == 1 else np.concatenate([np.empty((0, panel.shape[0])), *kept])


def chunks(panel: Panel, weights: Tables) -> Iterator[tuple[int, Floats]]:
    """Yield each chunk of tables, with the number of its first variant."""
    given: Iterable[Any] = [weights] if isinstance(weights, np.ndarray) else weights
    first = 0
    for each in given:
        chunk = np.asarray(each)
        if chunk.ndim != 3 or chunk.shape[1:] != panel.shape:
            n, m = panel.shape
            raise InputError(
                f"weights of many variants must have the shape (variants, {n}, {m}), for the panel's bars and assets, "
                f"got {chunk.shape}; one table alone is weights[None]"
            )
        yield first, chunk
        first += len(chunk)


def in_blocks(work: Callable[[slice], None], n: int, panel: Panel, jobs: int | None) -> None:
    """Do the work on all n variants, a block of them at a time, in several threads.

    Which thread takes a block decides nothing: each writes its own rows. The first block's error is
    the one raised.
    """
    jobs = _cores() if jobs is None else jobs
    if jobs < 1:
        raise InputError(f"jobs must be 1 or more threads, got {jobs}")
    size = max(1, BLOCK_BYTES // (8 * panel.shape[0]))
    blocks = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if jobs == 1 or len(blocks) < 2:
        for rows in blocks:
            work(rows)
        return
    # Threads of Python, not numba's: the kernels release the lock, and numba's pools are unsafe to fork and to nest.
    with ThreadPoolExecutor(min(jobs, len(blocks))) as pool:
        list(pool.map(work, blocks))


def keeper(panel: Panel, terms: Terms) -> Keeper:
    """Return what fills the equity curves of a block of tables, of which the first has the number given."""
    before = shared(panel, terms)

    def call(weights: Floats, equity: Floats, states: Ints) -> None:
        weights.flags.writeable = False  # as those of a single table are: compiled once for both
        given = (*before, weights, equity, states)
        kernel.keep_many(*given)

    def keep(tables: Any, first: int, equity: Floats) -> None:
        weights: Floats = np.ascontiguousarray(tables, dtype=float).view()  # copied only if it has to be
        states = np.empty(len(weights), dtype=np.int64)
        call(weights, equity, states)
        for v in np.flatnonzero(states):
            if states[v] == kernel.BROKEN:
                raise_for_rows(weights[v], panel, f"variant {first + v}")
            call(np.clip(weights[v : v + 1], 0.0, 1.0), equity[v : v + 1], states[v : v + 1])

    return keep


def _keep_rows(keep: Keeper, chunk: Floats, first: int, curves: Floats, rows: slice) -> None:
    """Fill the curves of some rows of a chunk."""
    keep(chunk[rows], first + rows.start, curves[rows])


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
