"""`summary.json`: what a study found, for scripts, in the outside contract's shape."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from raisecash.metrics.table import metric
from raisecash.pages.formatting import is_defined

if TYPE_CHECKING:
    from raisecash.study.study import Result, Study

SCHEMA = 1


def summary(study: Study) -> dict[str, Any]:
    """Return a study as the document of `summary.json`.

    Parameters
    ----------
    study : Study
        What a run produced.

    Returns
    -------
    dict
        Schema 1 of the outside contract. Metrics are fractions and money as they are, unrounded;
        one that is not defined is None. The window's ends are dates for daily bars and ISO times for
        intraday ones.
    """
    market, agreement = study.market, study.reconciliation
    first, last = market.bars[0], market.bars[-1]
    return {
        "schema": SCHEMA,
        "findings": [asdict(finding) for finding in study.findings],
        "name": study.name,
        "created": study.created.isoformat(),
        "periods_per_year": int(market.periods_per_year),
        "first_bar": first.strftime("%Y-%m-%d") if market.is_daily else first.isoformat(),
        "last_bar": last.strftime("%Y-%m-%d") if market.is_daily else last.isoformat(),
        "bars": len(market.bars),
        "reconciliation": {
            "engine": agreement.engine,
            "against": agreement.against,
            "max_relative_difference": float(agreement.max_relative_difference),
        },
        "results": [_result(result) for result in study.results],
    }


def to_json(document: dict[str, Any]) -> str:
    """Return a document as JSON text: two-space indent, keys in the document's order, a final newline.

    Raises
    ------
    ValueError
        When a number is NaN or infinite, which JSON has no word for.
    """
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _result(result: Result) -> dict[str, Any]:
    """Return one strategy or benchmark."""
    return {
        "name": result.name,
        "role": result.role,
        "use": result.use,
        "params": result.strategy.model_dump(mode="json"),
        "metrics": {key: _metric(key, value) for key, value in result.metrics.items()},
    }


def _metric(key: str, value: float) -> float | int | None:
    """Return a plain number, None for one that is not defined."""
    if not is_defined(value):
        return None
    return int(value) if metric(key).is_count else float(value)
