"""A small study of its own files, and the command line run in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from raisecash.cli.main import main

STUDY = """\
name = "small"

[market]
[market.assets]
BTC = { feed = "csv", path = "btc.csv" }
SPY = { feed = "csv", path = "spy.csv" }

[market.signals]
VIX = { feed = "csv", path = "vix.csv" }

[execution]
cash = 10_000
commission = 0.001
slippage = 0.0005
cash_yield = 0.02

[[strategy]]
name = "rally"
use = "RallyThenRaiseCash"
params = { reserve = 0.8 }

[[benchmark]]
name = "hold"
use = "BuyAndHold"
params = { weights = { BTC = 0.5, SPY = 0.5 } }

[[gate]]
strategy = "rally"
metric = "max_drawdown"
at_least = -0.9
"""


def prices(first: float, *, days: int = 60, start: str = "2020-05-04") -> str:
    """Return a price file of consecutive days whose closes wander by a fixed rule."""
    import pandas as pd

    lines = ["Date,Open,High,Low,Close,Volume"]
    close = first
    for number, day in enumerate(pd.date_range(start, periods=days)):
        opening, close = close, close * (1 + 0.02 * ((number * 7 % 11) - 5) / 5)
        lines.append(
            f"{day.date()},{opening:.4f},{max(opening, close):.4f},{min(opening, close):.4f},{close:.4f},{1000 + number}"
        )
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Said:
    """What one command line printed and returned."""

    code: int
    out: str
    err: str


RunCommand = Callable[..., Said]


@pytest.fixture
def raisecash(capsys: pytest.CaptureFixture[str]) -> RunCommand:
    """Return a function that runs one command line in this process."""

    def run(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(each) for each in arguments])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a small study and its three files."""
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "btc.csv").write_text(prices(9000.0), encoding="utf-8")
    (tmp_path / "spy.csv").write_text(prices(300.0), encoding="utf-8")
    (tmp_path / "vix.csv").write_text("Date,Value\n2020-04-01,40\n2020-06-01,30\n", encoding="utf-8")
    return tmp_path
