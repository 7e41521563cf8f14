"""What every live feed promises, whoever the vendor is: the right figures, or one clear error in time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pandas as pd
import pytest
import stamina

from raisecash.data.history import History
from raisecash.data.live import LiveFeed
from raisecash.data.registry import feed_kinds
from raisecash.data.request import Request
from raisecash.errors import DataError, NetworkError
from tests.support.vendors.live_stubs import LIVE_STUBS, LiveStub
from tests.support.vendors.stub_server import HTML, Answer, refused, serving, silent

EACH = pytest.mark.parametrize("stub", LIVE_STUBS, ids=lambda stub: stub.label)


@pytest.fixture(autouse=True)
def on_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxy of the environment, and two attempts without a pause between them."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


def window(stub: LiveStub, *, deadline: float = 8.0, offline: bool = False) -> Request:
    days = stub.closes.index
    return Request(start=days[20], end=days[-1], deadline=deadline, offline=offline)


def served(
    stub: LiveStub,
    patch: pytest.MonkeyPatch,
    *faults: Answer | None,
    feed: LiveFeed | None = None,
    request: Request | None = None,
) -> History:
    with serving(stub.broken(list(faults) or [None])) as base:
        stub.point_at(patch, base)
        return (feed or stub.feed).signal("X", request or window(stub))


def assert_figures(stub: LiveStub, history: History) -> None:
    wanted = stub.closes.iloc[20:]
    found = history.frame["value"].loc[wanted.index[0] :]
    assert list(found.index) == list(wanted.index)
    assert found.tolist() == pytest.approx(wanted.tolist(), rel=1e-12)


def test_every_live_feed_has_a_stub() -> None:
    live = {kind for kind, feed in feed_kinds().items() if feed.is_live}
    assert live == {stub.feed.kind for stub in LIVE_STUBS}, "write a LiveStub in live_stubs.py"


@EACH
def test_the_figures_arrive_as_the_vendor_has_them(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    history = served(stub, monkeypatch)
    assert_figures(stub, history)
    assert history.lag == type(stub.feed).default_lag
    assert history.findings == ()
    assert history.source == stub.feed.title


@EACH
def test_prices_are_bars_of_naive_ascending_times(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(stub.route(stub.closes)) as base:
        stub.point_at(monkeypatch, base)
        frame = stub.feed.prices("X", window(stub)).frame
    times = pd.DatetimeIndex(frame.index)
    assert list(frame.columns) == ["open", "high", "low", "close", "volume"]
    assert times.tz is None
    assert times.is_monotonic_increasing
    assert times.is_unique
    assert (frame["high"] >= frame["close"]).all()
    assert (frame["low"] <= frame["close"]).all()


# What a vendor answers for ever, and the words that must be in the message.
LASTING = {
    "429 with a Retry-After beyond the deadline": (
        Answer({}, status=429, headers={"Retry-After": "3600"}),
        "in 3600 seconds",
    ),
    "429": (Answer({}, status=429), "too many requests"),
    "500": (Answer({"error": "oops"}, status=500), "HTTP 500"),
    "503 with a page": (Answer(body="<html>down</html>", status=503), "HTTP 503"),
    "blocked for legal reasons": (Answer({}, status=451), "refuses this computer (HTTP 451"),
    "a page instead of figures": (HTML, "a page instead of"),
    "an empty body": (Answer(body=""), ""),
    "binary": (Answer(body=b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfd\n"), ""),
    "reset mid-body": (Answer({"a": "b" * 5000}, kept=1500, reset=True), ""),
    "shorter than announced": (Answer({"a": "b" * 5000}, kept=1500), ""),
    "a drip that never ends": (Answer({"a": "b" * 5000}, seconds=0.2, drip=1), "did not answer within 1"),
    "no answer": (Answer({}, seconds=30.0), "did not answer within 1"),
}


@pytest.mark.parametrize("fault", LASTING)
@EACH
def test_a_lasting_failure_is_one_clear_network_error_in_time(
    stub: LiveStub, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, said = LASTING[fault]
    request = window(stub, deadline=1.0 if answer.seconds else 8.0)
    began = time.monotonic()
    with pytest.raises(NetworkError, match=f"^X: {stub.feed.describe()}: ") as caught:
        served(stub, monkeypatch, answer, request=request)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < request.deadline + 3.0


PASSING = {
    "429": Answer({}, status=429, headers={"Retry-After": "1"}),
    "500": Answer({}, status=500),
    "reset": Answer({"a": "b" * 5000}, kept=1500, reset=True),
    "cut off": Answer({"a": "b" * 5000}, kept=1500),
    "nothing": Answer(body=""),
}


@pytest.mark.parametrize("fault", PASSING)
@EACH
def test_a_passing_failure_is_asked_again(
    stub: LiveStub, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # yfinance itself asks a refused request twice
    faults = [PASSING[fault]] * (2 if stub.feed.kind == "yfinance" and PASSING[fault].status >= 400 else 1)
    assert_figures(stub, served(stub, monkeypatch, *faults, None))


@EACH
def test_a_slow_vendor_is_waited_for(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def __init__(self) -> None:
            self.good = stub.route(stub.closes)

        def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
            answer = self.good(path, query, host)
            return Answer(answer.payload, answer.status, answer.body, answer.headers, seconds=0.3)

    with serving(Slow()) as base:
        stub.point_at(monkeypatch, base)
        assert_figures(stub, stub.feed.signal("X", window(stub)))


@EACH
def test_nothing_listening_is_known_at_once(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.point_at(monkeypatch, refused())
    began = time.monotonic()
    with pytest.raises(NetworkError, match="cannot be reached"):
        stub.feed.prices("X", window(stub))
    assert time.monotonic() - began < 3


@EACH
def test_a_silent_vendor_is_given_up_at_the_deadline(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    with silent() as base:
        stub.point_at(monkeypatch, base)
        began = time.monotonic()
        with pytest.raises(NetworkError, match=r"cannot be reached|did not answer|stopped answering"):
            stub.feed.prices("X", window(stub, deadline=1.5))
        assert time.monotonic() - began < 5


@EACH
def test_what_does_not_exist_is_no_network_error(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    word = stub.unknown.identity.removeprefix("JGB")
    with pytest.raises(DataError, match=word) as caught:
        served(stub, monkeypatch, feed=stub.unknown)
    assert not isinstance(caught.value, NetworkError)


@EACH
def test_an_empty_window_is_no_network_error(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stub.closes.index[0]
    before = Request(start=first - pd.Timedelta(days=40), end=first - pd.Timedelta(days=20), deadline=8.0)
    with pytest.raises(DataError, match="window") as caught:
        served(stub, monkeypatch, request=before)
    assert not isinstance(caught.value, NetworkError)


@EACH
def test_the_last_answer_stands_in_for_a_vendor_that_is_down(
    stub: LiveStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = served(stub, monkeypatch)
    cached = served(stub, monkeypatch, Answer({}, status=503))
    pd.testing.assert_frame_equal(fresh.frame, cached.frame, check_freq=False)
    assert [finding.kind for finding in cached.findings] == ["cached"]
    assert "HTTP 503" in cached.findings[0].message


@EACH
def test_offline_asks_nobody(stub: LiveStub, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = stub.broken([None])
    with serving(vendor) as base:
        stub.point_at(monkeypatch, base)
        with pytest.raises(NetworkError, match="nothing cached"):
            stub.feed.signal("X", window(stub, offline=True))
    assert vendor.asked == 0


@EACH
def test_a_restated_figure_is_seen_and_never_swapped_in_silence(
    stub: LiveStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = served(stub, monkeypatch)
    day = stub.closes.index[-5]
    other = stub.closes.copy()
    other[day] += 0.125
    with serving(stub.route(other)) as base:
        stub.point_at(monkeypatch, base)
        fetched = stub.feed.fetch("X", window(stub))
        again = stub.feed.signal("X", window(stub))
    assert fetched["close"][day] == pytest.approx(other[day], rel=1e-12)  # no cache below ours
    assert again.frame["value"][day] == first.frame["value"][day]
    assert "restated" in [finding.kind for finding in again.findings]
