"""Golden runs: a run's fills and metrics in files that people read, and what differs from them line by line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "golden"
OPTION = "--rewrite-golden"
FIGURES = 6  # of a number of shares: the sum of thousands of additions whose last bits may differ between processors
HALF_A_FIGURE = 0.51  # what rounding to them took, and a hundredth of a figure for those last bits
CLOSE = 1e-9  # of a metric: what two engines may differ by; written with ten figures
NOTHING = 1e-12  # of a metric that is 0, such as the return of an account that never trades
SHOWN, AROUND = 6, 2  # differing fills that a message shows, and equal ones before and after each

Key = tuple[str, str]
Orders = dict[Key, float]


@dataclass(frozen=True)
class Golden:
    """The golden files, compared with or, where the option says so, written anew."""

    rewrite: bool

    def check_fills(self, data: str, config: str, fills: Mapping[str, pd.DataFrame]) -> None:
        """Fail with the first differing fills unless every strategy's are those of its file.

        Files are `tests/golden/<data>/<config>/<strategy>.csv`; time and asset must be equal, shares to
        six significant figures. A change of a rule, a default, the catalogue or the execution moves
        them and is reported in CHANGELOG.md under *changed numbers*; nothing else may.
        """
        folder = FOLDER / data / config
        orders = {name: orders_of(frame) for name, frame in fills.items()}
        if self.rewrite:
            folder.mkdir(parents=True, exist_ok=True)
            for stale in folder.glob("*.csv"):
                stale.unlink()
            for name, held in orders.items():
                (folder / f"{name}.csv").write_text(as_text(held, name, data, config), encoding="utf-8")
        stored = {path.stem: read(path.read_text(encoding="utf-8")) for path in folder.glob("*.csv")}
        said = [difference(name, stored.get(name), orders.get(name)) for name in (stored | orders)]
        _fail(said, folder)

    def check_metrics(self, data: str, config: str, summary: Mapping[str, Any]) -> None:
        """Fail unless the metrics of a run's summary are those of `tests/golden/<data>/<config>/metrics.json`.

        Metrics that the file does not name are new and not compared; one that it names must be there.
        """
        path = FOLDER / data / config / "metrics.json"
        got = {
            "bars": summary["bars"],
            "first_bar": summary["first_bar"],
            "last_bar": summary["last_bar"],
            "results": {result["name"]: result["metrics"] for result in summary["results"]},
        }
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(_ten_figures(got), indent=1) + "\n", encoding="utf-8")
        stored = json.loads(path.read_text(encoding="utf-8"))
        _fail(list(_unlike("", stored, got)), path)


def orders_of(fills: pd.DataFrame) -> Orders:
    """Return the shares of each fill by its time and asset, in that order; an asset fills once a bar."""
    rows = fills.sort_values(["time", "asset"], kind="stable").itertuples()
    orders = {(_time(row.time), str(row.asset)): float(row.shares) for row in rows}
    assert len(orders) == len(fills), "an asset was filled twice on one bar"
    return orders


def as_text(orders: Orders, name: str, data: str, config: str) -> str:
    """Return a golden file."""
    head = (
        f"# Fills of {name} in configs/{config}.toml over the {data} files: shares, a sale below zero.",
        f"# Written by `pytest tests/strategies/test_flagship_configs.py {OPTION}`, never by hand.",
        "time,asset,shares",
    )
    return "\n".join([*head, *(_line(key, shares) for key, shares in orders.items())]) + "\n"


def read(text: str) -> Orders:
    """Return the orders of a golden file."""
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    assert rows[0] == ["time", "asset", "shares"]
    return {(time, asset): float(shares) for time, asset, shares in rows[1:]}


def difference(name: str, stored: Orders | None, got: Orders | None) -> str:
    """Return which fills of a strategy differ, `-` before what was expected and `+` before what came; empty if none."""
    if stored is None:
        return f"{name}: has no file; it filled {len(got or ())} orders"
    if got is None:
        return f"{name}: has a file, and is not in the config"
    keys = sorted(stored | got)
    apart = [number for number, key in enumerate(keys) if not _is_same(stored.get(key), got.get(key))]
    if not apart:
        return ""
    shown = apart[:SHOWN]
    near = {each for number in shown for each in range(number - AROUND, number + AROUND + 1)}
    lines = [f"{name}: {len(apart)} of {len(stored)} fills differ, the first of them on {keys[apart[0]][0]}"]
    before = shown[0] - AROUND - 1
    for number in sorted((near & set(range(len(keys)))) - set(apart[SHOWN:])):
        if before >= 0 and number > before + 1:
            lines.append("    ...")
        before = number
        key = keys[number]
        if number not in apart:
            lines.append(f"    {_line(key, stored[key])}")
        else:
            lines += [f"  - {_line(key, stored[key])}"] if key in stored else []
            lines += [f"  + {_line(key, got[key])}"] if key in got else []
    return "\n".join([*lines, *(["    ..."] if len(apart) > SHOWN else [])])


def _is_same(stored: float | None, got: float | None) -> bool:
    """Return whether a number of shares rounds to the stored one."""
    if stored is None or got is None:
        return False
    figure = 10.0 ** (math.floor(math.log10(abs(stored))) - FIGURES + 1)
    return abs(got - stored) <= HALF_A_FIGURE * figure


def _line(key: Key, shares: float) -> str:
    return f"{key[0]},{key[1]},{shares:+.{FIGURES}g}"


def _time(time: pd.Timestamp) -> str:
    return str(time.date()) if time == time.normalize() else time.isoformat()


def _ten_figures(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _ten_figures(value) for name, value in document.items()}
    return float(f"{document:.10g}") if isinstance(document, float) else document


def _unlike(place: str, stored: Any, got: Any) -> Iterable[str]:
    """Yield a line a value that differs, a name that is missing and a result that is new."""
    if isinstance(stored, dict):
        for name in stored:
            if name not in got:
                yield f"{place}{name}: missing"
            else:
                yield from _unlike(f"{place}{name}.", stored[name], got[name])
        if place == "results.":
            yield from (f"{place}{name}: new" for name in got if name not in stored)
    elif isinstance(stored, float) and isinstance(got, float):
        if not math.isclose(stored, got, rel_tol=CLOSE, abs_tol=NOTHING):
            yield f"{place[:-1]}: expected {stored!r}, got {got!r}"
    elif stored != got:
        yield f"{place[:-1]}: expected {stored!r}, got {got!r}"


def _fail(said: Iterable[str], place: Path) -> None:
    """Fail with what was said, and how to accept it."""
    lines = [each for each in said if each]
    if lines:
        shown = place.relative_to(FOLDER.parents[1])
        accept = f"Where that is meant: run this test with {OPTION} and report the change in CHANGELOG.md."
        pytest.fail(
            "\n".join([f"{len(lines)} of {shown} differ", *lines, accept]),
            pytrace=False,
        )
