"""A file is there whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from raisecash.files import half_written, write_text, written_whole


def test_a_failure_half_way_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def fails_half_way() -> None:
        with written_whole(path) as file:
            file.write(b"ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("outlasts", [False, True])
def test_nobody_sees_the_file_before_it_is_whole(tmp_path: Path, outlasts: bool) -> None:
    path = tmp_path / "page.html"
    with written_whole(path, outlasts=outlasts) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        assert len(list(half_written(path))) == 1
    assert path.read_bytes() == b"half"
    assert not list(half_written(path))


def test_what_is_half_written_lies_beside_another_file_where_that_is_asked_for(tmp_path: Path) -> None:
    entry, version = tmp_path / "entry", tmp_path / "versions" / "1"
    version.parent.mkdir()
    with written_whole(version, beside=entry) as file:
        file.write(b"x")
        assert len(list(half_written(entry))) == 1
        assert list(version.parent.iterdir()) == []
    assert version.read_bytes() == b"x"


def test_of_two_writers_at_once_one_file_is_left_and_it_is_one_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    texts = [str(number) * 100_000 for number in range(8)]
    threads = [threading.Thread(target=write_text, args=(path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


def test_text_has_plain_newlines_and_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "ä\nb\n")
    (tmp_path / "b.txt").write_text("x")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa4\nb\n"
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
def test_a_link_stays_a_link_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "through")
    reader.join()
    assert heard == ["through"]
