"""Dated events as they were known on a day, and catalogues that contradict themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from raisecash.data.events import COLUMNS, Chronicle, events_known_on, live_events, load_events
from raisecash.errors import DataError

Write = Callable[[str, str], Path]
SHIPPED = Path(__file__).resolve().parents[2] / "configs" / "events" / "macro.csv"
HEAD = "event_id,category,event_date,announced_on,scheduled,superseded_by,region\n"
V1 = "E-V1,tariff,2025-07-09,2025-04-09,true,E-V2,US\n"
V2 = "E-V2,tariff,2025-08-01,2025-07-07,true,,US\n"


def known_pause_end(events: pd.DataFrame, day: str) -> list[tuple[str, str]]:
    live = live_events(events, pd.Timestamp(day))
    chain = live[live["event_id"].str.startswith("TAR-PAUSE-END-V")]
    return list(zip(chain["event_id"], chain["event_date"].dt.date.astype(str), strict=True))


def test_the_tariff_pause_ended_on_9_july_until_7_july_said_1_august() -> None:
    events = load_events(SHIPPED)
    assert len(events) == 543
    assert known_pause_end(events, "2025-05-28") == [("TAR-PAUSE-END-V1", "2025-07-09")]
    assert known_pause_end(events, "2025-07-06") == [("TAR-PAUSE-END-V1", "2025-07-09")]
    assert known_pause_end(events, "2025-07-07") == [("TAR-PAUSE-END-V2", "2025-08-01")]
    assert known_pause_end(events, "2025-07-31") == [("TAR-PAUSE-END-V3", "2025-08-07")]


def test_shipped_vintages_agree_with_the_catalogues_own_recipe() -> None:
    """The point-in-time rule written with pandas straight from the file, on a day a month."""
    raw = pd.read_csv(SHIPPED, parse_dates=["event_date", "announced_on"])
    end = raw["superseded_by"].map(raw.set_index("event_id")["announced_on"])
    window = pd.to_datetime(raw["note"].str.extract(r"window=.{10}\.\.(.{10})")[0])
    last = window.fillna(raw["event_date"])
    events = load_events(SHIPPED)
    inside = raw.loc[window.notna(), "event_date"] + pd.Timedelta(days=1)
    for day in [*pd.date_range("2014-01-15", "2026-06-15", freq="31D"), *inside]:
        stands = raw["scheduled"] & (raw["announced_on"] <= day) & (end.isna() | (end > day))
        expected = set(raw.loc[stands & (last >= day), "event_id"])
        assert set(live_events(events, day)["event_id"]) == expected


def test_hindsight_does_not_leave_the_file() -> None:
    events = load_events(SHIPPED)
    assert tuple(events.columns) == COLUMNS
    known = events_known_on(events, pd.Timestamp("2025-05-28"))
    assert known["announced_on"].max() <= pd.Timestamp("2025-05-28")
    assert known.loc[known["event_id"] == "TAR-PAUSE-END-V1", "ended_on"].isna().all()


def test_a_vintage_ends_on_the_day_its_successor_is_announced(write: Write) -> None:
    events = load_events(write("e.csv", HEAD + V1 + V2)).set_index("event_id")
    assert events.loc["E-V1", "ended_on"] == pd.Timestamp("2025-07-07")
    assert pd.isna(events.loc["E-V2", "ended_on"])


def test_an_event_announced_as_a_window_is_ahead_until_its_last_day(write: Write) -> None:
    head = "event_id,category,event_date,announced_on,note\n"
    row = "A,debt_ceiling,2018-03-01,2017-12-01,ann=exact; window=2018-03-01..2018-03-31; an estimate\n"
    events = load_events(write("e.csv", head + row))
    assert events["window_end"].tolist() == [pd.Timestamp("2018-03-31")]
    ahead = {day: len(live_events(events, pd.Timestamp(day))) for day in ("2018-03-31", "2018-04-01")}
    assert ahead == {"2018-03-31": 1, "2018-04-01": 0}
    for wrong in ("window=2018-03-01..2018-02-28", "window=2018-03-01..soon"):
        with pytest.raises(DataError, match=r"window= must be first\.\.last, two dates"):
            load_events(write("e.csv", head + f"A,debt_ceiling,2018-03-01,2017-12-01,ann=exact; {wrong}\n"))


def test_a_minimal_catalogue_has_scheduled_events_that_stand(write: Write) -> None:
    path = write("e.csv", "event_id,category,event_date,announced_on\nA,fomc,2025-06-18,2024-08-09\n")
    events = load_events(path)
    assert events["scheduled"].tolist() == [True]
    assert events["ended_on"].isna().all()
    assert live_events(events, pd.Timestamp("2025-06-18"))["event_id"].tolist() == ["A"]


def test_a_date_that_moved_is_known_to_have_moved_from_that_day_on(write: Write) -> None:
    events = load_events(write("e.csv", HEAD + V1 + V2))
    for day, ends in (("2025-07-06", [pd.NaT]), ("2025-07-07", [pd.Timestamp("2025-07-07"), pd.NaT])):
        known = events_known_on(events, pd.Timestamp(day))
        assert known["ended_on"].isna().tolist() == [pd.isna(end) for end in ends]
        assert known["ended_on"].dropna().tolist() == [end for end in ends if not pd.isna(end)]


def known_by_hand(day: str) -> list[tuple[str, bool]]:
    """Return each vintage known on a day and whether it was known to have ended.

    A is announced on 1 July and ended by B on 7 July; C, announced on 7 July too, stands.
    """
    if day < "2025-07-01":
        return []
    return [("A", False)] if day < "2025-07-07" else [("A", True), ("B", False), ("C", False)]


@pytest.mark.parametrize("order", ["forward", "backward", "to and fro"])
def test_a_chronicle_tells_news_on_its_own_day_in_whatever_order_it_is_asked(
    write: Write, order: str
) -> None:
    rows = "A,x,2025-08-01,2025-07-01,true,B,US\nB,x,2025-09-01,2025-07-07,true,,US\n"
    events = load_events(write("e.csv", HEAD + rows + "C,x,2025-10-01,2025-07-07,true,,US\n"))
    days = ["2025-06-30", "2025-07-01", "2025-07-02", "2025-07-06", "2025-07-07", "2025-07-08"]
    asked = {"forward": days, "backward": days[::-1], "to and fro": [*days, *days[::-1], *days[::2]]}[order]
    chronicle = Chronicle(events)
    for day in asked:
        known = chronicle.known_on(pd.Timestamp(day))
        assert list(zip(known["event_id"], known["ended_on"].notna(), strict=True)) == known_by_hand(day), day
        known["category"] = "changed"  # the asker's own table: the next one asked must not see it
    assert not (chronicle.known_on(pd.Timestamp("2025-07-08"))["category"] == "changed").any()


def test_what_is_ahead_is_scheduled_and_stands(write: Write) -> None:
    """Of three events of one day: one stands, one was called off, one is a surprise nobody could see ahead."""
    rows = "A,x,2025-08-01,2025-07-01,true,,US\nB,x,2025-08-01,2025-07-01,true,C,US\n"
    rows += "C,x,2025-07-10,2025-07-10,false,,US\nD,x,2025-08-01,2025-08-01,false,,US\n"
    events = load_events(write("e.csv", HEAD + rows))
    ahead = {
        day: live_events(events, pd.Timestamp(day))["event_id"].tolist()
        for day in ("2025-07-09", "2025-07-10", "2025-08-01", "2025-08-02")
    }
    assert ahead == {"2025-07-09": ["A", "B"], "2025-07-10": ["A"], "2025-08-01": ["A"], "2025-08-02": []}


def test_tables_of_events_count_their_rows_from_0(write: Write) -> None:
    """Strictly read, the first row of the file is gone; on the day asked for, the first of the table is past."""
    events = load_events(write("e.csv", ROWS), strict=True)
    assert events["event_id"].tolist() == ["Z", "X-V1", "X-V3", "Y-V1"]
    assert events.index.tolist() == [0, 1, 2, 3]
    day = pd.Timestamp("2025-07-09")
    assert events_known_on(events, pd.Timestamp("2025-02-01")).index.tolist() == [0]
    known = events_known_on(events[1:], day)
    assert (known["event_id"].tolist(), known.index.tolist()) == (["X-V1", "Y-V1"], [0, 1])
    live = live_events(events, day)
    assert (live["event_id"].tolist(), live.index.tolist()) == (["X-V1", "Y-V1"], [0, 1])


def test_truth_is_spelled_in_six_ways(write: Write) -> None:
    spelled = {"true": True, "Yes": True, "1": True, "FALSE": False, " no ": False, "0": False}
    rows = [f"E{number},x,2025-08-01,2025-07-01,{text},,US\n" for number, text in enumerate(spelled)]
    events = load_events(write("e.csv", HEAD + "".join(rows)))
    assert events["scheduled"].tolist() == list(spelled.values())


def test_a_window_may_be_a_single_day_and_a_table_may_have_none(write: Write) -> None:
    head = "event_id,category,event_date,announced_on,note\n"
    events = load_events(
        write("e.csv", head + "A,x,2018-03-01,2017-12-01,ann=exact; window=2018-03-01..2018-03-01\n")
    )
    assert events["window_end"].tolist() == [pd.Timestamp("2018-03-01")]
    by_hand = events.drop(columns="window_end")
    assert [len(live_events(by_hand, pd.Timestamp(day))) for day in ("2018-03-01", "2018-03-02")] == [1, 0]


BAD = {
    "no column": ("event_id,category,event_date\nA,x,2025-01-01\n", "no column 'announced_on'"),
    "unknown column": (
        HEAD.replace("region", "regio") + V2,
        "no column 'regio' is known; did you mean 'region'",
    ),
    "repeated id": (HEAD + V2 + V2, "line 3: event_id 'E-V2' must be unique, line 2 has it too"),
    "blank id": (HEAD + ",x,2025-01-01,2025-01-01,true,,US\n", "line 2: event_id must not be blank"),
    "no date": (HEAD + "A,x,soon,2025-01-01,true,,US\n", "line 2: event_date must be a date"),
    "no announcement": (HEAD + "A,x,2025-01-01,,true,,US\n", "line 2: announced_on must be a date"),
    "announced later": (
        HEAD + "A,x,2025-01-01,2025-01-02,true,,US\n",
        "line 2 (A): announced_on must not be after event_date",
    ),
    "unknown successor": (
        HEAD + V1 + V2.replace("E-V2", "E-V3"),
        "superseded_by must be another event_id, got 'E-V2'",
    ),
    "own successor": (
        HEAD + V1.replace("E-V2", "E-V1"),
        "superseded_by must be another event_id, got 'E-V1'",
    ),
    "earlier successor": (
        HEAD + V1 + V2.replace("2025-07-07", "2025-04-08"),
        "was announced on 2025-04-08, before this vintage was",
    ),
    "no truth": (HEAD + V2.replace("true", "maybe"), "line 2: scheduled must be true or false, got 'maybe'"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_a_catalogue_that_contradicts_itself_is_named(write: Write, text: str, said: str) -> None:
    path = write("bad.csv", text)
    with pytest.raises(DataError) as caught:
        load_events(path)
    assert str(caught.value).startswith(f"events {path}: ")
    assert said in str(caught.value)


ROWS = (
    "event_id,category,event_date,announced_on,scheduled,superseded_by,note\n"
    "X-V1,tariff,2025-07-09,2025-04-09,true,X-V2,ann=exact; first\n"
    "X-V2,tariff,2025-08-01,2025-07-01,true,X-V3,ann=est; recalled\n"
    "X-V3,tariff,2025-08-07,2025-07-31,true,,ann=bound\n"
    "Y-V1,fiscal,2025-09-30,2025-03-01,true,Y-V2,ann=exact\n"
    "Y-V2,fiscal,2025-11-21,2025-09-01,true,,ann=est\n"
    "Z,other,2025-01-02,2025-01-01,true,,no quality given\n"
)


def test_strict_leaves_out_estimated_announcements_and_ends_a_vintage_by_the_next_known_one(
    write: Write,
) -> None:
    path = write("e.csv", ROWS)
    loose = load_events(path).set_index("event_id")["ended_on"]
    strict = load_events(path, strict=True).set_index("event_id")["ended_on"]
    assert loose["X-V1"] == pd.Timestamp("2025-07-01")
    assert loose["Y-V1"] == pd.Timestamp("2025-09-01")
    assert sorted(strict.index) == ["X-V1", "X-V3", "Y-V1", "Z"]
    assert strict["X-V1"] == pd.Timestamp("2025-07-31")
    assert pd.isna(strict["Y-V1"])


def test_estimates_that_supersede_each_other_end(write: Write) -> None:
    """Two vintages of one day may name each other; following them must not go on for ever."""
    text = "event_id,category,event_date,announced_on,superseded_by,note\n"
    text += "A,x,2025-02-01,2025-01-01,B,ann=exact\nB,x,2025-02-02,2025-01-01,C,ann=est\n"
    text += "C,x,2025-02-03,2025-01-01,B,ann=est\n"
    assert pd.isna(load_events(write("e.csv", text), strict=True)["ended_on"]).all()


def test_strict_needs_notes_that_say_how_announcements_are_known(write: Write) -> None:
    with pytest.raises(DataError, match="events_strict needs a column 'note'"):
        load_events(write("e.csv", HEAD + V1 + V2), strict=True)
    with pytest.raises(
        DataError, match=r"line 4 \(X-V3\): the note's ann= must be one of exact.*, got 'bond'"
    ):
        load_events(write("e.csv", ROWS.replace("ann=bound", "ann=bond")))


def test_the_shipped_catalogue_is_the_real_one(real_data: Path) -> None:
    assert SHIPPED.read_bytes() == (real_data / "events" / "events.csv").read_bytes()


def test_of_the_shipped_catalogue_450_rows_are_strict() -> None:
    assert len(load_events(SHIPPED, strict=True)) == 450


def test_the_shipped_catalogue_knows_its_july_minefield_on_28_may_2025() -> None:
    live = live_events(load_events(SHIPPED), pd.Timestamp("2025-05-28"))
    july = live[live["event_date"].between("2025-07-01", "2025-07-31")]
    dates = july["event_date"].dt.strftime("%m-%d")
    assert set(zip(july["category"], dates, strict=True)) >= {
        ("debt_ceiling", "07-01"),
        ("tariff", "07-08"),
        ("tariff", "07-09"),
        ("fiscal", "07-15"),
    }
