"""Bad input: exit code 2, one message that names what is wrong and a way out, and nothing written."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PRICES = "Date,Open,High,Low,Close,Volume\n"


@dataclass(frozen=True)
class Bad:
    """One broken study: what is replaced in its config or files, and what the message must say."""

    name: str
    says: tuple[str, ...]
    replace: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    edit: tuple[str, str, str] | None = None  # file, old, new
    options: tuple[str, ...] = ()
    config: str = "study.toml"


def strategy_file(body: str) -> str:
    """Return a strategy file whose `target_weights` ends in `body`."""
    return (
        "import numpy as np\nimport pandas as pd\nfrom raisecash import Field, Market, Strategy\n\n"
        "class Mine(Strategy):\n    '''Test.'''\n\n"
        "    def target_weights(self, market):\n"
        "        w = pd.DataFrame(0.5, index=market.bars, columns=list(market.assets))\n"
        f"        {body}\n        return w\n"
    )


def mine(name: str, body: str, *says: str) -> Bad:
    """Return a study whose strategy is a file of its own."""
    return Bad(
        name,
        says,
        replace={'use = "RallyThenRaiseCash"\nparams = { reserve = 0.8 }': 'use = "mine.py:Mine"'},
        files={"mine.py": strategy_file(body)},
    )


CASES = [
    # The config as a file
    Bad("config that is not there", ("nowhere.toml", "no such file", "check"), config="nowhere.toml"),
    Bad("config that is a folder", ("folder", "path of a config file"), config="."),
    Bad("config that is not TOML", ("study.toml", "not TOML", "line 1"), replace={'name = "small"': 'name = "small'}),
    Bad("config that is not UTF-8", ("UTF-8", "0xff", "save it"), files={"study.toml": b"name = '\xff'"}),
    Bad("config that is empty", ("needs the key 'market'",), files={"study.toml": ""}),
    # Keys and sections
    Bad("unknown key", ("no key 'comission' in [execution]", "did you mean 'commission'?"), replace={"commission": "comission"}),
    Bad("unknown nested key", ("'rebalence'", "did you mean 'rebalance'?"), replace={"slippage = 0.0005": "rebalence = { every = 'month' }"}),
    Bad("unknown section", ("no key 'executon'", "did you mean 'execution'?"), replace={"[execution]": "[executon]"}),
    Bad("unknown key of a strategy", ("[[strategy]] rally", "did you mean 'params'?"), replace={"params = { reserve": "param = { reserve"}),
    Bad("unknown key of a feed", ("[market.assets] BTC", "no key 'pth'", "did you mean 'path'?"), replace={'path = "btc.csv"': 'pth = "btc.csv"'}),
    Bad("no strategy at all", ("at least one [[strategy]]",), replace={"[[strategy]]": "[[benchmark]]", "[[gate]]": "[[benchmark]]", 'strategy = "rally"': 'name = "a"', 'metric = "max_drawdown"': 'use = "Cash"', "at_least = -0.9": ""}),
    Bad("strategy without a use", ("[[strategy]] rally needs the key 'use'",), replace={'use = "RallyThenRaiseCash"\n': ""}),
    Bad("no asset at all", ("at least one asset",), replace={'BTC = { feed = "csv", path = "btc.csv" }': "", 'SPY = { feed = "csv", path = "spy.csv" }': ""}),
    # Names
    Bad("unknown strategy", ("[[strategy]] rally", "'RallyThenRaiseCsh'", "did you mean 'RallyThenRaiseCash'?"), replace={"RallyThenRaiseCash": "RallyThenRaiseCsh"}),
    Bad("unknown parameter", ("rally", "'reserv'", "did you mean 'reserve'?"), replace={"{ reserve": "{ reserv"}),
    Bad("unknown feed", ("[market.assets] BTC", "'cvs'", "did you mean 'csv'?"), replace={'BTC = { feed = "csv"': 'BTC = { feed = "cvs"'}),
    Bad("unknown metric", ("[[gate]] number 1", "'max_drawdwn'", "did you mean 'max_drawdown'?"), replace={'"max_drawdown"': '"max_drawdwn"'}),
    Bad("unknown asset in weights", ("hold", "'ETH'", "BTC, SPY"), replace={"weights = { BTC": "weights = { ETH"}),
    Bad("unknown asset in lot", ("[execution.lot]", "'SPYY'", "did you mean 'SPY'?"), replace={"slippage = 0.0005": "lot = { SPYY = 1 }"}),
    Bad("unknown clock", ("clock", "'SPX'", "did you mean 'SPY'?"), replace={"[market]\n": '[market]\nclock = "SPX"\n'}),
    Bad("unknown engine", ("execution.engine", "'backtrader' or 'ledger'", "'zipline'"), replace={"slippage = 0.0005": 'engine = "zipline"'}),
    Bad("gate on an unknown strategy", ("[[gate]] number 1", "'raly'", "did you mean 'rally'?"), replace={'strategy = "rally"': 'strategy = "raly"'}),
    Bad("gate against an unknown benchmark", ("[[gate]] number 1", "'hald'", "did you mean 'hold'?"), replace={"at_least = -0.9": 'at_least = { benchmark = "hald" }'}),
    Bad("sweep of an unknown strategy", ("[sweep.raly]", "did you mean 'rally'?"), replace={"[[gate]]": "[sweep.raly]\nreserve = [0.5]\n[[gate]]"}),
    Bad("sweep of an unknown parameter", ("[sweep.rally]", "'reserv'", "did you mean 'reserve'?"), replace={"[[gate]]": "[sweep.rally]\nreserv = [0.5]\n[[gate]]"}),
    Bad("name given twice", ("'rally'", "unique"), replace={'name = "hold"': 'name = "rally"'}),
    Bad("name with a space", ("'the rally'", "letters, digits, - and _"), replace={'name = "rally"': 'name = "the rally"'}),
    Bad("asset and signal of one name", ("BTC", "both an asset and a signal"), replace={"VIX = {": "BTC = {"}),
    Bad("strategy file that is not there", ("mine.py", "no file", "use"), replace={'"RallyThenRaiseCash"': '"mine.py:Mine"'}),
    Bad("strategy class that is not there", ("mine.py", "'Yours'", "Mine"), replace={'"RallyThenRaiseCash"': '"mine.py:Yours"'}, files={"mine.py": strategy_file("pass")}),
    Bad("strategy module that is not there", ("'no_such_module'", "use"), replace={'"RallyThenRaiseCash"': '"no_such_module:Mine"'}),
    Bad("strategy file that is not Python", ("mine.py", "SyntaxError", "--traceback"), replace={'"RallyThenRaiseCash"': '"mine.py:Mine"'}, files={"mine.py": "class Mine(:\n"}),
    # Values
    Bad("parameter out of bounds", ("RallyThenRaiseCash.reserve", "1.2"), replace={"reserve = 0.8": "reserve = 1.2"}),
    Bad("parameter of the wrong type", ("RallyThenRaiseCash.reserve", "'much'"), replace={"reserve = 0.8": 'reserve = "much"'}),
    Bad("day that no year has", ("rally_from", "06-31"), replace={"reserve = 0.8": 'rally_from = "06-31"'}),
    Bad("commission of more than everything", ("execution.commission", "less than 1", "1.5"), replace={"commission = 0.001": "commission = 1.5"}),
    Bad("negative slippage", ("execution.slippage", "greater than or equal to 0", "-0.1"), replace={"slippage = 0.0005": "slippage = -0.1"}),
    Bad("commission as text", ("execution.commission", "a number", "'10bp'"), replace={"commission = 0.001": 'commission = "10bp"'}),
    Bad("cash as a truth value", ("execution.cash", "a number", "true"), replace={"cash = 10_000": "cash = true"}),
    Bad("no cash", ("execution.cash", "greater than 0", "got 0"), replace={"cash = 10_000": "cash = 0"}),
    Bad("infinite cash", ("execution.cash", "finite", "inf"), replace={"cash = 10_000": "cash = inf"}),
    Bad("yield in percent", ("execution.cash_yield", "less than 1", "got 4"), replace={"cash_yield = 0.02": "cash_yield = 4"}),
    Bad("rebalance that is no table", ("execution.rebalance", "table", "'month'"), replace={"slippage = 0.0005": "rebalance = 'month'"}),
    Bad("rebalance at no known time", ("execution.rebalance.every", "'quarter'", "'fortnight'"), replace={"slippage = 0.0005": "rebalance = { every = 'fortnight' }"}),
    Bad("weights above one", ("hold", "sum to 1 or less"), replace={"BTC = 0.5, SPY = 0.5": "BTC = 0.9, SPY = 0.9"}),
    Bad("gate with two bounds", ("[[gate]] number 1", "exactly one", "both"), replace={"at_least = -0.9": "at_least = -0.9\nat_most = 0"}),
    Bad("gate without a bound", ("[[gate]] number 1", "exactly one", "neither"), replace={"at_least = -0.9": ""}),
    Bad("gate with a bound of text", ("gate", "at_least", "a number", "'low'"), replace={"at_least = -0.9": 'at_least = "low"'}),
    Bad("sweep over nothing", ("sweep.rally.reserve", "at least 1"), replace={"[[gate]]": "[sweep.rally]\nreserve = []\n[[gate]]"}),
    # The window
    Bad("start that is no date", ("market.start", "a date such as", "'soon'"), replace={"[market]\n": '[market]\nstart = "soon"\n'}),
    Bad("start after the end", ("start must not be after end", "2021-01-01"), replace={"[market]\n": "[market]\nstart = 2021-01-01\nend = 2020-01-01\n"}),
    Bad("window before the data", ("2001",), replace={"[market]\n": "[market]\nstart = 2001-01-01\nend = 2001-12-31\n"}),
    Bad("window after the data", ("2030",), replace={"[market]\n": "[market]\nstart = 2030-01-01\n"}),
    Bad("end long after the data", ("2020-07-02", "2022-01-01"), replace={"[market]\n": "[market]\nend = 2022-01-01\n"}),
    Bad("assets that never overlap", ("BTC", "SPY"), edit=("spy.csv", "2020-", "2015-")),
    # Files of prices
    Bad("price file that is not there", ("BTC", "btc.csv"), replace={"btc.csv": "gone/btc.csv"}),
    Bad("price file that is binary", ("BTC", "btc.csv"), files={"btc.csv": bytes(range(256)) * 4}),
    Bad("price file that is empty", ("BTC", "btc.csv", "empty"), files={"btc.csv": ""}),
    Bad("price file with a header alone", ("BTC", "btc.csv"), files={"btc.csv": PRICES}),
    Bad("price file without a close", ("BTC", "no close column"), files={"btc.csv": "Date,Open\n2020-05-04,1\n"}),
    Bad("price file without a date", ("BTC", "no date column"), files={"btc.csv": "Open,Close\n1,1\n"}),
    Bad("price that is text", ("BTC", "btc.csv", "abc"), files={"btc.csv": PRICES + "2020-05-19,1,1,1,1,1\n2020-05-20,1,1,1,abc,1\n"}),
    Bad("price that is missing", ("BTC", "2020-05-20", "missing"), files={"btc.csv": PRICES + "2020-05-19,1,1,1,1,1\n2020-05-20,,,,,1\n2020-05-21,1,1,1,1,1\n"}),
    Bad("price of zero", ("BTC", "2020-05-20", "0"), files={"btc.csv": PRICES + "2020-05-19,1,1,1,1,1\n2020-05-20,0,1,0,1,1\n2020-05-21,1,1,1,1,1\n"}),
    Bad("negative price", ("BTC", "2020-05-20", "-1"), files={"btc.csv": PRICES + "2020-05-19,1,1,1,1,1\n2020-05-20,1,1,-1,1,1\n2020-05-21,1,1,1,1,1\n"}),
    Bad("day given twice", ("BTC", "2020-05-19"), files={"btc.csv": PRICES + "2020-05-19,1,1,1,1,1\n2020-05-19,1,1,1,1,1\n2020-05-21,1,1,1,1,1\n"}),
    Bad("days out of order", ("BTC", "2020-05-19"), files={"btc.csv": PRICES + "2020-05-20,1,1,1,1,1\n2020-05-19,1,1,1,1,1\n2020-05-21,1,1,1,1,1\n"}),
    Bad("date that is none", ("BTC", "someday"), files={"btc.csv": PRICES + "2020-05-20,1,1,1,1,1\nsomeday,1,1,1,1,1\n"}),
    Bad("events file that is not there", ("events", "calendar.csv"), replace={"[market]\n": '[market]\nevents = "calendar.csv"\n'}),
    # Weights of a strategy
    mine("weight above one", "w.loc[w.index == '2020-05-24', 'BTC'] = 1.5", "rally", "BTC", "2020-05-24", "1.5"),
    mine("negative weight", "w.loc[w.index == '2020-05-24', 'SPY'] = -0.25", "rally", "SPY", "2020-05-24", "-0.25"),
    mine("weights that sum above one", "w[w.index == '2020-05-24'] = 0.75", "rally", "2020-05-24", "1.5"),
    mine("row with a hole", "w.loc[w.index == '2020-05-24', 'BTC'] = np.nan", "rally", "BTC", "2020-05-24"),
    mine("table without an asset", "w = w[['BTC']]", "rally", "SPY"),
    mine("strategy that fails", "w = market.no_such_thing", "rally", "no_such_thing", "mine.py, line", "--traceback"),
    # The command line
    Bad("--set without a value", ("--set execution.cash", "KEY=VALUE"), options=("--set", "execution.cash")),
    Bad("--set of an unknown key", ("no key 'csh' in [execution]", "--set execution.csh=1"), options=("--set", "execution.csh=1")),
    Bad("--set of an unknown strategy", ("no strategy 'raly'", "did you mean 'rally'?"), options=("--set", "strategy.raly.params.reserve=1")),
    Bad("--set of a value out of bounds", ("RallyThenRaiseCash.reserve", "7"), options=("--set", "strategy.rally.params.reserve=7")),
    Bad("--set of a gate", ("gate", "change them in the config"), options=("--set", "gate.0.at_least=1")),
    Bad("--data that is no folder", ("--data", "does not exist"), options=("--data", "no-such-folder")),
    Bad("--out that is a file", ("--out", "is a file", "choose another"), options=("--out", "study.toml")),
    Bad("--out that is not empty", ("--out", "--force"), options=("--out", "full"), files={"full/mine.txt": "keep"}),
    Bad("--jobs of nothing", ("--jobs", "1"), options=("--jobs", "0")),
]  # fmt: skip


def break_study(bad: Bad, folder: Path) -> list[str]:
    """Apply one breakage and return the command line that runs into it."""
    config = folder / "study.toml"
    text = config.read_text(encoding="utf-8")
    for old, new in bad.replace.items():
        assert old in text, f"{old!r} is not in the study"
        text = text.replace(old, new)
    config.write_text(text, encoding="utf-8")
    if bad.edit:
        name, old, new = bad.edit
        file = folder / name
        assert old in file.read_text(encoding="utf-8")
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    for name, content in bad.files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return ["run", bad.config, "--no-tear-sheets", "--offline", "--out", "out", *bad.options]


def everything_in(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, but for Python's own caches."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name.replace(" ", "-"))
def test_bad_input_is_one_message_exit_code_2_and_nothing_written(bad, folder, raisecash, monkeypatch):
    arguments = break_study(bad, folder)
    monkeypatch.chdir(folder)
    before = everything_in(folder)

    said = raisecash(*arguments)

    assert said.code == 2, said.err
    _, *messages = re.split(r"^(?=error: )", said.err, flags=re.IGNORECASE | re.MULTILINE)
    assert len(messages) == 1
    message = messages[0]
    for fragment in bad.says:
        assert fragment in message
    assert "Traceback" not in said.err
    assert said.out == ""
    assert everything_in(folder) == before


@pytest.mark.parametrize("name", ["unknown key", "negative price", "strategy that fails"])
def test_the_installed_command_says_the_same(name, folder):
    bad = next(each for each in CASES if each.name == name)
    arguments = break_study(bad, folder)

    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from raisecash.cli.main import main; sys.exit(main())",
            *arguments,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert all(fragment in done.stderr for fragment in bad.says)
    assert done.stdout == ""


def test_traceback_option_shows_where_an_error_comes_from(folder, raisecash, monkeypatch):
    bad = next(each for each in CASES if each.name == "strategy that fails")
    arguments = break_study(bad, folder)
    monkeypatch.chdir(folder)

    said = raisecash("--traceback", *arguments)

    assert said.code == 2
    assert "AttributeError" in said.err
    assert "mine.py" in said.err
