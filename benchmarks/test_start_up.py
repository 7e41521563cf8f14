"""How long a person waits for `raisecash --help`, whole process, against importing typer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pairs import paired, report


def test_help_against_importing_typer(capsys, benchmark):
    command = Path(sys.executable).with_name("raisecash")

    def ours():
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)

    def typer():
        subprocess.run([sys.executable, "-c", "import typer"], check=True)

    found = paired(ours, typer, rounds=11)
    report(capsys, "raisecash --help / python -c 'import typer'", found, 3.0)
    benchmark.extra_info.update(found)
    benchmark.pedantic(ours, rounds=3)
