"""What pydantic finds wrong with a table of keys, as one line a problem: where, the rule, the value, the way out.

Configs, feeds and strategies are all pydantic models, and say their problems in the same words; each names a place in
its own way (`Words`).
"""

from __future__ import annotations

import re
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from raisecash.messages.spelling import suggest
from raisecash.sections import OneOf

Keys = Sequence[str | int]

TOLD = "told"  # the type of a problem whose message is finished lines, of a table inside the table
RULES = {  # pydantic's words, where a reader of a config would not say them
    "bool_type": "must be true or false",
    "dict_type": "must be a table of keys and values",
    "finite_number": "must be a finite number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "mapping_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "path_type": "must be a path",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list",
}
LONGEST = 80  # characters of a value that are shown


class Words(ABC):
    """How one kind of table says where something in it is."""

    @abstractmethod
    def place(self, keys: Keys) -> str:
        """Return what a line about a value begins with: `execution.cash`; about the whole, without keys."""

    def table(self, keys: Keys) -> str:
        """Return what a line about a table inside begins with: `[[gate]] number 1`."""
        return self.place(keys)

    @abstractmethod
    def unknown(self, parents: Keys, key: str) -> str:
        """Return what the line about a key that nobody knows begins with: `no key 'csh' in [execution]`."""

    @abstractmethod
    def missing(self, parents: Keys, key: str) -> str:
        """Return the line about a key that must be there: `[market] needs the key 'assets'`."""

    def hint(self, key: str, holder: type[BaseModel] | None) -> str:
        """Return what an unknown key of a table was probably meant to be, as it is written."""
        fields = {} if holder is None else holder.model_fields
        return suggest(key, [field.alias or name for name, field in fields.items()])

    def rule(self, kind: str, key: str, holder: type[BaseModel] | None) -> str | None:
        """Return the rule of a pydantic kind of problem where this kind of table has its own words for it."""
        return None

    def shown(self, value: object) -> str:
        """Return a value as it is written: here as TOML has it, cut when long."""
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else shortened(repr(value))


def explain(error: ValidationError, model: type[BaseModel], words: Words) -> list[str]:
    """Return the lines that say everything that is wrong, in pydantic's order.

    Parameters
    ----------
    error : ValidationError
    model : class
        What was being made.
    words : Words
        How it names a place.
    """
    return [line for problem in error.errors() for line in _lines(model, words, problem)]


def shortened(text: str) -> str:
    """Return the words for a value, cut when long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _lines(model: type[BaseModel], words: Words, problem: Any) -> list[str]:
    """Return one problem in words; a check of the whole table may find several."""
    keys, holder = walked(model, problem["loc"])
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        key = str(keys[-1])
        return [f"{words.unknown(keys[:-1], key)}; {words.hint(key, holder)}"]
    if kind == "missing":
        return [words.missing(keys[:-1], str(keys[-1]))]
    if kind == "union_tag_not_found":
        return [words.missing(keys, context["discriminator"].strip("'"))]
    if kind == "union_tag_invalid":
        place = words.place([*keys, context["discriminator"].strip("'")])
        return [f"{place} must be one of {context['expected_tags']}, got {words.shown(context['tag'])}"]
    own = words.rule(kind, str(keys[-1]), holder) if keys else None
    rule = own or RULES.get(kind) or str(problem["msg"]).removeprefix("Value error, ")
    rule = re.sub(r"^\w+ should ", "must ", rule)
    if rule.startswith("must "):
        return [f"{words.place(keys)} {rule}, got {words.shown(problem['input'])}".lstrip()]
    begin = words.table(keys)
    tail = "" if kind == TOLD or isinstance(problem["input"], Mapping | BaseModel) else _got(words, problem)
    return [f"{begin and f'{begin}: '}{line}{tail}" for line in rule.splitlines()]


def _got(words: Words, problem: Any) -> str:
    return f", got {words.shown(problem['input'])}"


def walked(model: type[BaseModel], place: Keys) -> tuple[list[str | int], type[BaseModel] | None]:
    """Return the keys that pydantic's place of a problem names, and the model whose field the last of them is.

    Between the keys pydantic names the form of a union that it tried, and after them that it means
    a key itself; a reader of a config knows neither.
    """
    keys: list[str | int] = []
    here: Any = model
    holder: type[BaseModel] | None = None
    for part in place:
        one_of = next((each for each in getattr(here, "__metadata__", ()) if isinstance(each, OneOf)), None)
        if one_of is not None:
            here = one_of.of(str(part))
            continue
        forms = _forms(here)
        if len(forms) > 1:
            here = next((form for form in forms if _is_called(form, part)), forms[0])
            continue
        if part == "[key]":
            break
        here, holder = _inside(forms[0] if forms else None, part)
        keys.append(part)
    return keys, holder


def _forms(annotation: Any) -> list[Any]:
    """Return the forms a value may have: those of a union but for None, or the one there is."""
    bare = _bare(annotation)
    if get_origin(bare) in (Union, types.UnionType):
        some = [each for each in get_args(bare) if each is not type(None)]
        return some if len(some) > 1 else _forms(some[0])
    return [] if bare is None else [annotation]


def _bare(annotation: Any) -> Any:
    """Return an annotation without what is attached to it."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _is_called(form: Any, part: str | int) -> bool:
    """Return whether pydantic's word for a form of a union means this one."""
    tags = [each.tag for each in getattr(form, "__metadata__", ()) if isinstance(each, Tag)]
    bare = _bare(form)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        tags.append(bare.__name__)
        for field in bare.model_fields.values():
            tags += get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return part in tags


def _inside(form: Any, part: str | int) -> tuple[Any, type[BaseModel] | None]:
    """Return the annotation of what lies under a key or a number, and the model that declares the key."""
    bare = _bare(form)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        field = next((each for name, each in bare.model_fields.items() if part in (each.alias, name)), None)
        return (None if field is None else field.annotation), bare
    held = [each for each in get_args(bare) if each is not Ellipsis]
    return (held[-1] if held else None), None
