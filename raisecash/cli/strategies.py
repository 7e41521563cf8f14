"""`raisecash strategies`: list them, or show one's parameters, bounds, defaults and source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from raisecash.cli import options
from raisecash.cli.output import text_table

if TYPE_CHECKING:
    from pydantic import BaseModel

    from raisecash.plugins import Broken
    from raisecash.strategy.base import Strategy

BOUNDS = {  # a JSON schema's words for a bound, and ours
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
}


def strategies(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A strategy: its name, package.module:Class or path/to/file.py:Class.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """List the strategies, ours and your project's; with NAME show its parameters, bounds, defaults and source.

    Example: raisecash strategies RallyThenRaiseCash
    """
    from raisecash.plugins import use_project
    from raisecash.strategy.discovery import find_strategy, survey

    use_project(Path())
    broken: tuple[Broken, ...] = ()
    if name is None:
        found = survey()
        documents: Any = [_document(each) for each in found.strategies.values()]
        rows = [(each["name"], each["from"], each["description"]) for each in documents]
        text = text_table(("name", "from", "description"), rows, left=3)
        broken = found.broken
    else:
        strategy = find_strategy(name, base_dir=Path(), where="raisecash strategies")
        documents = _document(strategy)
        text = _told(strategy)
    if json:
        from raisecash.runs.summary import to_json

        text = to_json(documents).rstrip("\n")
    typer.echo(text)
    _tell_what_is_missing(broken)


def _tell_what_is_missing(broken: tuple[Broken, ...]) -> None:
    """Say on stderr which projects are not looked at, and raise where a plug-in could not be imported."""
    from raisecash.errors import ConfigError
    from raisecash.plugins import left_out, told

    if note := left_out():
        typer.echo(f"note: {note}", err=True)
    if broken:
        raise ConfigError(told(broken)) from broken[0].error


def _document(strategy: type[Strategy]) -> dict[str, Any]:
    """Return a strategy as a JSON document: what it does, who wrote it, its idea's source, its parameters' schema."""
    from raisecash.plugins import origin, place_of
    from raisecash.strategy.parameters import schema_of

    schema = schema_of(strategy)
    return {
        "name": strategy.__name__,
        "from": origin(place_of(strategy.__module__)),
        "description": strategy.description(),
        "source": strategy.source(),
        "parameters": schema.get("properties", {}),
        "required": schema.get("required", []),
    }


def _told(strategy: type[Strategy]) -> str:
    """Return one strategy as text for a terminal."""
    found = _document(strategy)
    rows = list(_rows(strategy, found["parameters"]))
    lines = [f"{found['name']}: {found['description']}", f"From: {found['from']}"]
    if found["source"]:
        lines.append(f"Source: {found['source']}")
    header = ("parameter", "type", "default", "bounds", "")
    lines += ["", text_table(header, rows, left=5) if rows else "It has no parameters."]
    return "\n".join(lines)


def _rows(
    model: type[BaseModel], parameters: dict[str, Any], before: str = ""
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield a row a parameter; those of a part follow it, by their dotted names and with the values it has here."""
    from raisecash.strategy.parameters import part_in

    for key, parameter in parameters.items():
        name, part = f"{before}{key}", part_in(model, key)
        said = parameter.get("description", "")
        if part is None:
            yield name, _kind(parameter), _default(parameter), _bounds(parameter), said
            continue
        forms = parameter.get("anyOf", [parameter])
        whole = next(form for form in forms if "properties" in form)
        yield name, "table" if len(forms) == 1 else "table or false", _switch(parameter), "", said
        here = parameter.get("default") or {}
        inner = {
            each: {**own, "default": here[each]} if each in here else own
            for each, own in whole["properties"].items()
        }
        yield from _rows(part, inner, f"{name}.")


def _switch(parameter: dict[str, Any]) -> str:
    """Return whether a part is on when nothing is said."""
    if "default" not in parameter:
        return "(required)"
    return "false" if parameter["default"] is None else "{ }"


def _kind(parameter: dict[str, Any]) -> str:
    """Return a parameter's type in a word or two."""
    words = {"object": "table", "array": "list", "string": "text", "boolean": "true or false"}
    forms = [each for each in parameter.get("anyOf", [parameter]) if each.get("type") != "null"]
    return " or ".join(words.get(form.get("type", ""), form.get("type", "any")) for form in forms)


def _default(parameter: dict[str, Any]) -> str:
    """Return a parameter's default as a config would have it."""
    import json

    if "default" not in parameter:
        return "(required)"
    return "" if parameter["default"] is None else json.dumps(parameter["default"])


def _bounds(parameter: dict[str, Any]) -> str:
    """Return a parameter's bounds in words."""
    limits: list[str] = []
    for form in parameter.get("anyOf", [parameter]):
        limits += [words.format(form[key]) for key, words in BOUNDS.items() if key in form]
        if "enum" in form:
            limits.append("one of " + ", ".join(str(each) for each in form["enum"]))
    return ", ".join(limits)
