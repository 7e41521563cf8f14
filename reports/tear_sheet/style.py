"""quantstats' look without its side effects: style, backend and SVG of a tear sheet's figures."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

FONT = "DejaVu Sans"  # ships with matplotlib; quantstats' Arial is on few servers
WIDTH = 8.0  # inches, as in quantstats' report
BENCHMARK, STRATEGY = "#FEDD78", "#348DC1"  # quantstats' first two colours
BOXES = ("#FEDD78", "#348DC1", "#BA516B", "#4FA487", "#9B59B6")
COLOUR_CODES = "bgrmyckw"  # what `color="b"` means: seaborn changes it for the whole process

INK = "#444444"

_UNWANTED = re.compile(r"\s*<(metadata|style)\b.*?</\1>", re.S)
_TAG = re.compile(r"<[^>]*>")  # matplotlib escapes < and > in text and attributes
_OWN_NAME = re.compile(r'\b(id="|href="#|url\(#)')
_PATH = re.compile(r'(?<= d=")[^"]*')
_FINE = re.compile(r"(?<=\.\d\d)\d+")


@contextmanager
def quantstats_style() -> Iterator[Any]:
    """Yield quantstats' plotting module under its own style, on the Agg backend; then put everything back.

    Importing quantstats changes matplotlib's settings, its colour codes and its date converters, and
    its functions draw through pyplot: none of that may reach a caller's own figures.
    """
    import matplotlib as mpl

    shared = "matplotlib.pyplot" in sys.modules  # a caller draws too
    import matplotlib.pyplot as plt

    before = mpl.get_backend(auto_select=False) or (mpl.rcParamsOrig["backend"] if shared else None)
    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that matplotlib's font lacks is measured roughly, and drawn by the browser, which has it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        core = _import_quantstats()
        import seaborn

        plt.switch_backend("agg")
        mpl.rcdefaults()
        mpl.rcParams.update(seaborn.plotting_context("notebook", font_scale=0.95))
        mpl.rcParams.update(seaborn.axes_style("darkgrid"))
        mpl.rcParams.update(
            {
                "font.family": FONT,
                "axes.facecolor": "white",
                "figure.facecolor": "white",
                "grid.color": "#dddddd",
                "grid.linewidth": 0.5,
                "lines.linewidth": 1.5,
                "text.color": "#333333",
                "xtick.color": "#666666",
                "ytick.color": "#666666",
                "text.parse_math": False,  # a strategy's name is text, whatever dollar signs are in it
                "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
                "svg.hashsalt": "raisecash",  # the same ids in every process
            }
        )
        try:
            with _margins_left_alone():
                yield core
        finally:
            if before not in (None, "agg"):
                plt.switch_backend(before)


@contextmanager
def _margins_left_alone() -> Iterator[None]:
    """Let no figure fit its margins or turn its dates: `drawing.finish` sets both, and fitting draws it once more."""
    from matplotlib.figure import Figure

    before = {name: getattr(Figure, name) for name in ("tight_layout", "autofmt_xdate")}
    for name in before:
        setattr(Figure, name, lambda *_, **__: None)
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(Figure, name, method)


def _import_quantstats() -> Any:
    """Return quantstats' drawing functions, imported without what the import does to the process."""
    from matplotlib import colors, units

    codes = {code: colors.ColorConverter.colors[code] for code in COLOUR_CODES}
    converters = dict(units.registry)
    from quantstats._plotting import core

    colors.ColorConverter.colors.update(codes)
    colors.ColorConverter.cache.clear()
    units.registry.clear()
    units.registry.update(converters)
    return core


def to_svg(figure: Any, *, key: str, label: str) -> str:
    """Return a figure as an inline SVG element: no date, no outside address, names of its own.

    Parameters
    ----------
    figure : Figure
    key : str
        Put in front of every id, so that several figures share one page.
    label : str
        What the picture shows, for screen readers; already escaped for HTML.
    """
    stream = StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    text = _UNWANTED.sub("", stream.getvalue())
    root = text.index("<svg")
    body = text.index(">", root) + 1
    box = text[text.index('viewBox="', root) :].split('"', 2)[1]
    drawn = _TAG.sub(lambda tag: _own_tag(tag.group(), key), text[body:]).strip()
    return f'<svg viewBox="{box}" role="graphics-document" aria-label="{label}">{drawn}'


def _own_tag(tag: str, key: str) -> str:
    """Return a tag with names of this figure's own, coordinates to 0.01 point, and a font that is everywhere."""
    if tag.startswith("<path"):
        tag = _PATH.sub(lambda path: _FINE.sub("", path.group()), tag)
    tag = tag.replace(f"'{FONT}'", f"'{FONT}', Verdana, Arial, sans-serif")
    return _OWN_NAME.sub(rf"\g<1>{key}-", tag)
