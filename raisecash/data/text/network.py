"""Asking a vendor: whether it answers at all, how often it is asked again, and when it is given up."""

from __future__ import annotations

import http.client
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from raisecash.errors import NetworkError

T = TypeVar("T")
PROBE_SECONDS = 3.0
TRY_SECONDS = 10.0  # one attempt's own limit, so that a stalled one leaves time for another
ATTEMPTS = 4
FIRST_PAUSE, LONGEST_PAUSE, JITTER = 0.25, 4.0, 0.25
BLOCKED = frozenset({401, 403, 407, 451})

# stamina tells the root logger of each retry; a program that did not ask for logs stays quiet
logging.getLogger("stamina").addHandler(logging.NullHandler())


class TryAgainError(NetworkError):
    """A vendor failed in a way that may pass: reset, cut off, overloaded, or too many requests.

    Attributes
    ----------
    after : float or None
        Seconds the vendor asked to wait (Retry-After).
    """

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def asking(work: Callable[[float], T], *, seconds: float, what: str) -> T:
    """Return `work(seconds left)`, asked again after growing pauses while it raises TryAgainError.

    Parameters
    ----------
    work : callable
        Given the seconds that are left; runs in a daemon thread (see `within`).
    seconds : float
        For all attempts and the pauses between them. A pause, the vendor's own Retry-After
        included, that would not end in time is not begun.
    what : str
        Who is asked, for the message.

    Raises
    ------
    TryAgainError
        The last one, when the attempts or the time are used up.
    TimeoutError
        When the time ends while an answer is awaited.
    """
    import stamina

    ends = time.monotonic() + seconds
    failures = 0

    def pause(error: Exception) -> bool | float:
        nonlocal failures
        failures += 1
        if not isinstance(error, TryAgainError):
            return False
        left = ends - time.monotonic()
        if error.after is not None:
            return error.after if error.after < left else False
        longest = min(FIRST_PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE) + JITTER
        return longest < left

    for attempt in stamina.retry_context(
        on=pause,
        attempts=ATTEMPTS,
        timeout=None,  # `pause` knows the end
        wait_initial=FIRST_PAUSE,
        wait_max=LONGEST_PAUSE,
        wait_jitter=JITTER,
    ):
        with attempt:
            left = max(ends - time.monotonic(), 0.01)
            try:
                return within(left, partial(work, left), what=what)
            except TimeoutError as error:
                raise TimeoutError(f"{what} did not answer within {seconds:g} seconds") from error
    raise AssertionError("unreachable")


def within(seconds: float, work: Callable[[], T], *, what: str) -> T:
    """Return `work()`, or raise TimeoutError when it takes longer.

    The work runs in a daemon thread that is left behind when it does not come back: clients exist
    that hang for minutes on a silent network whatever time limit they are given.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001  # handed to the caller's thread, which raises it
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True, name=what)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise TimeoutError(f"{what} did not answer within {seconds:g} seconds")
    return outcome[0]


def unreachable(url: str, *, seconds: float = PROBE_SECONDS) -> str:
    """Return why nothing answers at a URL, in a few words; empty when anything at all does.

    Any HTTP status is an answer. Proxies named in the environment are used, as the clients do.
    """
    host = urlsplit(url).hostname or url
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "Mozilla/5.0"})

    def ask() -> str:
        try:
            urllib.request.urlopen(request, timeout=seconds).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            reason = getattr(error, "reason", error)
            return f"{host} cannot be reached ({reason or type(error).__name__})"
        return ""

    try:
        return within(seconds, ask, what=host)
    except TimeoutError:
        return f"{host} cannot be reached (no answer within {seconds:g} seconds)"


def refusal(where: str, vendor: str, status: int, headers: Mapping[str, str]) -> NetworkError | None:
    """Return the error an HTTP status stands for, whoever the vendor is; None for one that only it knows."""
    if status == 429 or status == 418:  # 418: an exchange's word for "still too many"
        after = retry_after(headers)
        when = "in some minutes" if after is None else f"in {after:g} seconds"
        return TryAgainError(
            f"{where}: {vendor} refuses for now (too many requests, HTTP {status}); try again {when}",
            after=after,
        )
    if status in BLOCKED:
        return NetworkError(
            f"{where}: {vendor} refuses this computer (HTTP {status}: blocked, or not offered from here); "
            "use another network or vendor, or pass a folder of files with --data"
        )
    if status >= 500:
        return TryAgainError(
            f"{where}: {vendor} failed (HTTP {status}); try again later, or pass a folder of files with --data"
        )
    return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None without a usable one."""
    text = next((value for key, value in headers.items() if key.lower() == "retry-after"), "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
