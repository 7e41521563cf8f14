"""Reads a page back as a browser would: elements, their attributes and their text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "br", "img", "line", "input", "hr"}


@dataclass
class Element:
    """One element: its tag, its attributes, what is inside."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text inside, white space as one blank."""
        inside = "".join(child if isinstance(child, str) else f" {child.text} " for child in self.children)
        return " ".join(inside.split())

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements inside with this tag and these attributes, in page order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
                if child.tag == (tag or child.tag) and wanted.items() <= child.attributes.items():
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only such element."""
        (found,) = self.all(tag, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(page: str) -> Element:
    """Return the page's elements; a page whose tags do not nest is an error."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], f"never closed: {[element.tag for element in reader.open[1:]]}"
    return reader.root


def figures(page: Element) -> dict[str, Any]:
    """Return the charts' data as the page's script reads it."""
    data: dict[str, Any] = json.loads(
        "".join(str(part) for part in page.one("script", id="chart-data").children)
    )
    return data


def number_on_page(text: str) -> tuple[float, float]:
    """Return what a number on a page says, and by how much rounding may have moved it."""
    digits = text.replace("−", "-").replace(",", "")
    scale = 0.01 if digits.endswith("%") else 1.0
    digits = digits.rstrip("%")
    assert re.fullmatch(r"-?\d+(\.\d+)?", digits), f"not a number: {text!r}"
    decimals = len(digits.partition(".")[2])
    return float(digits) * scale, 0.5000001 * 10.0**-decimals * scale
