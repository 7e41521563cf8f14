"""Reading a config's TOML, and laying `--set dotted.key=value` over it."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from raisecash.errors import ConfigError
from raisecash.messages.spelling import suggest

NAMED = ("strategy", "benchmark")  # arrays of tables whose entries are addressed by their names


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file as written.

    Raises
    ------
    ConfigError
        When it is not there, not a file, not UTF-8 or not TOML; names the line where it can.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file; check the path of the config{_neighbours(path)}") from error
    except IsADirectoryError as error:
        raise ConfigError(
            f"{path}: is a folder; give the path of a config file, such as {path}/name.toml"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: must be UTF-8 text, got byte {error.object[error.start]:#04x} at {error.start}; save it as UTF-8"
        ) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}; see https://toml.io") from error


def with_overrides(table: Mapping[str, Any], overrides: Iterable[str], *, path: Path) -> dict[str, Any]:
    """Return a copy of a config's table with each `KEY=VALUE` laid over it, later ones last.

    A value is read as TOML where it is TOML (`0.5`, `true`, `2016-01-01`, `[1, 2]`, `{ BTC = 1.0 }`)
    and is a string otherwise. `strategy` and `benchmark` are followed by an entry's name.
    """
    changed = copy.deepcopy(dict(table))
    for override in overrides:
        keys, value = _parse(override, path)
        _lay_over(changed, keys, value, where=f"{path}: --set {override}")
    return changed


def names_of(entries: object) -> Iterator[str]:
    """Yield the names of an array of tables, skipping what is not a table with a name."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield entry["name"]


def _parse(override: str, path: Path) -> tuple[list[str], Any]:
    """Return the dotted key's parts and the value of one `--set`."""
    where = f"{path}: --set {override}"
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"{where}: must be KEY=VALUE, for example execution.commission=0.001")
    try:
        nested = tomllib.loads(f"{key.strip()} = 0")
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{where}: {key!r} is not a dotted key, such as strategy.rally.params.reserve"
        ) from error
    keys: list[str] = []
    while isinstance(nested, dict):
        (part,) = nested
        keys.append(part)
        nested = nested[part]
    try:
        parsed = tomllib.loads(f"value = {text.strip()}")
    except tomllib.TOMLDecodeError:
        return keys, text.strip()
    return keys, parsed["value"] if len(parsed) == 1 else text.strip()


def _lay_over(table: dict[str, Any], keys: list[str], value: Any, *, where: str) -> None:
    """Set one value in place, making the tables on the way to it."""
    if keys[0] == "gate":
        raise ConfigError(f"{where}: gates have no names to address them by; change them in the config")
    if keys[0] in NAMED:
        names = list(names_of(table.get(keys[0])))
        if len(keys) < 3 or keys[1] not in names:
            wanted = keys[1] if len(keys) > 1 else ""
            raise ConfigError(f"{where}: no {keys[0]} {wanted!r} with a key to set; {suggest(wanted, names)}")
        table = next(entry for entry in table[keys[0]] if entry.get("name") == keys[1])
        keys = keys[2:]
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            held = (
                "false" if table is False else repr(table)
            )  # a part of a strategy that is switched off, mostly
            raise ConfigError(
                f"{where}: {key!r} holds {held}, which has no keys of its own; set {key} itself"
            )
    table[keys[-1]] = value


def _neighbours(path: Path) -> str:
    """Return the configs beside a missing one, to choose from."""
    if not path.parent.is_dir():
        return ""
    names = sorted(each.name for each in path.parent.glob("*.toml"))
    return f"; {suggest(path.name, names)}" if names else ""
