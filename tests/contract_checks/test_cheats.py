"""`raisecash check` catches planted cheats by the check that names them, and accuses nobody who is honest."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest

from raisecash import Strategy
from raisecash.contract_checks import CHECKS, Outcome, check_market, judge
from tests.support.strategies.honest_strategies import HONEST
from tests.support.strategies.planted_cheats import BARS, CHEATS, FutureRow, UnlaggedYield
from tests.support.strategies.planted_faults import FAULTS

LOOK_AHEAD = {check.name for check in CHECKS if check.name.startswith("ignores_")}
PLANTED = CHEATS | FAULTS


@cache
def outcomes(strategy: type[Strategy]) -> dict[str, Outcome]:
    return {outcome.check: outcome for outcome in judge(strategy())}


@pytest.mark.parametrize("cheat", PLANTED, ids=lambda cheat: cheat.__name__)
def test_a_cheat_is_caught_by_the_check_that_names_what_it_does_and_accused_of_nothing_else(cheat):
    found = outcomes(cheat)
    failed = {name for name, outcome in found.items() if outcome.verdict == "failed"}
    named, *also = PLANTED[cheat]
    assert named in failed
    assert failed <= {named, *also}, {name: found[name].message for name in failed}
    if named in LOOK_AHEAD:  # the first bar and the asset
        assert re.match(
            r"its weight of (BTC|SPY|QQQ) on 202\d-\d\d-\d\d is \S+, and \S+ with the ", found[named].message
        )


@pytest.mark.parametrize("honest", HONEST, ids=lambda honest: honest.__name__)
def test_an_honest_strategy_is_not_accused(honest):
    accused = {
        name: (outcome.verdict, outcome.message)
        for name, outcome in outcomes(honest).items()
        if outcome.verdict not in ("passed", "excused")
    }
    assert accused == {}


def test_every_check_has_somebody_it_must_catch():
    assert {named for named, *_ in PLANTED.values()} == {check.name for check in CHECKS}


def test_the_first_bar_named_is_the_first_that_knew_its_future():
    """FutureRow holds BTC on day t when BTC rises on t + 1: without a tomorrow it never does.

    So the first weight that changes when the market ends at its own bar is the first one that is not 0.
    """
    market = check_market()
    rises = market.close["BTC"].shift(-1) > market.close["BTC"]
    first = market.bars[int(rises.to_numpy().argmax())].date()
    assert outcomes(FutureRow)[BARS].message.startswith(f"its weight of BTC on {first} is 0.333333, and 0 ")


def test_a_lag_taken_out_is_told_from_the_signals_and_not_from_the_prices():
    found = outcomes(UnlaggedYield)
    assert found["ignores_future_signals"].verdict == "failed"
    assert found["ignores_future_prices"].verdict == "passed"
    assert "with the signals after" in found["ignores_future_signals"].message


def test_the_author_is_named_with_file_and_line():
    (cheat,) = (each for each in CHEATS if each.__name__ == "ReadsFileOnce")
    message = outcomes(cheat)["reads_nothing_but_the_market"].message
    assert re.match(
        r"reads the file planted_cheats\.py \(planted_cheats\.py, line \d+\) while deciding", message
    )


def test_the_clock_of_pandas_is_itself_again_after_a_check():
    assert type(pd.Timestamp.__dict__["now"]).__name__ != "function"
    assert pd.Timestamp.now() > pd.Timestamp("2020-01-01")
