"""`FileFeed`: a file of prices or values in any of the usual spellings of its columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from raisecash.data.checks.validate import clean_prices, clean_values
from raisecash.data.feed import Feed
from raisecash.data.history import Finding, History, found
from raisecash.data.request import Price, Request
from raisecash.data.text.table import Table, normalise, numbers
from raisecash.data.text.times import parse_times
from raisecash.errors import DataError
from raisecash.messages.spelling import suggest

# The usual spellings, without case and punctuation, the more telling name first.
SPELLINGS = {
    "time": (
        "datetime",
        "timestamp",
        "date",
        "observationdate",
        "time",
        "opentime",
        "day",
        "index",
        "unnamed0",
    ),
    "open": ("open", "openprice"),
    "high": ("high", "highprice"),
    "low": ("low", "lowprice"),
    "close": ("close", "closeprice", "price", "last"),
    "adj_close": ("adjclose", "adjustedclose", "closeadj", "closeadjusted"),
    "volume": ("volume", "vol"),
    "dividends": ("dividends", "dividend"),
}


class FileFeed(Feed):
    """A single file; what the feeds of files share."""

    path: Path = Field(strict=False, description="the file; relative to the config")
    column: str | None = Field(None, description="the one column to take: a signal's value, or a close")
    price: Price | None = Field(
        None,
        description="adjusted for dividends (the default where the file has Adj Close), or raw, with the file's "
        "Dividends credited as cash",
    )

    def prices(self, name: str, request: Request) -> History:
        where = f"{name}: {self.path}"
        table = self._read(where)
        return price_history(
            table,
            name=name,
            where=where,
            source=f"file {self.path.name}",
            feed=self,
            price=self.price,
            column=self.column,
        )

    def signal(self, name: str, request: Request) -> History:
        where = f"{name}: {self.path}"
        table = self._read(where)
        column = self.column
        if column is None and self.price == "adjusted":
            column = _columns(table)["adj_close"] or _no_adjusted(table, where)
        return value_history(
            table, name=name, where=where, source=f"file {self.path.name}", lag=self.known_lag, column=column
        )

    def describe(self) -> str:
        return f"{self.kind} {self.path}"

    def _read(self, where: str) -> Table:
        raise NotImplementedError


def price_history(
    table: Table,
    *,
    name: str,
    where: str,
    source: str,
    feed: Feed,
    price: Price | None,
    column: str | None = None,
) -> History:
    """Return a table as bars; with a close alone, open = high = low = close."""
    roles = _columns(table)
    if column is not None:
        roles = {**dict.fromkeys(roles), "time": roles["time"], "close": _named(table, column, where)}
    times = _times(table, roles["time"], where)
    if roles["close"] is None:
        raise DataError(
            f"{where}: no close column (Close, Price, Last); the header is {', '.join(table.columns)}"
        )
    if price == "adjusted" and roles["adj_close"] is None:
        _no_adjusted(table, where)
    figures = {
        role: numbers(table, spelled, where=where)
        for role, spelled in roles.items()
        if spelled is not None and role != "time"
    }
    paid = figures.pop("dividends", None)
    uncredited = _uncredited(name, figures, paid, times, price)
    if price == "raw":
        figures.pop("adj_close", None)
    bars = as_bars(figures, times)
    if price == "raw" and paid is not None:
        bars["dividends"] = np.where(np.isnan(paid), 0.0, paid)
    bars, findings = clean_prices(bars, name=name, where=where, at=table.at, missing=feed.missing)
    return adjusted(bars, name=name, source=source, findings=(*uncredited, *findings))


def value_history(
    table: Table, *, name: str, where: str, source: str, lag: int, column: str | None = None
) -> History:
    """Return one column as a signal: the one named, or Close, Value, or the only one there is."""
    roles = _columns(table)
    times = _times(table, roles["time"], where)
    if column is not None:
        chosen = _named(table, column, where)
    else:
        others = [spelled for spelled in table.columns if spelled != roles["time"]]
        value = next((spelled for spelled in others if normalise(spelled) == "value"), None)
        single = others[0] if len(others) == 1 else None
        found = roles["close"] or value or single
        if found is None:
            raise DataError(
                f"{where}: which of {', '.join(others) or 'no columns'} is the value cannot be known; "
                'name it with column = "..."'
            )
        chosen = found
    values = pd.Series(numbers(table, chosen, where=where), index=times)
    kept = clean_values(values, where=where, at=table.at)
    return History(name=name, frame=kept.to_frame("value"), source=source, lag=lag)


def as_bars(figures: dict[str, np.ndarray], times: pd.DatetimeIndex) -> pd.DataFrame:
    """Return bars from the figures there are; an absent one follows from open and close."""
    close = figures["close"]
    opening = figures.get("open", close)
    high = figures.get("high")
    low = figures.get("low")
    bars = {
        "open": opening,
        "high": np.maximum(opening, close) if high is None else high,
        "low": np.minimum(opening, close) if low is None else low,
        "close": close,
        "volume": figures.get("volume", np.full(len(times), np.nan)),
    }
    if "adj_close" in figures:
        bars["adj_close"] = figures["adj_close"]
    return pd.DataFrame(bars, index=times, dtype=float)


def adjusted(bars: pd.DataFrame, *, name: str, source: str, findings: tuple[Finding, ...] = ()) -> History:
    """Return the history of checked bars, prices scaled by adj_close / close where that column is."""
    if "adj_close" in bars.columns:
        factor = bars["adj_close"] / bars["close"]
        scaled = bars[["open", "high", "low"]].mul(factor, axis=0)
        bars = scaled.assign(close=bars["adj_close"], volume=bars["volume"])
        source = f"{source}, adjusted for dividends"
    return History(name=name, frame=bars, source=source, findings=findings)


def _uncredited(
    name: str,
    figures: dict[str, np.ndarray],
    paid: np.ndarray | None,
    times: pd.DatetimeIndex,
    price: Price | None,
) -> tuple[Finding, ...]:
    """Return which dividends the account will not see: nothing is paid on a guess."""
    if price is None and paid is not None and "adj_close" not in figures:
        ex_dates = times[np.nan_to_num(paid) > 0]
        message = (
            f"the file has {len(ex_dates)} dividends and no Adj Close: its prices are taken as adjusted for them; "
            'say price = "raw" to have them paid as cash'
        )
    elif price == "raw" and paid is None and "adj_close" in figures:
        factor = figures["adj_close"] / figures["close"]
        ex_dates = times[1:][np.abs(np.diff(factor)) > 1e-4 * factor[1:]]
        message = (
            f"raw prices, and no Dividends column: some {len(ex_dates)} dividends that Adj Close shows are not paid; "
            "add the column, or leave price out"
        )
    else:
        return ()
    return (found(name, "uncredited", "warning", ex_dates, message),) if len(ex_dates) else ()


def _columns(table: Table) -> dict[str, str | None]:
    """Return the column that plays each role, None where there is none."""
    spelled = {normalise(name): name for name in table.columns}
    roles = {
        role: next((spelled[word] for word in words if word in spelled), None)
        for role, words in SPELLINGS.items()
    }
    first = next(iter(table.columns))
    if roles["time"] is None and first == "":
        roles["time"] = first  # an index written without a name
    return roles


def _times(table: Table, column: str | None, where: str) -> pd.DatetimeIndex:
    if column is None:
        raise DataError(
            f"{where}: no date column (Date, Datetime, Timestamp, Time); the header is {', '.join(table.columns)}"
        )
    return parse_times(table, column, where=where)


def _named(table: Table, column: str, where: str) -> str:
    """Return the header's spelling of a column named in the config."""
    if column in table.columns:
        return column
    spelled = {normalise(name): name for name in table.columns}
    if normalise(column) in spelled:
        return spelled[normalise(column)]
    raise DataError(f"{where}: no column {column!r}; {suggest(column, table.columns)}")


def _no_adjusted(table: Table, where: str) -> str:
    raise DataError(
        f'{where}: price = "adjusted" needs an Adj Close column; the header is {", ".join(table.columns)}; '
        "leave price out to take the prices as they are"
    )
