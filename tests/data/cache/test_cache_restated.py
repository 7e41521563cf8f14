"""A vendor that changes old figures: told, both versions kept, and never decided behind a run's back."""

from __future__ import annotations

import pandas as pd
import pytest

from raisecash.data.cache import store as cache
from raisecash.data.cache.entry import CacheEntry
from raisecash.data.history import Finding, History
from raisecash.data.request import Request
from raisecash.errors import DataError
from tests.support.vendors.cache_stub import StubFeed, halved, paid, prices

FEED = StubFeed()
BARS = prices(300)
DAY = BARS.index[280]  # inside the overlap of an entry of 290 bars
OLD_DAY = BARS.index[100]  # far before it
DATE, OLD_DATE = str(DAY.date()), str(OLD_DAY.date())


@pytest.fixture
def vendor_has(monkeypatch: pytest.MonkeyPatch):
    """Set what the vendor delivers from now on."""
    monkeypatch.setattr(StubFeed, "asked", [])

    def deliver(bars: pd.DataFrame) -> None:
        monkeypatch.setattr(StubFeed, "history", bars)

    deliver(BARS.iloc[:290])
    return deliver


def fetched(**asked) -> History:
    return StubFeed(price="raw").prices("X", Request(**asked))


def changed(bars: pd.DataFrame, day: pd.Timestamp, **columns: float) -> pd.DataFrame:
    """Return the bars with some figures of one day multiplied."""
    after = bars.copy()
    for column, factor in columns.items():
        after.loc[day, column] *= factor
    return after


def entry() -> CacheEntry:
    found = cache.kept(FEED.cache_key)
    assert found is not None
    return found


def versions() -> list[str]:
    folder = cache.versions_folder(cache.entry_path(FEED.cache_key))
    return sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []


def version(name: str) -> pd.DataFrame:
    return cache.read_entry(cache.versions_folder(cache.entry_path(FEED.cache_key)) / name).frame


def the_finding(history: History, kind: str = "restated") -> Finding:
    (finding,) = history.findings
    assert finding.kind == kind
    return finding


def test_a_restated_close_is_told_and_the_old_one_stays_until_a_refresh(vendor_has) -> None:
    fetched()
    new = changed(BARS, DAY, close=1.01, adj_close=1.01)
    vendor_has(new)
    history = fetched()
    finding = the_finding(history)
    assert (finding.severity, finding.first, finding.last, finding.count) == (
        "warning",
        DATE,
        str(BARS.index[281].date()),  # the adjusted close grows differently on the day and from it
        2,
    )
    for words in ("Stub X re-stated 2 bars", "in close, adj_close", "by up to 0.01", "until --refresh"):
        assert words in finding.message
    assert history.frame["close"].tolist() == BARS["close"].tolist(), "old figures, new bars added"
    (name,) = versions()
    assert name.startswith("0001-")
    assert name.endswith("-vendor.parquet")
    assert name in finding.message
    assert version(name).loc[DAY, "close"] == new.loc[DAY, "close"]


def test_a_refresh_takes_the_vendors_figures_and_keeps_the_old_ones(vendor_has) -> None:
    fetched()
    new = changed(BARS, DAY, close=1.01)
    vendor_has(new)
    fetched()
    refreshed = fetched(refresh=True)
    finding = the_finding(refreshed)
    assert finding.severity == "info"
    assert "--refresh took the vendor's figures" in finding.message
    assert refreshed.frame["close"].tolist() == new["close"].tolist()
    vendors, replaced = versions()
    assert vendors.endswith("-vendor.parquet")
    assert replaced.startswith("0002-")
    assert replaced.endswith("-replaced.parquet")
    assert version(replaced)["close"].tolist() == BARS["close"].tolist()
    assert entry().restated is None
    assert fetched().findings == ()


def test_a_waiting_restatement_is_told_by_every_run_long_after_the_overlap_has_moved_on(vendor_has) -> None:
    fetched()
    longer = prices(400)
    new = changed(longer, DAY, close=1.01)
    for rows in (300, 340, 400):
        vendor_has(new.iloc[:rows])
        history = fetched()
        assert the_finding(history).first == DATE
        assert history.frame["close"].tolist() == longer["close"].tolist()[:rows]
    kinds = [finding.kind for finding in fetched(offline=True).findings]
    assert kinds == ["cached", "restated"]
    assert len(versions()) == 1


