"""What an author got wrong is said in the author's terms, by every command alike."""

from __future__ import annotations

import sys

import pytest

from raisecash.cli import main

RETURNS_FIVE = '''"""A strategy that forgot its table."""

from raisecash import Market, Strategy


class Five(Strategy):
    """Return a number.

    Source: a slip.
    """

    def target_weights(self, market: Market):
        return 5
'''

FEED = '''"""A feed that is not finished."""

from typing import ClassVar

from raisecash.data.feed import Feed


class Mine(Feed):
    """Half a feed."""

    kind: ClassVar[str] = "mine"

    def prices(self, name, request):
        return 5
'''


def in_project(folder, monkeypatch, *, feed: str) -> None:
    """Give the small study a feed of its own, which one of its assets comes from; the path is put back afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    sys.modules.pop("data_feeds.half_a_feed", None)  # another test's
    (folder / "data_feeds").mkdir()
    (folder / "data_feeds" / "half_a_feed.py").write_text(feed, encoding="utf-8")
    study = folder / "study.toml"
    text = study.read_text(encoding="utf-8")
    study.write_text(
        text.replace('BTC = { feed = "csv", path = "btc.csv" }', 'BTC = { feed = "mine" }'), encoding="utf-8"
    )


@pytest.mark.parametrize("command", ["run", "check"])
def test_weights_that_are_no_table_are_told_what_they_must_be(command, folder, raisecash, tmp_path):
    (folder / "five.py").write_text(RETURNS_FIVE, encoding="utf-8")
    if command == "run":
        text = (folder / "study.toml").read_text(encoding="utf-8")
        text = text.replace('use = "RallyThenRaiseCash"\nparams = { reserve = 0.8 }', 'use = "five.py:Five"')
        (folder / "study.toml").write_text(text, encoding="utf-8")
        said = raisecash("run", folder / "study.toml", "--out", tmp_path / "out")
        assert said.code == 2
    else:
        said = raisecash("check", f"{folder / 'five.py'}:Five")
        assert said.code == 1
    assert "target_weights must return a DataFrame (bars x assets), got int" in said.err + said.out


def test_a_feed_that_lacks_a_method_is_told_which(folder, raisecash, tmp_path, monkeypatch):
    in_project(folder, monkeypatch, feed=FEED)
    said = raisecash("run", folder / "study.toml", "--out", tmp_path / "out")
    assert said.code == 2
    assert "feed 'mine' (data_feeds.half_a_feed) does not define signal" in said.err


def test_a_feed_that_returns_no_history_is_told_so(folder, raisecash, tmp_path, monkeypatch):
    in_project(folder, monkeypatch, feed=FEED + "\n    def signal(self, name, request):\n        return 5\n")
    said = raisecash("run", folder / "study.toml", "--out", tmp_path / "out")
    assert said.code == 2
    assert "BTC: feed 'mine' must return a History, got int" in said.err


def test_a_command_typed_alone_runs_when_it_needs_nothing_and_shows_its_help_when_it_does(raisecash):
    assert "K3View" in raisecash("strategies").out
    assert "Usage: raisecash run" in raisecash("run").out + raisecash("run").err
    needs = {each.__name__: main._needs_an_argument(each) for each in main.COMMANDS}
    assert needs["run"]
    assert not needs["strategies"]
