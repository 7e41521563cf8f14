"""Whether a vendor answers at all, and a limit on how long anyone waits for it."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
PROBE_SECONDS = 3.0


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
