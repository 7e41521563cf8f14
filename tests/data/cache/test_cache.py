"""What a vendor answered once is there when it cannot be asked, and never half of it."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data_feeds.yahoo.feed import YahooFeed
from raisecash import files
from raisecash.data.cache import store as cache
from raisecash.data.request import Request
from raisecash.errors import DataError, NetworkError
from tests.support.vendors.cache_stub import StubFeed, paid, prices

FEED = YahooFeed(symbol="SPY")
STUB = StubFeed()
DAYS = pd.bdate_range("2024-01-01", "2024-01-31")
DOWN = "SPY: yfinance SPY: the vendor is down"


def bars(start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> pd.DataFrame:
    close = pd.Series(range(100, 100 + len(DAYS)), index=DAYS, dtype=float).loc[start:end]
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume", "adj_close"), close))


class Vendor:
    """A fetch that notes what it was asked for, and can be switched off."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.is_down = False

    def __call__(self, feed: YahooFeed, name: str, request: Request) -> pd.DataFrame:
        self.asked.append(request)
        if self.is_down:
            raise NetworkError(DOWN)
        return bars(request.start, request.end)


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    vendor = Vendor()
    monkeypatch.setattr(YahooFeed, "fetch", lambda *given: vendor(*given))
    return vendor


def test_a_vendor_that_is_down_is_replaced_by_its_last_answer_and_a_finding(vendor: Vendor) -> None:
    fresh = FEED.prices("SPY", Request())
    vendor.is_down = True
    cached = FEED.prices("SPY", Request())
    pd.testing.assert_frame_equal(cached.frame, fresh.frame, check_freq=False)
    assert cached.sha256 == fresh.sha256
    (finding,) = cached.findings
    assert (finding.kind, finding.severity) == ("cached", "warning")
    assert finding.message.endswith("its last bar 2024-01-31: the vendor is down")
    assert "0 days ago" in finding.message


def test_offline_never_asks_the_vendor(vendor: Vendor) -> None:
    with pytest.raises(
        NetworkError, match="SPY: yfinance SPY: offline and nothing cached; run once with a network"
    ):
        FEED.prices("SPY", Request(offline=True))
    assert vendor.asked == []
    FEED.prices("SPY", Request())
    assert [f.kind for f in FEED.prices("SPY", Request(offline=True)).findings] == ["cached"]
    assert len(vendor.asked) == 1


def test_a_vendor_that_is_down_with_nothing_cached_is_an_error(vendor: Vendor) -> None:
    vendor.is_down = True
    with pytest.raises(NetworkError, match=DOWN):
        FEED.prices("SPY", Request())


def test_the_cache_does_not_pretend_to_hold_what_was_never_asked_for(vendor: Vendor) -> None:
    FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-15")))
    later = FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-20"), offline=True))
    assert len(later.frame) > 0
    with pytest.raises(NetworkError, match="holds it only from 2024-01-15 on"):
        FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-02"), offline=True))


def test_a_refresh_of_a_shorter_window_never_loses_history(vendor: Vendor) -> None:
    FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-02")))
    FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-20"), end=pd.Timestamp("2024-01-25")))
    assert vendor.asked[-1].start == pd.Timestamp("2024-01-02")
    assert vendor.asked[-1].end is None
    kept = FEED.prices("SPY", Request(start=pd.Timestamp("2024-01-02"), offline=True))
    assert kept.frame.index[-1] == DAYS[-1]


def test_raw_and_adjusted_prices_share_one_cache_entry(vendor: Vendor, empty_cache: Path) -> None:
    FEED.prices("SPY", Request())
    YahooFeed(symbol="SPY", price="raw").prices("SPY", Request(offline=True))
    YahooFeed(symbol="^SPY").prices("SPY", Request())
    assert len(list((empty_cache / "series").glob("*.parquet"))) == 2


def test_only_what_is_new_and_an_overlap_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = prices(300)
    monkeypatch.setattr(StubFeed, "asked", [])
    monkeypatch.setattr(StubFeed, "history", bars.iloc[:290])
    STUB.prices("X", Request(start=bars.index[0]))
    monkeypatch.setattr(StubFeed, "history", bars)
    frame = STUB.prices("X", Request(start=bars.index[0])).frame
    assert [request.start for request in StubFeed.asked] == [bars.index[0], bars.index[260]]
    assert frame["close"].tolist() == bars["close"].tolist()


def test_the_overlap_is_at_least_ten_days(monkeypatch: pytest.MonkeyPatch) -> None:
    index = pd.date_range("2024-01-01", periods=2000, freq="h")
    bars = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume"), 1.0), index=index)
    monkeypatch.setattr(StubFeed, "asked", [])
    monkeypatch.setattr(StubFeed, "history", bars)
    STUB.prices("X", Request())
    STUB.prices("X", Request())
    assert StubFeed.asked[-1].start == (index[-1] - pd.Timedelta(days=10)).normalize()


def test_a_vendor_that_delivers_more_than_was_asked_for_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bars = prices(300)
    answers = iter([bars.iloc[:250], bars])
    monkeypatch.setattr(StubFeed, "fetch", lambda feed, name, request: next(answers))
    STUB.prices("X", Request(start=bars.index[0]))
    history = STUB.prices("X", Request(start=bars.index[0]))
    assert history.findings == ()
    assert len(history.frame) == 300


def test_an_earlier_start_asks_for_everything_and_keeps_what_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bars = prices(300)
    monkeypatch.setattr(StubFeed, "asked", [])
    monkeypatch.setattr(StubFeed, "history", bars)
    STUB.prices("X", Request(start=bars.index[100]))
    frame = STUB.prices("X", Request(start=bars.index[20])).frame
    assert StubFeed.asked[-1].start == bars.index[20]
    assert frame.index[0] == bars.index[20]


