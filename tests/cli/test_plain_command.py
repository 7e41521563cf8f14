"""A plain backtrader strategy in a config beside ours: run, page, tables, parameters, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

PLAIN = '''\
"""Written for backtrader."""
import backtrader as bt


class Dip(bt.Strategy):
    """Buy a fall of the first market with a bracket around it."""

    params = (("fall", 0.02), ("shares", 0.2))

    def __init__(self):
        self.change = self.data.close / self.data.close(-1) - 1
        self.alive = []

    def log(self, text):
        print(self.data.datetime.date(0), text)

    def notify_order(self, order):
        if not order.alive():
            self.alive = [ref for ref in self.alive if ref != order.ref]
            self.log(order.getstatusname())

    def next(self):
        if not self.alive and self.change[0] < -self.p.fall + 0.005:
            price = self.data.close[0]
            bracket = self.buy_bracket(
                size=self.p.shares, price=price, stopprice=price * 0.985, limitprice=price * 1.01
            )
            self.alive = [order.ref for order in bracket]


class Cheat(Dip):
    """Trade at the close that was seen."""

    def next(self):
        self.broker.set_coc(True)
        self.buy(size=0.01)
'''
ENTRY = """
[[strategy]]
name = "dip"
use = "ideas/dip.py:Dip"
params = { fall = 0.015 }

[[gate]]
strategy = "dip"
metric = "max_drawdown"
at_least = -0.9
"""


@pytest.fixture
def study(folder: Path) -> Path:
    """Return the small study with a plain strategy beside ours."""
    (folder / "ideas").mkdir()
    (folder / "ideas" / "dip.py").write_text(PLAIN, encoding="utf-8")
    path = folder / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")
    return path


def test_a_plain_strategy_runs_beside_ours_and_is_on_the_page(study, folder, raisecash):
    said = raisecash("run", study, "--out", folder / "out", "--json")

    assert said.code == 0, said.err
    document = json.loads(said.out)  # what the strategy prints goes elsewhere
    ours, plain = (next(each for each in document["results"] if each["name"] == n) for n in ("rally", "dip"))
    assert ours["metrics"].keys() == plain["metrics"].keys()
    assert plain["params"] == {"fall": 0.015, "shares": 0.2}
    assert document["reconciliation"]["max_relative_difference"] <= 1e-9
    page = (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert "Dip(fall=0.015, shares=0.2)" in page
    assert "dip is a plain backtrader strategy" in page
    assert "no earlier order or fill changed" in page
    assert (folder / "out" / "tear_sheets" / "dip.html").is_file()
    account = folder / "out" / "backtests" / "dip"
    fills = pd.read_parquet(account / "fills.parquet")
    assert len(fills) >= 4
    assert (fills["time"] > fills["decided_at"]).all()
    reasons = pd.read_parquet(account / "unfilled.parquet")["reason"].str.partition(" ")[0]
    assert "cancelled" in set(reasons)
    bars = pd.read_parquet(account / "bars.parquet")
    assert bars.filter(like="target.").isna().all(axis=None)


def test_its_gates_are_judged(study, raisecash):
    said = raisecash("validate", study)
    assert said.code == 0, said.err
    assert "max_drawdown of dip" in said.out


def test_an_unknown_param_is_named_with_the_nearest_one(study, folder, raisecash):
    said = raisecash("run", study, "--set", "strategy.dip.params.fal=0.1", "--out", folder / "out")
    assert said.code == 2
    assert "[[strategy]] dip: Dip has no parameter 'fal'; did you mean 'fall'?" in said.err


def test_cheat_on_close_ends_the_run_and_leaves_nothing(study, folder, raisecash):
    said = raisecash("run", study, "--set", "strategy.dip.use='ideas/dip.py:Cheat'", "--out", folder / "out")
    assert said.code == 1
    assert "[[strategy]] dip: dip looks ahead: order 1 (Market, 0.01 BTC, placed at the close of" in said.err
    assert not (folder / "out").exists()


def test_its_own_bug_is_one_line_with_its_place(study, folder, raisecash):
    broken = PLAIN.replace("price = self.data.close[0]", "price = self.data.nowhere[0]")
    (folder / "ideas" / "dip.py").write_text(broken, encoding="utf-8")
    said = raisecash("run", study, "--out", folder / "out")
    assert said.code == 2
    assert "ideas/dip.py:Dip raised AttributeError" in said.err
    assert "(dip.py, line 24)" in said.err


def test_strategies_shows_its_params(study, folder, raisecash):
    said = raisecash("strategies", f"{folder / 'ideas' / 'dip.py'}:Dip")
    assert said.code == 0
    assert "Dip: Buy a fall of the first market with a bracket around it." in said.out
    assert [line.split()[:3] for line in said.out.splitlines()[-2:]] == [
        ["fall", "number", "0.02"],
        ["shares", "number", "0.2"],
    ]


def test_signal_counts_the_orders_on_their_way(study, raisecash):
    said = raisecash("signal", study, "--json")
    assert said.code == 0, said.err
    _, dip = json.loads(said.out)["strategies"]
    assert set(dip["weights"]) == {"BTC", "SPY"}
    assert dip["weights"]["BTC"] + dip["weights"]["SPY"] + dip["cash"] == pytest.approx(1)
