"""A whole run of six strategies with six tear sheets against six plain `quantstats.reports.html` calls."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from pairs import paired, report

CONFIG = """
name = "six"
[market]
[market.assets]
BTC = { feed = "sample", series = "BTC" }
SP500 = { feed = "sample", series = "SP500" }
[execution]
commission = 0.001
slippage = 0.0005
"""
STRATEGIES = {
    "rally": ("RallyThenRaiseCash", "{}"),
    "half-reserve": ("RallyThenRaiseCash", "{ reserve = 0.5 }"),
    "back-in-august": ("RallyThenRaiseCash", '{ resume_on = "08-01" }'),
    "sell-in-may": ("SellInMay", "{}"),
    "half-in-may": ("SellInMay", "{ reserve = 0.5 }"),
    "mix": ("FixedMix", "{}"),
}
BENCHMARK = '\n[[benchmark]]\nname = "hold"\nuse = "BuyAndHold"\n'

PLAIN = """
import sys
import matplotlib
matplotlib.use("Agg")
import pandas as pd
import quantstats
folder, out = sys.argv[1:]
returns = {
    name: pd.read_parquet(f"{folder}/backtests/{name}/bars.parquet")["equity"].pct_change().dropna()
    for name in NAMES
}
for name in NAMES[:-1]:
    quantstats.reports.html(
        returns[name], returns["hold"], periods_per_year=365, match_dates=False, output=f"{out}/{name}.html"
    )
"""


def test_a_whole_run_against_six_plain_tear_sheets(capsys, benchmark, tmp_path):
    config = tmp_path / "six.toml"
    tables = [
        f'\n[[strategy]]\nname = "{name}"\nuse = "{use}"\nparams = {params}\n'
        for name, (use, params) in STRATEGIES.items()
    ]
    config.write_text(CONFIG + "".join(tables) + BENCHMARK)
    command = Path(sys.executable).with_name("raisecash")
    script = tmp_path / "plain.py"
    script.write_text(textwrap.dedent(PLAIN).replace("NAMES", repr([*STRATEGIES, "hold"])))
    (tmp_path / "plain").mkdir()

    def ours():
        subprocess.run(
            [command, "run", config, "--out", tmp_path / "run", "--force", "--offline"],
            check=True,
            capture_output=True,
            cwd=tmp_path,
        )

    def plain():
        subprocess.run(
            [sys.executable, "-W", "ignore", script, tmp_path / "run", tmp_path / "plain"],
            check=True,
            capture_output=True,
        )

    ours()
    assert len(list((tmp_path / "run" / "tear_sheets").glob("*.html"))) == 6
    found = paired(ours, plain, rounds=3)
    report(capsys, "raisecash run, six strategies / six plain quantstats tear sheets", found, 1.0)
    benchmark.extra_info.update(found)
    benchmark.pedantic(ours, rounds=1)
