"""`raisecash check` catches planted cheats by the right check, and accuses nobody who is honest."""

from __future__ import annotations

import re

import pytest
from honest_strategies import HONEST
from planted_cheats import CHEATS

from raisecash.contract_checks import judge

FROM_LATER = {"ignores_future_bars"}


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.__name__)
def test_a_cheat_is_caught_by_the_check_that_names_what_it_does(cheat):
    outcomes = {outcome.check: outcome for outcome in judge(cheat())}
    failed = {name for name, outcome in outcomes.items() if outcome.verdict == "failed"}
    assert CHEATS[cheat] in failed, failed


@pytest.mark.parametrize("honest", HONEST, ids=lambda honest: honest.__name__)
def test_an_honest_strategy_is_not_accused(honest):
    failed = [outcome for outcome in judge(honest()) if outcome.verdict not in ("passed", "excused")]
    assert failed == []
