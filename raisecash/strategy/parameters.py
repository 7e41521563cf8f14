"""`Parameters`: named, bounded, frozen values, what a strategy is made with; `Part`: some that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from raisecash.errors import ParameterError
from raisecash.messages.explain import Keys, Words, explain, shortened
from raisecash.messages.spelling import nearest


class Parameters(BaseModel):
    """Named values with bounds, keyword-only and frozen; two with equal values are equal.

    A parameter may be a `Part`, a group of parameters with a name of its own: in a config a table, in
    a dotted name the word before the dot (`opens.fall`). What its table leaves out stays as the
    default has it. One that may also be None can be switched off, which a config writes `false`.

    Raises
    ------
    ParameterError
        When a parameter is unknown or outside its bounds; names it with its dots.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    renamed: ClassVar[Mapping[str, str]] = {}  # names that parameters had before, each with today's

    def __init__(self, **parameters: Any) -> None:
        try:
            super().__init__(**parameters)
        except ValidationError as error:
            lines = explain(error, type(self), _ParameterWords(type(self)))
            raise ParameterError("\n".join(lines)) from error

    # pydantic's own mark: inside a strategy a part's table is checked with the rest, and not by calling `__init__`,
    # so that all that is wrong is told at once and by its dotted name.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # functions have no such attribute

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, given: Any) -> Any:
        """Read false as None where a part may be left out, and lay a part's table over the part that is default."""
        if not isinstance(given, Mapping) or not any(
            v is False or isinstance(v, Mapping) for v in given.values()
        ):
            return given
        return {name: _complete(cls, name, value) for name, value in given.items()}


class Part(Parameters):
    """Parameters that mean something together, and what is worked out from them.

    Subclass it as a strategy is: annotated fields with bounds and a description, and a method that
    takes the market. A strategy that has one declares it like any parameter,
    `opens: CalmYield | None = Field(CalmYield(), description="...")`; without `| None` it cannot be
    switched off. `repr` is the call that rebuilds it, what has its default left out.
    """

    def __repr__(self) -> str:
        own = type(self).model_fields
        told = [
            f"{name}={value!r}"
            for name in own
            if (value := getattr(self, name)) != own[name].get_default(call_default_factory=True)
        ]
        return f"{type(self).__name__}({', '.join(told)})"

    __str__ = __repr__


def part_in(model: type[BaseModel], name: str) -> type[Part] | None:
    """Return the class of a parameter that is a part, whether it can be switched off or not; None of any other."""
    field = model.model_fields.get(name)
    return None if field is None else next(_parts(field.annotation), None)


def dotted_names(model: type[BaseModel]) -> list[str]:
    """Return every parameter's name, those of a part with its dots, behind the part itself."""
    names = []
    for name in model.model_fields:
        names.append(name)
        part = part_in(model, name)
        names += [] if part is None else [f"{name}.{inner}" for inner in dotted_names(part)]
    return names


def check_name(owner: Parameters, name: str) -> None:
    """Raise ParameterError unless a strategy has the parameter of a dotted name.

    `opens.fall` is a part's; `base.params.stop` is that of the strategy that `base` is, spelled as in
    a config.
    """
    value: Any = owner
    model: type[BaseModel] = type(owner)
    where, rest = model.__name__, name.split(".")
    while rest:
        word, *rest = rest
        if word not in model.model_fields:
            raise ParameterError(f"{where} has no parameter {word!r}; {hint(model, word)}")
        value, part = getattr(value, word, None), part_in(model, word)
        where = f"{where}.{word}"
        if part is not None:
            model = part
        elif rest and not isinstance(value, Parameters):
            raise ParameterError(f"{where} has no parameters of its own, got {name!r}")
        elif rest and (rest[0] != "params" or len(rest) < 2):
            raise ParameterError(f"{where} is a strategy, write {word}.params.NAME, got {name!r}")
        elif rest:
            model, where, rest = type(value), type(value).__name__, rest[1:]


def hint(model: type[BaseModel], word: str) -> str:
    """Return what an unknown name was probably meant to be: today's name, a part's parameter, or the nearest."""
    renamed = getattr(model, "renamed", {})
    if word in renamed:
        today = renamed[word]
        off = "; false switches it off" if _may_be_off(model, today) else ""
        return f"it is called {today!r} now{off}"
    known: dict[str, list[str]] = {}
    for name in dotted_names(model):
        known.setdefault(name.rpartition(".")[2], []).append(name)
    near = nearest(word, known)
    if near is not None:
        return f"did you mean {' or '.join(map(repr, known[near]))}?"
    return f"it has {', '.join(model.model_fields) or 'none'}"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters' JSON schema with every part's in its place, without references."""
    schema = model.model_json_schema(by_alias=False)
    whole: dict[str, Any] = _in_place(schema, schema.pop("$defs", {}))
    return whole


class _ParameterWords(Words):
    """How a strategy names a place: `K3View.opens.fall`."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._name = model.__name__

    def place(self, keys: Keys) -> str:
        return ".".join((self._name, *map(str, keys)))

    def unknown(self, parents: Keys, key: str) -> str:
        return f"{self.place(parents)} has no parameter {key!r}"

    def missing(self, parents: Keys, key: str) -> str:
        return f"{self.place((*parents, key))} must be given"

    def hint(self, key: str, holder: type[BaseModel] | None) -> str:
        return hint(holder or Parameters, key)

    def rule(self, kind: str, key: str, holder: type[BaseModel] | None) -> str | None:
        part = None if holder is None else part_in(holder, key)
        if holder is None or part is None or kind not in ("model_type", "model_attributes_type"):
            return None
        off = " or false to switch it off" if _may_be_off(holder, key) else ""
        return f"must be a table of {', '.join(part.model_fields)}{off}"

    def shown(self, value: object) -> str:
        return shortened(repr(value))


def _complete(model: type[BaseModel], name: str, value: Any) -> Any:
    """Return what a parameter was given as it is meant: None for false, a table with what it leaves out."""
    if value is False:
        return None if _may_be_off(model, name) else value
    part = part_in(model, name) if isinstance(value, Mapping) else None
    if part is None:
        return value
    default = model.model_fields[name].get_default(call_default_factory=True, validated_data={})
    own = {each: getattr(default, each) for each in part.model_fields} if type(default) is part else {}
    return {**own, **value}


def _may_be_off(model: type[BaseModel], name: str) -> bool:
    """Return whether a parameter is a part that may be None."""
    field = model.model_fields.get(name)
    return field is not None and part_in(model, name) is not None and NoneType in get_args(field.annotation)


def _parts(annotation: Any) -> Iterator[type[Part]]:
    """Yield the parts an annotation allows, itself or beside others."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, Annotated):
        for each in get_args(annotation):
            yield from _parts(each)


def _in_place(schema: Any, known: Mapping[str, Any]) -> Any:
    """Return a JSON schema with each reference replaced by what it names; one to itself stays."""
    if isinstance(schema, list):
        return [_in_place(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {key: _in_place(value, known) for key, value in schema.items() if key != "$ref"}
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in known:
        rest = {key: value for key, value in known.items() if key != name}
        return {**_in_place(known[name], rest), **whole}
    return {**whole, "$ref": schema["$ref"]} if name else whole
