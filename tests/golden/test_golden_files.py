"""What a golden test says when a run is not the stored one."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support import golden
from tests.support.golden import Golden, difference, orders_of, read

STORED = """\
# Fills of made in configs/up.toml: shares, a sale below zero.
time,asset,shares
2024-01-02,BTC,+1.23457
2024-01-02,SPY,+10
2024-01-03,BTC,-0.000123457
2024-01-04,BTC,+5
2024-01-05 12:00:00,BTC,+6
"""


def test_a_run_that_only_rounding_tells_apart_is_the_same():
    """Half a unit of the sixth figure is what writing took: 1.234565 and 1.234575 were both written as 1.23457."""
    stored = read(STORED)
    for shares, said in ((1.234565, 0), (1.234575, 0), (1.23458, 1), (-1.23457, 1)):
        got = {**stored, ("2024-01-02", "BTC"): shares}
        assert difference("made", stored, got).count("  + ") == said, shares
    small = {**stored, ("2024-01-03", "BTC"): -0.0001234580}
    assert difference("made", stored, small).count("  + ") == 1


def test_a_moved_a_missing_and_a_new_fill_are_shown_among_their_neighbours():
    got = read(STORED)
    got[("2024-01-02", "SPY")] = 11.0
    got[("2024-01-06", "SPY")] = -11.0
    del got[("2024-01-03", "BTC")]
    assert difference("made", read(STORED), got).splitlines() == [
        "made: 3 of 5 fills differ, the first of them on 2024-01-02",
        "    2024-01-02,BTC,+1.23457",
        "  - 2024-01-02,SPY,+10",
        "  + 2024-01-02,SPY,+11",
        "  - 2024-01-03,BTC,-0.000123457",
        "    2024-01-04,BTC,+5",
        "    2024-01-05 12:00:00,BTC,+6",
        "  + 2024-01-06,SPY,-11",
    ]


def test_of_many_differing_fills_the_first_six_are_shown():
    """A hundred days; all from the third on are doubled, so two equal ones stand before the first of them."""
    days = [str(day.date()) for day in pd.date_range("2024-01-01", periods=100)]
    stored = {(day, "BTC"): 1.0 for day in days}
    got = {(day, "BTC"): 1.0 if number < 2 else 2.0 for number, day in enumerate(days)}
    lines = difference("made", stored, got).splitlines()
    assert lines[0] == "made: 98 of 100 fills differ, the first of them on 2024-01-03"
    assert [line for line in lines if line.startswith("  + ")] == [
        f"  + 2024-01-{day:02},BTC,+2" for day in range(3, 9)
    ]
    assert lines[1:3] == ["    2024-01-01,BTC,+1", "    2024-01-02,BTC,+1"]
    assert lines[-1] == "    ..."


def test_a_rewritten_run_is_the_stored_one_and_another_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "FOLDER", tmp_path / "tests" / "golden")
    times = [pd.Timestamp("2024-01-03"), pd.Timestamp("2024-01-02 10:00")]
    fills = pd.DataFrame({"time": times, "asset": "BTC", "shares": [-1.5, 1.5]})
    Golden(rewrite=True).check_fills("made", "up", {"one": fills, "two": fills})
    Golden(rewrite=False).check_fills("made", "up", {"one": fills, "two": fills})
    text = (tmp_path / "tests" / "golden" / "made" / "up" / "one.csv").read_text()
    assert text.splitlines()[2:] == [
        "time,asset,shares",
        "2024-01-02T10:00:00,BTC,+1.5",
        "2024-01-03,BTC,-1.5",
    ]
    assert read(text) == orders_of(fills)
    with pytest.raises(pytest.fail.Exception) as caught:
        Golden(rewrite=False).check_fills("made", "up", {"one": fills[:1], "three": fills})
    said = str(caught.value)
    assert "one: 1 of 2 fills differ" in said
    assert "two: has a file, and is not in the config" in said
    assert "three: has no file; it filled 2 orders" in said
    assert "--rewrite-golden" in said


def test_a_metric_that_moved_or_went_is_named_and_a_new_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "FOLDER", tmp_path / "tests" / "golden")

    def summary(**metrics):
        results = [{"name": "one", "metrics": metrics}]
        return {"bars": 3, "first_bar": "2024-01-01", "last_bar": "2024-01-03", "results": results}

    Golden(rewrite=True).check_metrics("made", "up", summary(cagr=0.1, beta=None, longest=3))
    check = Golden(rewrite=False).check_metrics
    check("made", "up", summary(cagr=0.1 + 1e-12, beta=None, longest=3, brand_new=1.0))
    for moved in ({"cagr": 0.1001}, {"beta": 0.5}, {"longest": 4}):
        with pytest.raises(pytest.fail.Exception, match=f"results.one.{next(iter(moved))}: expected"):
            check("made", "up", summary(**{"cagr": 0.1, "beta": None, "longest": 3, **moved}))
    with pytest.raises(pytest.fail.Exception, match=r"results.one.longest: missing"):
        check("made", "up", summary(cagr=0.1, beta=None))
