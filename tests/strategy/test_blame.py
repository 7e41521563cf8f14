"""An author's mistake is put down to their own file and line, wherever it came to light."""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from raisecash.messages import blame
from raisecash.messages.blame import phrase_of, place_of

HEAD = "import ast, json\nimport numpy as np\nimport pandas as pd\nfrom raisecash import Market, Strategy\n"


def loaded(path: Path, text: str) -> ModuleType:
    """Return a file of this text, run as a module of its own name."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raised(call: Callable[[], object]) -> BaseException:
    """Return what a call raises."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011  # any of them
        call()
    return caught.value


MISTAKES = {
    "in compiled code": 'pd.Timestamp("28 Mai 2025x")',
    "in compiled code of a library's library": 'pd.DataFrame({"a": [1.0]}).groupby("b").sum()',
    "in a library": "json.loads('{')",
    "in the framework": "Market(open=3, close=3)",
    "of its own": 'raise ValueError("no")',
    "in code it made up": 'exec("1 / 0")',
    "in a file it reads": 'ast.parse("x = (")',
    "in a lambda": "(lambda: 1 / 0)()",
    "while importing": "import a_library_that_is_not_installed",
    "in a name it imports": "from raisecash import no_such_name",
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_the_authors_wherever_it_comes_to_light(mistake: str, tmp_path: Path) -> None:
    module = loaded(tmp_path / "s2.py", f"{HEAD}\n\ndef ask():\n    {mistake}\n")
    assert place_of(raised(module.ask)) == "s2.py, line 8"


def test_a_mistake_made_while_a_file_is_imported_is_put_down_to_its_line(tmp_path: Path) -> None:
    error = raised(lambda: loaded(tmp_path / "s2.py", f'{HEAD}\npd.Timestamp("28 Mai 2025x")\n'))
    assert place_of(error) == "s2.py, line 6"


def test_what_is_no_python_is_put_down_to_the_line_that_cannot_be_read(tmp_path: Path) -> None:
    error = raised(lambda: loaded(tmp_path / "s2.py", f"{HEAD}\nclass (:\n"))
    assert place_of(error) == "s2.py, line 6"
    assert phrase_of(error) == "SyntaxError: invalid syntax (s2.py, line 6)"


def test_the_innermost_line_of_the_authors_is_named(tmp_path: Path) -> None:
    text = "def ask():\n    return [deep(each) for each in 'ab']\n\ndef deep(each):\n    return int(each)\n"
    assert place_of(raised(loaded(tmp_path / "s2.py", text).ask)) == "s2.py, line 5"


def test_a_librarys_mistake_without_an_author_is_named_where_it_can_be_read() -> None:
    error = raised(lambda: np.ones(3).reshape(2))
    assert place_of(error).startswith("test_blame.py, line ")
    assert place_of(ValueError("never raised")) == "unknown place"


def test_an_error_without_words_is_named_by_its_kind(tmp_path: Path) -> None:
    module = loaded(tmp_path / "s2.py", "def ask():\n    raise ValueError\n")
    assert phrase_of(raised(module.ask)) == "ValueError (s2.py, line 2)"


def test_a_cell_of_a_notebook_is_an_authors(tmp_path: Path) -> None:
    cell, source = str(tmp_path / "ipykernel_7" / "123.py"), 'import pandas as pd\npd.Timestamp("x y")\n'
    linecache.cache[cell] = (len(source), None, source.splitlines(keepends=True), cell)
    try:
        assert place_of(raised(lambda: exec(compile(source, cell, "exec"), {}))) == "123.py, line 2"
    finally:
        del linecache.cache[cell]


def test_a_package_that_offers_plug_ins_is_an_authors_though_installed_like_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages" / "theirs"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("import pandas as pd\n\ndef ask():\n    pd.Timestamp('x y')\n")
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    error = raised(importlib.import_module("theirs").ask)
    assert place_of(error).startswith("test_blame.py")
    monkeypatch.setattr(blame, "_offering", lambda: frozenset({"theirs"}))
    assert place_of(error) == "theirs/__init__.py, line 4"


def test_plug_ins_that_come_with_the_framework_are_own_code_and_the_framework_is_not() -> None:
    from raisecash.plugins import HERE

    assert blame.is_own_file(str(HERE / "strategies" / "cash.py"))
    assert blame.is_own_file(str(HERE / "data_feeds" / "mof.py"))
    assert not blame.is_own_file(str(HERE / "raisecash" / "data" / "market.py"))
    assert not blame.is_own_file(pd.__file__)
    assert not blame.is_own_file(importlib.__file__)
    assert not blame.is_own_file("<string>")
    assert not blame.is_own_file("parsing.pyx")


STUDY = """\
[market.assets]
BTC = { feed = "sample", series = "BTC" }
[execution]
engine = "ledger"
[[strategy]]
name = "mine"
use = "s2.py:Bad"
[[gate]]
strategy = "mine"
metric = "cagr"
at_least = 0.0
"""
STRATEGY = f'{HEAD}\nclass Bad(Strategy):\n    def target_weights(self, market):\n        pd.Timestamp("28 Mai 2025x")\n'


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("run", "study.toml", "--out", "out", "--no-tear-sheets"), 2),
        (("signal", "study.toml"), 2),
        (("validate", "study.toml"), 2),
        (("check", "s2.py:Bad"), 1),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_every_command_says_the_same_place(
    command: tuple[str, ...],
    code: int,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from raisecash.cli.main import main

    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "s2.py").write_text(STRATEGY)
    monkeypatch.chdir(tmp_path)
    assert main([*command]) == code
    said = "".join(capfd.readouterr())
    assert "(s2.py, line 8)" in said
    assert ".pyx" not in said


FEED = '''\
from raisecash.data.feed import Feed
import pandas as pd


class TheirFeed(Feed):
    """Theirs."""

    kind = "theirs"

    def prices(self, name, request):
        return pd.Timestamp("28 Mai 2025x")

    signal = prices
'''
BROKEN = {
    "theirs.py": (FEED, "BTC: feed 'theirs' raised DateParseError", "(theirs.py, line 11)"),
    "broken.py": (
        "import pandas as pd\nno_such_name\n",
        "broken.py: raised NameError",
        "(broken.py, line 2)",
    ),
    "unread.py": ("class (:\n", "unread.py: raised SyntaxError", "(unread.py, line 1)"),
}


@pytest.mark.parametrize("file", BROKEN)
def test_a_feed_of_a_projects_own_that_is_broken_is_named_with_its_line_and_a_way_out(
    file: str, tmp_path: Path
) -> None:
    text, *says = BROKEN[file]
    (tmp_path / "data_feeds").mkdir()
    (tmp_path / "data_feeds" / file).write_text(text)
    study = STUDY.replace('feed = "sample", series = "BTC"', 'feed = "theirs"').replace("s2.py:Bad", "Cash")
    (tmp_path / "study.toml").write_text(study)
    command = "import sys; from raisecash.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", command, "run", "study.toml", "--out", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    for part in (*says, "mend", "--traceback"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
