"""Templates to HTML: everything escaped, everything inline, the same bytes for the same values."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raisecash.pages import formatting

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Return a template of this package filled in; a name the template asks for and does not get is an error."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    """Return the one template environment, with the number formats as filters."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for show in (
        formatting.counted,
        formatting.day,
        formatting.days,
        formatting.money,
        formatting.number,
        formatting.percent,
        formatting.shares,
        formatting.small,
    ):
        environment.filters[show.__name__] = show
    return environment