def test_dividends_are_delivered_with_raw_prices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StubFeed, "history", paid(prices(50), "2023-02-01", 1.5))
    raw = StubFeed(price="raw").prices("X", Request())
    assert raw.frame["dividends"].sum() == raw.frame["dividends"]["2023-02-01"] == 1.5
    assert list(STUB.prices("X", Request()).frame) == ["open", "high", "low", "close", "volume"]


def damaged(path: Path, how: str) -> None:
    """Damage a file of the cache in one of the ways a disk or a person can."""
    content = bytearray(path.read_bytes())
    if how == "a figure altered":
        table = pq.read_table(path)
        column = table.column("close").to_pylist()
        changed = table.set_column(
            table.column_names.index("close"), "close", [[column[0] + 1e-6, *column[1:]]]
        )
        pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
        return
    path.write_bytes({"empty": b"", "no parquet": b"no parquet", "cut short": bytes(content[:-200])}[how])


@pytest.mark.parametrize("how", ["empty", "no parquet", "cut short", "a figure altered"])
def test_an_unreadable_entry_is_moved_aside_told_and_fetched_again(
    vendor: Vendor, empty_cache: Path, how: str
) -> None:
    FEED.prices("SPY", Request())
    path = cache.entry_path(FEED.cache_key)
    damaged(path, how)
    with pytest.raises(cache.UnreadableError):
        cache.kept(FEED.cache_key)
    history = FEED.prices("SPY", Request())
    assert vendor.asked[-1].start is None
    (finding,) = history.findings
    assert (finding.kind, finding.severity) == ("unreadable", "warning")
    (aside,) = (empty_cache / "series" / "unreadable").iterdir()
    assert str(aside) in finding.message
    entry = cache.kept(FEED.cache_key)
    assert entry is not None
    assert len(entry.frame) == len(DAYS)


def test_an_unreadable_entry_is_not_used_offline_either(vendor: Vendor) -> None:
    FEED.prices("SPY", Request())
    damaged(cache.entry_path(FEED.cache_key), "cut short")
    with pytest.raises(NetworkError, match=r"offline and nothing cached.*cannot be read.*moved to"):
        FEED.prices("SPY", Request(offline=True))
    assert len(vendor.asked) == 1


def test_another_series_file_under_this_name_is_not_used(vendor: Vendor) -> None:
    FEED.prices("SPY", Request())
    cache.entry_path(FEED.cache_key).replace(cache.entry_path(YahooFeed(symbol="QQQ").cache_key))
    with pytest.raises(cache.UnreadableError, match="does not hold what it says"):
        cache.kept(YahooFeed(symbol="QQQ").cache_key)


def test_blanks_and_signed_zeros_come_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = prices(40)
    bars.loc["2023-01-10", "volume"] = -np.float64(np.nan)
    bars.loc["2023-01-11", "dividends"] = -0.0
    monkeypatch.setattr(StubFeed, "history", bars)
    fresh = STUB.prices("X", Request())
    assert STUB.prices("X", Request(offline=True)).sha256 == fresh.sha256


def test_what_a_dead_process_left_half_written_is_removed(vendor: Vendor) -> None:
    path = cache.entry_path(FEED.cache_key)
    path.parent.mkdir(parents=True)
    mine, others = path.with_name(f".{path.name}.x1.part"), path.with_name(".another-012345.parquet.x1.part")
    mine.write_bytes(b"half")
    others.write_bytes(b"half")
    FEED.prices("SPY", Request())
    assert not mine.exists()
    assert others.exists()


def test_a_write_that_fails_leaves_the_old_entry_and_no_scratch_file(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    FEED.prices("SPY", Request(end=pd.Timestamp("2024-01-25")))
    before = cache.entry_path(FEED.cache_key).read_bytes()
    monkeypatch.setattr(files.os, "fsync", full)
    history = FEED.prices("SPY", Request())
    assert len(history.frame) == len(DAYS)
    assert [(f.kind, f.severity) for f in history.findings] == [("not_cached", "info")]
    assert "No space left" in history.findings[0].message
    assert cache.entry_path(FEED.cache_key).read_bytes() == before
    assert list(cache.series_folder().glob(".*.part")) == []


def test_a_read_only_folder_is_read_and_a_finding_says_that_nothing_was_kept(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*given: object, **named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    FEED.prices("SPY", Request(end=pd.Timestamp("2024-01-25")))
    monkeypatch.setattr(Path, "open", refused)
    assert len(FEED.prices("SPY", Request(end=pd.Timestamp("2024-01-25"), offline=True)).frame) == 19
    history = FEED.prices("SPY", Request())
    assert len(history.frame) == len(DAYS)
    assert len(vendor.asked) == 2
    (finding,) = history.findings
    assert (finding.kind, finding.severity) == ("not_cached", "info")
    assert "Read-only file system" in finding.message
    assert "set RAISECASH_CACHE_DIR" in finding.message


def test_a_folder_that_cannot_be_made_is_named(vendor: Vendor, empty_cache: Path) -> None:
    empty_cache.write_text("a file where the folder should be")
    history = FEED.prices("SPY", Request())
    assert len(history.frame) == len(DAYS)
    assert "cannot be written" in history.findings[0].message


def test_a_series_the_vendor_no_longer_has_is_served_from_the_cache_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(StubFeed, "history", prices(60))
    STUB.prices("X", Request())
    monkeypatch.setattr(StubFeed, "error", DataError("X: stub X: no such symbol, may be delisted"))
    history = STUB.prices("X", Request())
    assert len(history.frame) == 60
    assert [finding.kind for finding in history.findings] == ["cached"]
    assert "may be delisted" in history.findings[0].message