def test_what_the_vendor_said_first_and_later_is_kept_when_it_changes_its_mind(vendor_has) -> None:
    fetched()
    once, twice = (changed(BARS, DAY, high=1 + by) for by in (0.01, 0.02))
    for answer in (once, twice):
        vendor_has(answer)
        fetched()
    assert [version(name).loc[DAY, "high"] for name in versions()] == [once.high[DAY], twice.high[DAY]]
    assert entry().frame.loc[DAY, "high"] == BARS.loc[DAY, "high"]


def test_more_restated_bars_join_those_already_known(vendor_has) -> None:
    fetched()
    vendor_has(changed(BARS, DAY, low=0.99))
    fetched()
    vendor_has(changed(changed(BARS, DAY, low=0.99), BARS.index[285], low=0.98))
    finding = the_finding(fetched())
    assert (finding.first, finding.last, finding.count) == (DATE, str(BARS.index[285].date()), 2)
    assert "by up to 0.02 " in finding.message
    assert len(versions()) == 1, "the later version holds all of the earlier one"


def test_volume_alone_is_worth_an_information(vendor_has) -> None:
    fetched()
    vendor_has(changed(BARS, DAY, volume=1.1))
    assert the_finding(fetched()).severity == "info"


def test_the_last_digit_is_no_restatement(vendor_has) -> None:
    fetched()
    vendor_has(changed(BARS, DAY, close=1 + 1e-12, adj_close=1 + 4e-7))
    assert fetched().findings == ()


@pytest.mark.parametrize("by", [1e-8, -1e-8])
def test_a_change_of_a_hundred_millionth_is_one(vendor_has, by: float) -> None:
    fetched()
    vendor_has(changed(BARS, DAY, open=1 + by))
    assert "in open" in the_finding(fetched()).message


def test_a_price_filled_in_later_is_a_restatement(vendor_has) -> None:
    holed = BARS.iloc[:290].copy()
    holed.loc[DAY, "close"] = float("nan")
    vendor_has(holed)
    FEED.signal("X", Request())
    vendor_has(BARS)
    finding = the_finding(StubFeed(price="raw").signal("X", Request()))  # type: ignore[arg-type]
    assert (finding.first, finding.count) == (DATE, 1)
    assert "by up to" not in finding.message


def test_a_bar_that_appears_between_old_ones_and_one_that_goes_are_told(vendor_has) -> None:
    vendor_has(BARS.iloc[:290].drop(DAY))
    fetched()
    vendor_has(BARS.drop(BARS.index[283]))
    finding = the_finding(fetched())
    assert "1 of them new" in finding.message
    assert "1 of them gone" in finding.message
    frame = entry().frame
    assert DAY not in frame.index
    assert BARS.index[283] in frame.index


def test_history_before_the_overlap_is_compared_by_a_refresh(vendor_has) -> None:
    fetched()
    new = changed(BARS, OLD_DAY, close=1.05)
    vendor_has(new)
    assert fetched().findings == ()
    finding = the_finding(fetched(refresh=True))
    assert (finding.first, finding.count) == (OLD_DATE, 1)
    assert entry().frame["close"].tolist() == new["close"].tolist()


def test_a_dividend_rescales_adjusted_closes_and_is_no_restatement(vendor_has) -> None:
    first = StubFeed().prices("X", Request())
    new = paid(BARS, str(BARS.index[295].date()), 2.0)
    vendor_has(new)
    history = StubFeed().prices("X", Request())
    assert history.findings == ()
    assert StubFeed.asked[-1].start is None, "the whole series is asked for, so that it is in one scale"
    assert history.frame["close"].tolist() == new["adj_close"].tolist()
    growth = history.frame["close"].pct_change().iloc[1:290]
    pd.testing.assert_series_equal(
        growth, first.frame["close"].pct_change().iloc[1:], rtol=1e-9, check_freq=False
    )
    assert versions() == []


def test_a_restated_dividend_shows_in_the_growth_of_adjusted_closes(vendor_has) -> None:
    vendor_has(paid(BARS.iloc[:290], DATE, 1.0))
    fetched()
    vendor_has(paid(BARS, DATE, 1.1))
    finding = the_finding(fetched())
    assert (finding.first, finding.last, finding.count) == (DATE, DATE, 1)
    assert "in adj_close, dividends" in finding.message


