"""A validation problem as one line: file, dotted key, rule, value got and the nearest known name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from pydantic import BaseModel, ValidationError

from raisecash.messages.spelling import suggest
from raisecash.sections import OneOf, is_tag

RULES = {  # pydantic's words, where a reader of a config would not say them
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text in quotes",
    "dict_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "tuple_type": "must be a list",
    "finite_number": "must be a finite number",
}


def explain(file: str, root: type[BaseModel], table: Mapping[str, Any], error: ValidationError) -> str:
    """Return one line a problem, each beginning with the file."""
    lines = [line for problem in error.errors() for line in _lines(root, table, problem)]
    return "\n".join(f"{file}: {line}" for line in lines)


def _lines(root: type[BaseModel], table: Mapping[str, Any], problem: Any) -> list[str]:
    """Return one problem without the file; a check of the whole config may find several."""
    keys = [part for part in problem["loc"] if not is_tag(part)]
    if not keys:
        return str(problem["msg"]).removeprefix("Value error, ").splitlines()
    *parents, key = keys
    if problem["type"] == "extra_forbidden":
        return [
            f"no key {key!r} in {section(table, parents)}; {suggest(str(key), _keys(root, problem['loc'][:-1]))}"
        ]
    if problem["type"] == "missing":
        return [f"{section(table, parents)} needs the key {key!r}"]
    rule = RULES.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    rule = re.sub(r"^\w+ should ", "must ", rule)
    if not rule.startswith("must"):
        return [f"{section(table, keys)}: {rule}"]
    return [f"{dotted(table, keys)} {rule}, got {shown(problem['input'])}"]


def section(table: Mapping[str, Any], parents: list[str | int]) -> str:
    """Return where a key is missing or unknown, as a reader finds it: `[execution]`, `[[strategy]] rally`."""
    if not parents:
        return "the config"
    if len(parents) > 1 and isinstance(parents[1], int):
        rest = "".join(f".{part}" for part in parents[2:])
        return f"[[{parents[0]}]] {_entry(table, str(parents[0]), parents[1])}{rest}"
    return f"[{dotted(table, parents)}]"


def dotted(table: Mapping[str, Any], keys: Any) -> str:
    """Return a dotted key in which entries of an array go by their names: `strategy.rally.use`."""
    parts = list(keys)
    if len(parts) > 1 and isinstance(parts[1], int):
        parts[1] = _entry(table, str(parts[0]), parts[1])
    return ".".join(str(part) for part in parts)


def shown(value: object) -> str:
    """Return a value as it would be written in a config, cut when long."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _entry(table: Mapping[str, Any], array: str, number: int) -> str:
    """Return the name of an array's entry, or its place when it has none."""
    entry = table[array][number]
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else f"number {number + 1}"


def _keys(model: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """Return the keys that the table at an error's place may have."""
    parts = [part for part in place if isinstance(part, str)]
    for part, following in zip_longest(parts, parts[1:]):
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                nested = _model_in(field.annotation, following)
                if nested is None:
                    return []
                model = nested
                break
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any, tag: str | None) -> type[BaseModel] | None:
    """Return the model an annotation holds, itself or inside a tuple or an option; of several kinds, the tag's."""
    for each in getattr(annotation, "__metadata__", ()):
        if isinstance(each, OneOf):
            return each.of(tag)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next((found for each in inner if (found := _model_in(each, tag))), None)
