"""Where a problem lies in a config, as its reader finds it: the section, or the dotted key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from raisecash.messages.explain import Keys, Words
from raisecash.messages.explain import explain as explained


def explain(file: str, root: type[BaseModel], table: Mapping[str, Any], error: ValidationError) -> str:
    """Return one line a problem, each beginning with the file."""
    return "\n".join(f"{file}: {line}" for line in explained(error, root, _ConfigWords(table)))


class _ConfigWords(Words):
    """How a config names a place, its entries by the names they have in the table it was read as."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table

    def place(self, keys: Keys) -> str:
        """Return a dotted key in which entries of an array go by their names: `strategy.rally.use`."""
        parts = list(keys)
        if len(parts) > 1 and isinstance(parts[1], int):
            parts[1] = self._entry(str(parts[0]), parts[1])
        return ".".join(str(part) for part in parts)

    def table(self, keys: Keys) -> str:
        """Return a section, `[execution]` or `[[strategy]] rally`; nothing for the whole config."""
        if not keys:
            return ""
        if len(keys) > 1 and isinstance(keys[1], int):
            rest = "".join(f".{part}" for part in keys[2:])
            return f"[[{keys[0]}]] {self._entry(str(keys[0]), keys[1])}{rest}"
        return f"[{self.place(keys)}]"

    def unknown(self, parents: Keys, key: str) -> str:
        return f"no key {key!r} in {self.table(parents) or 'the config'}"

    def missing(self, parents: Keys, key: str) -> str:
        return f"{self.table(parents) or 'the config'} needs the key {key!r}"

    def _entry(self, array: str, number: int) -> str:
        """Return the name of an array's entry, or its place when it has none."""
        entry = self._table[array][number]
        name = entry.get("name") if isinstance(entry, dict) else None
        return name if isinstance(name, str) and name else f"number {number + 1}"
