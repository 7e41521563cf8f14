"""`raisecash check`: verdicts, exit codes, and what cannot be judged."""

from __future__ import annotations

import json

import pytest

CHEAT = '''
from raisecash import Field, Strategy


class Oracle(Strategy):
    """Hold what rises tomorrow."""

    def target_weights(self, market):
        rise = market.last_close.shift(-1) > market.last_close
        return rise.astype(float) / len(market.assets)


class Honest(Strategy):
    """Hold everything alike."""

    share: float = Field(0.5, ge=0, le=1, description="invested share")

    def target_weights(self, market):
        return market.equal_weights().fillna(0.0) * self.share


class Needs(Strategy):
    """Hold a share nobody has given."""

    share: float = Field(ge=0, le=1, description="invested share")

    def target_weights(self, market):
        return market.equal_weights() * self.share


class Alone(Strategy):
    """Look at a signal that few have."""

    def target_weights(self, market):
        from raisecash.strategy.rules.readings import read_signals

        read_signals(market, "SOFR", owner="Alone")


class Excused(Strategy):
    """Ask to be excused from the one thing nobody is."""

    excused = {"ignores_future_bars": "it pays"}

    def target_weights(self, market):
        return market.equal_weights()
'''


@pytest.fixture
def cheat(tmp_path):
    (tmp_path / "ideas.py").write_text(CHEAT, encoding="utf-8")
    return tmp_path / "ideas.py"


def test_an_honest_file_passes_with_a_line_a_check(raisecash, cheat):
    said = raisecash("check", f"{cheat}:Honest")
    assert said.code == 0
    lines = said.out.splitlines()
    assert ["passed", "ignores_future_prices"] in [line.split() for line in lines]
    assert any(line.split()[:2] == ["excused", "start_date_does_not_matter"] for line in lines)
    assert lines[-1].endswith("every check passed")
    assert (
        "1 strategy on the check market (BTC, SPY, QQQ, signals JGB10Y, UST10Y, VIX; 1,094 bars)" in said.out
    )


def test_a_cheat_is_exit_code_1_and_named_with_bar_and_asset(raisecash, cheat):
    said = raisecash("check", "Cash", f"{cheat}:Oracle")
    assert said.code == 1
    (line,) = (
        each for each in said.out.splitlines() if each.split()[:2] == ["FAILED", "ignores_future_prices"]
    )
    assert "its weight of BTC on 2023-01-" in line
    assert said.out.splitlines()[-1].endswith(f"1 FAILED: {cheat}:Oracle")


def test_as_json_it_is_one_document(raisecash, cheat):
    said = raisecash("check", "Cash", f"{cheat}:Oracle", "--json")
    document = json.loads(said.out)
    assert said.code == 1
    assert document["passed"] is False
    assert document["market"]["assets"] == ["BTC", "SPY", "QQQ"]
    cash, oracle = document["strategies"]
    assert (cash["name"], cash["strategy"], cash["kind"], cash["passed"]) == (
        "Cash",
        "Cash()",
        "vectorised",
        True,
    )
    assert {each["verdict"] for each in cash["checks"]} == {"passed"}
    failed = {each["check"] for each in oracle["checks"] if each["verdict"] == "failed"}
    assert failed == {"ignores_future_bars", "ignores_future_prices"}


def test_a_config_lends_its_market_and_its_parameters(raisecash, folder):
    said = raisecash("check", "rally", "SellInMay", "--config", folder / "study.toml", "--json")
    assert said.code == 0
    document = json.loads(said.out)
    assert document["market"]["signals"] == ["VIX"]
    assert [each["name"] for each in document["strategies"]] == ["rally", "SellInMay"]
    assert "reserve=0.8" in document["strategies"][0]["strategy"]


def test_with_a_config_all_means_its_own_entries(raisecash, folder):
    said = raisecash("check", "--all", "--config", folder / "study.toml", "--json")
    assert said.code == 0
    assert [each["name"] for each in json.loads(said.out)["strategies"]] == ["rally", "hold"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Needs", "cannot be made with its defaults: Needs.share"),
        ("Alone", "Alone needs the signal 'SOFR'"),
        ("Excused", "no strategy may be excused from ignores_future_bars"),
    ],
)
def test_what_cannot_be_judged_is_exit_code_2_and_the_others_are_judged_all_the_same(
    raisecash, cheat, name, message
):
    said = raisecash("check", f"{cheat}:{name}", "Cash")
    assert said.code == 2
    assert message in said.out
    assert ["passed", "ignores_future_prices"] in [line.split() for line in said.out.splitlines()]
    assert f"1 could not be judged: {cheat}:{name}" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name strategies, or give --all"),
        (("Cash", "--all"), "and not both"),
        (("Csh",), "did you mean 'Cash'?"),
        (("nowhere.py:Cash",), "no file nowhere.py"),
        (("--all", "--config", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_unusable_input_is_exit_code_2_with_one_message(raisecash, arguments, message):
    said = raisecash("check", *arguments, *([] if arguments else ["--json"]))
    assert said.code == 2
    assert said.out == ""
    assert message in said.err


def test_a_file_that_does_not_import_is_told_in_one_line(raisecash, tmp_path):
    (tmp_path / "broken.py").write_text("import a_library_that_is_not_installed\n", encoding="utf-8")
    said = raisecash("check", f"{tmp_path / 'broken.py'}:Any")
    assert said.code == 2
    assert "ModuleNotFoundError" in said.err
    assert "(broken.py, line 1)" in said.err


def test_several_processes_say_what_one_says(raisecash):
    names = ("Cash", "FixedMix", "SellInMay")
    assert raisecash("check", *names, "--jobs", 1).out == raisecash("check", *names, "--jobs", 2).out
