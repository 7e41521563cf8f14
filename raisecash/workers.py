"""Worker processes: the same work on every core, its results in order and the same whatever their number."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")


def cores() -> int:
    """Return how many processes this machine can run at once."""
    from joblib import cpu_count

    return int(cpu_count())


def in_processes(function: Callable[[Task], Done], tasks: Sequence[Task], *, jobs: int) -> list[Done]:
    """Return what a function makes of each task, in the tasks' order.

    Parameters
    ----------
    function : callable
        Importable by its name; the result may not depend on anything but the task.
    tasks : sequence
    jobs : int
        Processes; with 1, and for a single task, the work is done in this one. Processes stay for
        the next call.
    """
    if jobs == 1 or len(tasks) < 2:
        return [function(task) for task in tasks]
    from joblib import Parallel, delayed

    return list(Parallel(n_jobs=jobs, max_nbytes=None)(delayed(function)(task) for task in tasks))


@contextmanager
def imported_early(modules: Sequence[str], *, jobs: int) -> Iterator[None]:
    """Let each process import what it will need, while this one is still busy with something else.

    Leaving waits for them, after an error too: begin when cheap errors can no longer come.
    """
    if jobs == 1:
        yield
        return
    from joblib import Parallel, delayed

    started = Parallel(n_jobs=jobs, max_nbytes=None, return_as="generator_unordered")(
        delayed(_import)(tuple(modules)) for _ in range(jobs)
    )
    try:
        yield
    finally:
        list(started)


def _import(modules: tuple[str, ...]) -> None:
    """Import some modules, for what it costs; one that is missing is told of by whoever needs it."""
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)
