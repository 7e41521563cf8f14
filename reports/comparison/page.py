"""The comparison page: one HTML file that says what a study's strategies did beside its benchmarks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from raisecash.pages.formatting import counted, moment
from raisecash.pages.rendering import render
from raisecash.pages.sources import sources
from reports.comparison import charts, headline, tables

if TYPE_CHECKING:
    from raisecash.lookahead.run_time import LookAheadCheck
    from raisecash.pages.report import Page
    from raisecash.study.study import Study

PAGE = "index.html"
TEMPLATE = Path(__file__).parent / "templates" / "comparison.html"


def comparison_page(study: Study, *, pages: Iterable[Page] = ()) -> str:
    """Return a study as one HTML page that opens from disk, with everything it needs inside.

    Parameters
    ----------
    study : Study
        What a run produced.
    pages : iterable of Page, optional
        The run's other pages: one about a result is linked beside its headline, the others in the
        navigation.

    Returns
    -------
    str
        The same bytes for the same study. Charts need JavaScript; every table shows without it.
    """
    others = [page for page in pages if page.path != PAGE]
    drawn = tuple(chart(study) for chart in charts.CHARTS)
    benchmark = study.benchmark
    compared = study.strategies or study.results
    return render(
        TEMPLATE,
        study=study,
        made=moment(study.created),
        lead=headline.lead(study),
        headlines=[(result, headline.headline(result, benchmark)) for result in study.strategies],
        benchmark=benchmark,
        looks=charts.looks(study),
        links=[{"title": page.title, "href": quote(page.path), "result": page.result} for page in others],
        charts=drawn,
        chart_data=charts.embedded(study, drawn),
        plotly=charts.plotly_library(),
        metric_groups=tables.metric_groups(study),
        undefined=tables.undefined_reasons(study),
        july=[tables.july_table(result, benchmark) for result in compared],
        months=[tables.month_table(result) for result in study.results],
        deepest=tables.deepest_drawdowns(study),
        unfilled=tables.unfilled_orders(study),
        findings=tables.sorted_findings(study.findings),
        sources=sources(study.histories),
        config=json.dumps(study.config, indent=2, ensure_ascii=False, default=str),
        account=_account(study),
        lookahead={check.strategy: _checked(check) for check in study.lookahead},
    )


def _account(study: Study) -> dict[str, Any]:
    """Return the terms under which every result of a study was run."""
    backtest = study.results[0].backtest
    return {
        "cash": backtest.cash_at_start,
        "costs": backtest.costs,
        "rebalance": backtest.rebalance,
        "lots": {asset: size for asset, size in backtest.lots.items() if size},
        "engine": backtest.engine,
        "mean_yield": study.mean_cash_yield,
    }


def _checked(check: LookAheadCheck) -> str:
    """Return how a strategy's decisions were checked for looking ahead."""
    if check.by_construction:
        return "Decided bar by bar, served the past only."
    bars = counted(check.cuts, "bar")
    if check.of_orders:
        return (
            f"Run again at {bars} with the future cut off: no earlier order or fill changed. "
            "Every fill is on a bar that began after its order."
        )
    return f"Decided again at {bars} with the future cut off and falsified: no earlier weight changed."
