"""What `from raisecash import ...` gives: the names that docs/python.md lists, and nothing is imported before it is asked for."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import raisecash
from raisecash import errors
from tests.support.documents import text_of

ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)
LISTED = [name for name, _ in ROW.findall(text_of("docs/python.md"))]


def test_the_surface_is_what_the_page_lists_and_nothing_else():
    assert sorted(LISTED) == dir(raisecash) == sorted(raisecash.__all__)
    assert len(LISTED) == len(set(LISTED))


@pytest.mark.parametrize("name", LISTED)
def test_a_published_name_can_be_imported_and_says_what_it_is(name):
    published = getattr(raisecash, name)
    if name == "__version__":
        assert published == version("raisecash")
    else:
        assert published.__name__ == name
        assert inspect.getdoc(published)


def test_every_error_is_published():
    classes = {name for name, each in vars(errors).items() if inspect.isclass(each)}
    assert classes == {name for name in LISTED if name.endswith("Error") or name == "Refusal"}


def test_a_type_checker_is_told_of_the_same_names():
    (block,) = (node for node in ast.parse(inspect.getsource(raisecash)).body if isinstance(node, ast.If))
    told = {alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    told |= {node.target.id for node in block.body if isinstance(node, ast.AnnAssign)}
    assert told == set(LISTED)


def run(code: str) -> str:
    """Return what a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_the_package_brings_no_library_along():
    heavy = "pandas numpy pydantic numba backtrader matplotlib plotly typer"
    found = run(
        "import sys, raisecash; dir(raisecash); print(raisecash.__version__, "
        f"*(name for name in '{heavy}'.split() if name in sys.modules))"
    )
    assert found.split() == [version("raisecash")]


def test_an_error_can_be_caught_without_pandas():
    assert run("import sys\nfrom raisecash import DataError\nprint('pandas' in sys.modules)") == "False\n"


def test_a_name_that_is_not_published_is_refused():
    with pytest.raises(AttributeError, match="module 'raisecash' has no attribute 'simulat'"):
        raisecash.simulat  # noqa: B018  # asking is the test
    with pytest.raises(ImportError):
        exec("from raisecash import Plan")


def test_a_type_checker_sees_the_types(tmp_path):
    """A script that uses the names rightly passes, one that does not is told; mypy reads the installed package."""
    script = tmp_path / "script.py"
    script.write_text(
        "from raisecash import Costs, load_market, measure, simulate\n"
        'market = load_market({"BTC": "btc.csv", "SPY": {"feed": "yfinance", "symbol": "SPY"}}).market\n'
        "metrics, undefined = measure(simulate(market.equal_weights(), market, Costs(commission=0.001)))\n"
        'reveal_type(metrics["sharpe"])\n'
        "market.clsoe\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", script, "--cache-dir", tmp_path / "cache"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert 'note: Revealed type is "float"' in done.stdout.replace("builtins.", "")
    assert '"Market" has no attribute "clsoe"' in done.stdout
    assert "Found 1 error" in done.stdout
