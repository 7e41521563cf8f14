"""Asking again: which failures, how often, how long, and never beyond the deadline."""

from __future__ import annotations

import email.utils
import time

import pytest

from raisecash.data.text.network import TryAgainError, asking, refusal, retry_after
from raisecash.errors import NetworkError


class Vendor:
    """Fails so often, then answers."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures = failures
        self.asked: list[float] = []

    def __call__(self, left: float) -> str:
        self.asked.append(time.monotonic())
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def test_a_passing_failure_is_asked_again_after_growing_pauses() -> None:
    vendor = Vendor([TryAgainError("a"), TryAgainError("b")])
    assert asking(vendor, seconds=10.0, what="vendor") == "answer"
    first, second = vendor.asked[1] - vendor.asked[0], vendor.asked[2] - vendor.asked[1]
    assert 0.25 <= first < 0.8
    assert 0.5 <= second < 1.1


def test_retry_after_is_waited_for() -> None:
    vendor = Vendor([TryAgainError("slow down", after=1.0)])
    assert asking(vendor, seconds=10.0, what="vendor") == "answer"
    assert 1.0 <= vendor.asked[1] - vendor.asked[0] < 1.6


def test_a_pause_that_would_outlast_the_deadline_is_not_begun() -> None:
    for after, seconds in ((60.0, 5.0), (None, 0.3)):
        vendor = Vendor([TryAgainError("slow down", after=after)] * 9)
        began = time.monotonic()
        with pytest.raises(TryAgainError, match="slow down"):
            asking(vendor, seconds=seconds, what="vendor")
        assert time.monotonic() - began < 0.25
        assert len(vendor.asked) == 1


def test_attempts_end_even_when_time_does_not() -> None:
    vendor = Vendor([TryAgainError("no", after=0.0)] * 99)
    with pytest.raises(TryAgainError):
        asking(vendor, seconds=60.0, what="vendor")
    assert len(vendor.asked) == 4


@pytest.mark.parametrize("error", [NetworkError("blocked"), ValueError("a bug"), KeyError("x")])
def test_a_lasting_failure_is_raised_at_once(error: Exception) -> None:
    vendor = Vendor([error])
    with pytest.raises(type(error)):
        asking(vendor, seconds=10.0, what="vendor")
    assert len(vendor.asked) == 1


def test_all_attempts_together_end_at_the_deadline() -> None:
    def stalls(left: float) -> str:
        time.sleep(min(left, 0.5))
        raise TryAgainError("stalled")

    began = time.monotonic()
    with pytest.raises((TryAgainError, TimeoutError)):
        asking(stalls, seconds=1.2, what="vendor")
    assert time.monotonic() - began < 1.6


def test_a_vendor_that_never_comes_back_is_left_behind() -> None:
    with pytest.raises(TimeoutError, match=r"vendor did not answer within 0\.2 seconds"):
        asking(lambda left: time.sleep(5), seconds=0.2, what="vendor")


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after({"Retry-After": "7"}) == 7.0
    assert retry_after({"retry-after": " 7 "}) == 7.0
    soon = email.utils.formatdate(time.time() + 30, usegmt=True)
    assert retry_after({"Retry-After": soon}) == pytest.approx(30, abs=3)
    past = email.utils.formatdate(time.time() - 30, usegmt=True)
    assert retry_after({"Retry-After": past}) == 0.0
    for nothing in ({}, {"Retry-After": ""}, {"Retry-After": "soon"}, {"Retry-After": "-1"}):
        assert retry_after(nothing) is None


@pytest.mark.parametrize(
    ("status", "said", "is_passing"),
    [
        (429, "too many requests, HTTP 429", True),
        (418, "too many requests, HTTP 418", True),
        (500, "failed (HTTP 500)", True),
        (503, "failed (HTTP 503)", True),
        (401, "blocked, or not offered", False),
        (403, "blocked, or not offered", False),
        (451, "blocked, or not offered", False),
    ],
)
def test_a_status_says_what_it_means(status: int, said: str, is_passing: bool) -> None:
    error = refusal("X: fred DGS10", "FRED", status, {})
    assert said in str(error)
    assert isinstance(error, TryAgainError) is is_passing


@pytest.mark.parametrize("status", [200, 206, 404])
def test_a_status_only_the_vendor_can_explain_is_left_to_it(status: int) -> None:
    assert refusal("X", "FRED", status, {}) is None
