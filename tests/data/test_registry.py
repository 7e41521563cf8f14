"""A table in a config becomes a feed, or a message that names file, key, rule, value and way out."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from data_feeds.files import CsvFeed
from raisecash.data import registry
from raisecash.data.feed import Feed
from raisecash.data.registry import feed_kinds, parse_feed
from raisecash.errors import ConfigError

WHERE = "configs/x.toml: [market.assets] BTC"


def parse(table: Any) -> Feed:
    return parse_feed(table, where=WHERE, base_dir=Path("base"))


def test_every_feed_of_the_folder_is_found_by_itself() -> None:
    assert {"ccxt", "csv", "parquet", "sample", "yfinance"} <= set(feed_kinds())


@pytest.mark.parametrize("kind", sorted(feed_kinds()))
def test_every_feed_keeps_the_common_contract(kind: str) -> None:
    feed = feed_kinds()[kind]
    assert feed.kind == kind
    assert feed.__doc__
    assert {"missing", "lag", "unit"} <= set(feed.model_fields)
    assert all(field.description for field in feed.model_fields.values())
    with pytest.raises(ConfigError, match=f"no key 'lagg' for feed '{kind}'; did you mean 'lag'"):
        parse({"feed": kind, "lagg": 1})


def test_a_relative_path_starts_at_the_config_and_an_absolute_one_does_not() -> None:
    absolute = Path("/data/spy.csv").absolute()
    assert parse({"feed": "csv", "path": "spy.csv"}) == CsvFeed(path=Path("base/spy.csv"))
    assert parse({"feed": "csv", "path": str(absolute)}) == CsvFeed(path=absolute)


def test_feeds_are_equal_by_value_and_frozen() -> None:
    feed = parse({"feed": "yfinance", "symbol": "SPY"})
    assert feed == parse({"feed": "yfinance", "symbol": "SPY", "price": "adjusted"})
    with pytest.raises(ValueError, match="frozen"):
        feed.lag = 3  # type: ignore[misc]


BAD: list[tuple[Any, str]] = [
    ("btc.csv", 'must be a table such as { feed = "csv", path = "btc.csv" }, got \'btc.csv\''),
    ({"path": "x.csv"}, "no key 'feed'; it must be one of cboe, ccxt, csv"),
    ({"feed": "yfinanc", "symbol": "SPY"}, "no feed 'yfinanc'; did you mean 'yfinance'?"),
    ({"feed": 3}, "no feed 3"),
    ({"feed": "csv"}, "feed 'csv' needs the key 'path'"),
    ({"feed": "csv", "pth": "x.csv"}, "no key 'pth' for feed 'csv'; did you mean 'path'?"),
    ({"feed": "csv", "path": 3}, "path must be a path, got 3"),
    (
        {"feed": "csv", "path": "x", "missing": "skip"},
        "missing must be 'error', 'carry' or 'drop', got 'skip'",
    ),
    ({"feed": "csv", "path": "x", "lag": -1}, "lag must be greater than or equal to 0, got -1"),
    ({"feed": "csv", "path": "x", "lag": True}, "lag must be a whole number, got true"),
    ({"feed": "csv", "path": "x", "lag": "1"}, "lag must be a whole number, got '1'"),
    ({"feed": "csv", "path": "x", "unit": "bp"}, "unit must be 'percent' or 'fraction', got 'bp'"),
    ({"feed": "csv", "path": "x", "price": "split"}, "price must be 'adjusted' or 'raw', got 'split'"),
    ({"feed": "csv", "path": "x", "cross_check": {}}, "cross_check: no key 'feed'"),
    (
        {"feed": "csv", "path": "x", "cross_check": {"feed": "csv", "pth": "y"}},
        "cross_check: no key 'pth' for feed 'csv'; did you mean 'path'?",
    ),
    (
        {
            "feed": "csv",
            "path": "x",
            "cross_check": {"feed": "csv", "path": "y", "cross_check": {"feed": "csv", "path": "z"}},
        },
        "cross_check must name a feed without a cross_check of its own",
    ),
    ({"feed": "csv", "path": "x", "calendar": "XNYSE"}, 'calendar must be "24/7" or an exchange'),
    ({"feed": "sample", "series": "GOLD"}, "series must be 'BTC' or 'SP500', got 'GOLD'"),
    ({"feed": "yfinance", "symbol": ""}, "symbol must"),
]


@pytest.mark.parametrize(("table", "said"), BAD)
def test_what_is_wrong_is_said_with_key_rule_and_value(table: Any, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(table)
    assert str(caught.value).startswith(WHERE)
    assert said in str(caught.value)


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"feed": "csv", "lag": -1, "missing": "no"})
    assert len(str(caught.value).splitlines()) == 3


THEIRS = """
from raisecash.data.feed import Feed

class TheirFeed(Feed):
    kind = "theirs"
    symbol: str = "X"

    def prices(self, name, request):
        raise NotImplementedError

    signal = prices
"""


def test_an_installed_package_offers_feeds_through_the_entry_point_group(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "their_feeds.py").write_text(THEIRS)
    (tmp_path / "their_broken_feeds.py").write_text("no_such_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    entries = tuple(
        EntryPoint(name=name, value=value, group=registry.ENTRY_POINTS)
        for name, value in (("theirs", "their_feeds:TheirFeed"), ("broken", "their_broken_feeds:Broken"))
    )
    monkeypatch.setattr(registry, "_entries", lambda path: entries)
    assert type(parse({"feed": "theirs", "symbol": "Y"})).__name__ == "TheirFeed"
    assert {"theirs", "csv"} <= set(feed_kinds())
    with pytest.raises(
        ConfigError, match=r"their_broken_feeds.*NameError.*\(their_broken_feeds.py, line 1\)"
    ):
        parse({"feed": "broken"})
    with pytest.raises(ConfigError, match="no feed 'thers'; did you mean 'theirs'"):
        parse({"feed": "thers"})
