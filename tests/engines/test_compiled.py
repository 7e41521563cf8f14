"""Compiling is announced, done once for an installation, and done beforehand by `python -m raisecash.kernels`."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from raisecash.engines import kernel as accounts
from raisecash.engines.compiled import EACH_TIME, ONCE, notice
from raisecash.metrics import kernel as measures

REPLAY = """
import numpy as np
import pandas as pd
from raisecash import Market
from raisecash.engines.ledger import replay_fills
from raisecash.execution.terms import Terms
prices = pd.DataFrame({"A": [1.0, 2.0]}, index=pd.date_range("2024-01-01", periods=2))
market = Market(open=prices, close=prices)
fills = np.array([[0, 0, 0, 10.0, 1.0, 0.0]])
for _ in range(2):
    print(replay_fills(market.panel, Terms.of(("A",), cash=100.0), fills).equity)
"""
# Every way in that a run, a sweep or a notebook has, on a market with all there is: interest, dividends, lots, gaps.
EVERYTHING = """
import numpy as np
import pandas as pd
from numba.core import event
from raisecash import Costs, Market, Rebalance, simulate
from raisecash.engines.batch import equity_curves
from raisecash.engines.ledger import replay_fills
from raisecash.execution.terms import Terms
from raisecash.kernels import compile_kernels
from raisecash.metrics.batch import FROM_CURVES, measure_many

compile_kernels()

class Count(event.Listener):
    seen = []
    def on_start(self, event):
        self.seen.append(event.data["dispatcher"].py_func.__name__)
    def on_end(self, event):
        pass

event.register("numba:compile", Count())
bars = pd.date_range("2024-01-01", periods=60)
prices = pd.DataFrame(np.random.default_rng(0).uniform(1, 2, (60, 3)), index=bars, columns=list("ABC"))
prices.iloc[5:9, 1] = np.nan
paid = prices.notna().astype(float) / 100
rate = pd.Series(0.03, index=bars)
for market in (Market(open=prices, close=prices), Market(open=prices, close=prices, dividends=paid, cash_yield=rate)):
    weights = market.equal_weights()
    for given in (weights, (weights / 2).astype("float32"), weights[["C", "B", "A"]], weights.iloc[::7], weights.round(2)):
        for rebalance in (Rebalance(), Rebalance(every="month", drift=0.05, on_change=False)):
            done = simulate(given, market, Costs(commission=0.001), rebalance, engine="ledger", lots={"A": 1.0})
    terms = Terms.of(market.assets, Costs(commission=0.001), lots=1)
    replay_fills(market.panel, terms, done.account.fills)
    many = np.stack([weights.to_numpy()] * 4)
    equity_curves(market.panel, terms, many, jobs=2)
    equity_curves(market.panel, terms, (many[::2], np.asfortranarray(many)))
    many[0] += 1e-12
    measure_many(market.panel, terms, many, FROM_CURVES)
print(Count.seen)
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )


def test_the_first_use_says_that_it_compiles_and_the_next_process_does_not(tmp_path):
    first, second = (run(REPLAY, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert first.stderr.count("\n") == 1
    assert first.stderr.startswith(f"{ONCE}; kept in {tmp_path}")
    assert second.stderr == ""
    assert first.stdout == second.stdout == "[100. 110.]\n" * 2


def test_where_nothing_can_be_written_it_compiles_all_the_same_and_says_so(tmp_path):
    """A file stands where the folders would be: numba finds no place beside the code nor in the user's cache."""
    (tmp_path / "file").write_text("")
    blocked = (
        "import numba.core.caching as c\nc._CacheLocator.ensure_cache_path = lambda self: open('file/x')\n"
    )
    done = run(f"import os; os.chdir({str(tmp_path)!r})\n{blocked}{REPLAY}")
    assert done.stdout == "[100. 110.]\n" * 2
    assert done.stderr.splitlines() == [
        f"{EACH_TIME}; no folder to keep it in can be written to: set NUMBA_CACHE_DIR to one that can"
    ]


def test_a_function_of_somebody_else_is_compiled_in_silence(tmp_path):
    done = run(
        "import numba, raisecash.engines.compiled\nprint(numba.njit(lambda x: x + 1)(1))",
        NUMBA_CACHE_DIR=str(tmp_path),
    )
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_what_lies_beside_the_code_needs_no_folder_named():
    assert notice(accounts.keep) in (ONCE, f"{ONCE}; kept in {accounts.keep.stats.cache_path}")


@pytest.mark.slow
def test_after_the_kernels_are_compiled_nothing_compiles(tmp_path):
    done = run(EVERYTHING, NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout == "[]\n"
    kept = {path.name.partition("-")[0] for path in tmp_path.rglob("*.nbi")}
    named = set()
    for module in (accounts, measures):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        named |= {
            f"kernel.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.decorator_list
        }
    assert kept == named
    again = subprocess.run(
        [sys.executable, "-m", "raisecash.kernels"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert again.stdout.startswith("the ledger is compiled (")
    assert again.stderr == ""
