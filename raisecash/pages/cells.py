"""Cells of a page's tables: a value as it reads, or a dash that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raisecash.pages.formatting import DASH, in_unit, is_defined

if TYPE_CHECKING:
    from raisecash.metrics.table import Metric


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number: as it reads, why it is a dash, its exact value, and its background."""

    text: str
    reason: str = ""
    value: str = ""
    shade: str = ""


def metric_cell(metric: Metric, metrics: Mapping[str, float], undefined: Mapping[str, str]) -> Cell:
    """Return a metric of an account as it reads in its unit, or a dash that says why it is not defined."""
    value = metrics.get(metric.name)
    if value is None or not is_defined(value):
        return Cell(text=DASH, reason=undefined.get(metric.name, "not defined for this account"))
    return Cell(text=in_unit(value, metric.unit), value=repr(float(value)))
