"""Templates to HTML: everything escaped, everything inline, the same bytes for the same values."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raisecash.pages import formatting

if TYPE_CHECKING:
    from jinja2 import Environment

SHARED = Path(__file__).parent / "templates"


def render(template: Path, **values: Any) -> str:
    """Return a template filled in, as text.

    Parameters
    ----------
    template : Path
        A report's own file. What it extends or includes is looked for in its folder first and then among
        the shared ones: `base.html`, `parts/macros.html`, `parts/style.css`.
    values
        By the names the template uses; one that it asks for and does not get is an error.
    """
    return _environment(template.parent).get_template(template.name).render(**values)


@cache
def _environment(folder: Path) -> Environment:
    """Return the environment of one report's templates, with the number formats as filters."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, SHARED]),
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
