"""The market of a config: its series, window, clock and events, loaded."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from raisecash.config.model import Config
from raisecash.data.load import Loaded, load_market
from raisecash.data.reading import Sources
from raisecash.errors import RaisecashError
from raisecash.study.blame import prefixed
from raisecash.study.progress import Progress


def market_of(
    config: Config, *, data_dir: Path | None, offline: bool, progress: Progress, refresh: bool = False
) -> Loaded:
    """Return the config's market and where it came from."""
    table, fallback = config.market, config.market.fallback
    try:
        return load_market(
            table.assets,
            table.signals,
            cash_yield=config.execution.cash_yield,
            events=config.events_path,
            events_strict=table.events_strict,
            start=None if table.start is None else pd.Timestamp(table.start),
            end=None if table.end is None else pd.Timestamp(table.end),
            clock=table.clock,
            data_dir=data_dir,
            offline=offline,
            refresh=refresh,
            progress=progress.say,
            fallback=None
            if fallback is None
            else Sources(fallback.assets, fallback.signals, fallback.cash_yield),
        )
    except RaisecashError as error:
        raise prefixed(error, str(config.path)) from error
