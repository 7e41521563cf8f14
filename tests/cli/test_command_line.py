"""The command line itself: help, version, the list of strategies."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from raisecash.cli.main import app

COMMANDS = sorted(command.callback.__name__ for command in app.registered_commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_has_an_example(command, raisecash):
    said = raisecash(command, "--help")

    assert said.code == 0
    assert f"Example: raisecash {command}" in " ".join(said.out.split())


def test_help_names_every_command_and_exit_code(raisecash):
    said = raisecash("--help")

    assert said.code == 0
    assert all(command in said.out for command in COMMANDS)
    assert all(code in said.out for code in ("0 done", "1 a check", "2 the input", "130"))


def test_version_is_printed(raisecash):
    said = raisecash("--version")

    assert said.code == 0
    assert said.out.startswith("raisecash ")


def test_an_unknown_command_is_exit_code_2(raisecash):
    said = raisecash("rum")

    assert said.code == 2
    assert "No such command 'rum'" in said.err


def test_help_imports_nothing_heavy():
    """What makes `--help` slow is what it imports; a time would depend on the machine."""
    script = (
        "import sys\n"
        "from raisecash.cli.main import main\n"
        "main(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'numba', 'pydantic', 'rich', 'matplotlib', 'backtrader', 'quantstats', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_strategies_lists_what_is_in_the_folder(raisecash):
    said = raisecash("strategies")

    assert said.code == 0
    listed = {line.split()[0] for line in said.out.splitlines()[1:]}
    assert {"BuyAndHold", "Cash", "FixedMix", "RallyThenRaiseCash", "SellInMay"} <= listed


def test_one_strategy_is_shown_with_parameters_bounds_defaults_and_source(raisecash):
    said = raisecash("strategies", "RallyThenRaiseCash")

    assert said.code == 0
    assert "Source: K3 Lab" in said.out
    reserve = next(line for line in said.out.splitlines() if line.startswith("reserve"))
    assert all(word in reserve for word in ("number", "0.8", "at least 0", "at most 1", "cash share"))


def test_the_parameters_of_a_part_follow_it_by_their_dotted_names(raisecash):
    rows = {
        line.split()[0]: line for line in raisecash("strategies", "K3View").out.splitlines() if line.strip()
    }

    assert "table or false" in rows["opens"]
    assert all(word in rows["opens.fall"] for word in ("number", "0.5", "at least 0", "at most 10"))
    assert "US" not in rows["watch.regions"]
    names = list(rows)
    assert names.index("opens") < names.index("opens.signal") < names.index("watch")


def test_strategies_as_json_is_one_document(raisecash):
    every = json.loads(raisecash("strategies", "--json").out)
    one = json.loads(raisecash("strategies", "Cash", "--json").out)

    assert one in every
    assert one["parameters"] == {}


def test_an_unknown_strategy_is_exit_code_2_with_the_nearest_name(raisecash):
    said = raisecash("strategies", "SelInMay")

    assert said.code == 2
    assert "did you mean 'SellInMay'?" in said.err
