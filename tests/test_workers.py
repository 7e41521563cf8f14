"""Worker processes: the same results in order, whatever goes wrong meanwhile."""

from __future__ import annotations

import math
from functools import partial

import pytest

from raisecash.workers import imported_early, in_processes


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks_whatever_the_number_of_processes(jobs):
    assert in_processes(math.factorial, [5, 0, 3, 7, 1], jobs=jobs) == [120, 1, 6, 5040, 1]


def test_an_error_in_a_worker_is_the_callers():
    with pytest.raises(ZeroDivisionError):
        in_processes(partial(divmod, 1), [1, 0, 2], jobs=2)


def test_an_error_meanwhile_is_the_callers_and_the_next_work_finds_workers():
    with pytest.raises(KeyError), imported_early(["json"], jobs=2):
        raise KeyError("x")
    assert in_processes(math.factorial, [3, 4], jobs=2) == [6, 24]


def test_a_module_that_is_missing_is_left_to_whoever_needs_it():
    with imported_early(["no_such_module_anywhere", "json"], jobs=2):
        pass