def test_after_a_dividend_a_waiting_restatement_still_keeps_the_old_growth(vendor_has) -> None:
    """Old adjusted closes are multiplied as a whole, so every old return stays and the new one is the vendor's."""
    fetched()
    vendor_has(changed(BARS.iloc[:292], DAY, volume=1.1))
    fetched()
    new = changed(paid(BARS, str(BARS.index[295].date()), 2.0), DAY, volume=1.1)
    vendor_has(new)
    history = StubFeed().prices("X", Request())
    assert the_finding(history).severity == "info"
    growth = history.frame["close"].pct_change().iloc[1:]
    pd.testing.assert_series_equal(
        growth, new["adj_close"].pct_change().iloc[1:], check_names=False, check_freq=False
    )
    assert history.frame.loc[DAY, "volume"] == BARS.loc[DAY, "volume"]


def test_a_split_the_vendor_lists_rescales_every_price(vendor_has) -> None:
    fetched()
    new = halved(BARS, str(BARS.index[295].date()))
    vendor_has(new)
    history = fetched()
    finding = the_finding(history, "rescaled")
    assert finding.severity == "info"
    assert "multiplied by 0.5" in finding.message
    assert history.frame["close"].tolist() == new["close"].tolist()
    (name,) = versions()
    assert name.endswith("-replaced.parquet")
    assert fetched().findings == ()


def test_prices_in_other_units_without_a_split_are_never_joined_to_the_old_ones(vendor_has) -> None:
    fetched()
    new = BARS.copy()
    new[["open", "high", "low", "close", "adj_close"]] /= 2
    vendor_has(new)
    for _ in range(2):
        history = fetched()
        finding = the_finding(history)
        assert f"bars after {BARS.index[289].date()} are left out" in finding.message
        assert history.frame["close"].tolist() == BARS["close"].tolist()[:290]
    assert len(versions()) == 1
    vendor_has(new)
    assert fetched(refresh=True).frame["close"].tolist() == new["close"].tolist()


def test_an_earlier_start_in_other_units_is_an_error_with_the_ways_out(vendor_has) -> None:
    longer = pd.concat([prices(20, start="2022-11-01"), BARS])
    fetched(start=BARS.index[0])
    vendor_has(longer.assign(close=longer["close"] / 2, low=1.0))
    with pytest.raises(DataError, match=r"only from 2023-01-02 on.*start later.*--refresh.*data clear"):
        fetched(start=longer.index[0])
    assert fetched(start=longer.index[0], refresh=True).frame.index[0] == longer.index[0]


def test_a_restated_series_can_be_asked_for_from_earlier_on(vendor_has) -> None:
    longer = pd.concat([prices(20, start="2022-11-01"), BARS])
    vendor_has(longer.iloc[:310])
    fetched(start=BARS.index[0])
    vendor_has(changed(longer, OLD_DAY, close=1.05))
    history = fetched(start=pd.Timestamp("2022-11-01"))
    assert the_finding(history).first == OLD_DATE
    assert history.frame["close"].tolist() == longer["close"].tolist()


@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (BARS.iloc[:285], f"it ends {BARS.index[284].date()}"),
        (BARS.drop(BARS.index[270:280]), "bars from .* on are not in it"),
        (BARS.drop(columns="adj_close"), "it has no adj_close any more"),
    ],
)
def test_an_answer_that_would_lose_rows_is_refused(vendor_has, answer, reason: str, refresh: bool) -> None:
    fetched()
    before = cache.entry_path(FEED.cache_key).read_bytes()
    if refresh and len(answer) == 290:
        answer = BARS.drop(BARS.index[100:130])
    vendor_has(answer)
    history = fetched(refresh=refresh)
    finding = the_finding(history, "lost_rows")
    assert finding.severity == "warning"
    pd.testing.assert_series_equal(history.frame["close"], BARS["close"].iloc[:290], check_freq=False)
    assert pd.Series([finding.message]).str.contains(reason).all()
    assert cache.entry_path(FEED.cache_key).read_bytes() == before


def test_a_refresh_that_starts_later_is_refused(vendor_has) -> None:
    fetched()
    vendor_has(BARS.iloc[50:])
    assert "it starts" in the_finding(fetched(refresh=True), "lost_rows").message
    assert len(entry().frame) == 290


def test_a_new_column_is_fetched_for_the_whole_series(vendor_has) -> None:
    vendor_has(BARS.iloc[:290].drop(columns=["dividends", "splits"]))
    fetched()
    vendor_has(BARS)
    history = fetched()
    assert history.findings == ()
    assert StubFeed.asked[-1].start is None
    assert entry().frame["dividends"].notna().all()


def test_both_versions_agree_again_and_nothing_waits_any_more(vendor_has) -> None:
    fetched()
    vendor_has(changed(BARS, DAY, close=1.01))
    fetched()
    vendor_has(BARS)
    assert fetched(refresh=True).findings == ()
    assert entry().restated is None
