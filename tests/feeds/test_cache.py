"""What a vendor answered once is there when it cannot be asked, and never half of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data_feeds import cache, live
from data_feeds.errors import DataError, NetworkError
from data_feeds.feed import Request
from data_feeds.yahoo import YahooFeed

FEED = YahooFeed(symbol="SPY")
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
    assert DOWN in finding.message
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


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1 cut"])
def test_an_unreadable_entry_counts_as_none(vendor: Vendor, empty_cache: Path, content: bytes) -> None:
    FEED.prices("SPY", Request())
    (path,) = (empty_cache / "series").glob("*.parquet")
    path.write_bytes(content)
    assert cache.load(FEED.cache_key) is None
    FEED.prices("SPY", Request())
    assert cache.load(FEED.cache_key) is not None
    assert list((empty_cache / "series").glob("*.part")) == []


def test_a_cache_that_cannot_be_written_is_a_finding_and_not_a_failure(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: object, entry: object) -> None:
        raise DataError("cache /nowhere: cannot be written (read-only)")

    monkeypatch.setattr(live.cache, "store", refuse)
    history = FEED.prices("SPY", Request())
    assert len(history.frame) == len(DAYS)
    assert [(f.kind, f.severity) for f in history.findings] == [("not_cached", "info")]


def test_a_folder_that_cannot_be_made_is_named(empty_cache: Path) -> None:
    empty_cache.write_text("a file where the folder should be")
    entry = cache.Entry(frame=bars(), start=None, end=None, fetched=pd.Timestamp("2024-02-01"))
    with pytest.raises(DataError, match=r"cannot be written .* set RAISECASH_CACHE_DIR"):
        cache.store({"feed": "x"}, entry)
