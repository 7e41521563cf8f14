"""Sections of a file that a person wrote: frozen, every key known, and no text taken for a number.

A config and the gates in it are made of them. Some keys take a section of one of several kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Union

from pydantic import BaseModel, ConfigDict, Discriminator, GetCoreSchemaHandler, Tag
from pydantic_core import CoreSchema

PLAIN, TABLE = (
    "{value}",
    "{table}",
)  # tags of the two forms a key may take; no key of a config looks like this


class Section(BaseModel):
    """A table of the file: unknown keys and values of another type are errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
    )


class TaggedSection(Section):
    """A section that is one of several kinds, told by a key that it alone has."""

    key: ClassVar[str]


class OneOf:
    """What stands in an annotation whose section may be of several kinds: `Annotated[Gate, OneOf(MetricGate, ...)]`.

    Parameters
    ----------
    *kinds : TaggedSection classes
        The first kind's key is the one that a section with none of the keys is told to have.
    """

    def __init__(self, *kinds: type[TaggedSection]) -> None:
        self._by_tag = {f"{{{kind.key}}}": kind for kind in reversed(kinds)}
        first, *others = (kind.key for kind in kinds)
        self._missing = f"needs the key {first!r}" + (
            f" (or {' or '.join(map(repr, others))})" if others else ""
        )

    def of(self, tag: str | None) -> type[TaggedSection] | None:
        """Return the kind of a tag in the place of an error."""
        return None if tag is None else self._by_tag.get(tag)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        told = Discriminator(self._tag, custom_error_type="no_kind", custom_error_message=self._missing)
        members = tuple(Annotated[kind, Tag(tag)] for tag, kind in self._by_tag.items())
        return handler.generate_schema(Annotated[Union[members], told])  # noqa: UP007  # as many as there are

    def _tag(self, value: Any) -> str | None:
        """Return the tag of the first kind, the last named first, whose key a section has."""
        if isinstance(value, TaggedSection):
            return f"{{{value.key}}}"
        if not isinstance(value, Mapping):
            return next(reversed(self._by_tag))  # whose error says that it must be a table
        return next((tag for tag, kind in self._by_tag.items() if kind.key in value), None)


def either(value: Any) -> str:
    """Return which of two forms a key was given in."""
    return TABLE if isinstance(value, dict | BaseModel) else PLAIN


def is_tag(part: object) -> bool:
    """Return whether a part of an error's place is a tag and no key."""
    return isinstance(part, str) and part.startswith("{")
