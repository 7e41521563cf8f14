"""A fresh environment with the built wheel in it, and nothing that leads back to this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Environment:
    """An environment of its own: its folder, and how to run something in it."""

    folder: Path

    @property
    def site_packages(self) -> Path:
        """Where it keeps what is installed."""
        return Path(sysconfig.get_path("purelib", "venv", {"base": str(self.folder)}))

    def run(self, *command: str | Path, cwd: Path, code: int = 0) -> str:
        """Run one of its programs in a folder, and return what it printed; any other exit code fails."""
        scripts = Path(sysconfig.get_path("scripts", "venv", {"base": str(self.folder)}))
        done = subprocess.run(
            [scripts / command[0], *map(str, command[1:])],
            cwd=cwd,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr


def environment() -> dict[str, str]:
    """Return this process's variables without those that tell Python where else to look.

    The ledger is not compiled: a new installation would pay ten seconds for it, and the figures are the same.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST_"))}
    return {**kept, "PYTHONNOUSERSITE": "1", "NUMBA_DISABLE_JIT": "1"}


def built(kind: str, folder: Path) -> Path:
    """Build the wheel or the sdist of this checkout with the build backend installed here, and return its file."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.iterdir()
    return made


def installed(wheel: Path, folder: Path) -> Environment:
    """Return a fresh environment with the wheel, its dependencies lent by the environment that runs the tests."""
    venv.create(folder, symlinks=os.name != "nt")
    made = Environment(folder)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder)]
    install = [*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    # A folder named in a .pth file is looked in, its own .pth files are not: the editable install stays behind.
    lent = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (made.site_packages / "lent.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")
    return made
