"""The rules every history obeys, whoever delivered it: a series that breaks one never gets further."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from raisecash.data.history import Finding
from raisecash.data.request import Missing
from raisecash.errors import DataError
from raisecash.messages.words import counted, stamp

PRICES = ("open", "high", "low", "close")
Where = Callable[[int], str]


def check_times(times: pd.DatetimeIndex, *, where: str, at: Where) -> None:
    """Raise at the first time that repeats another or does not come after the one before it."""
    found = first_disorder(times)
    if found is None:
        return
    row, repeats = found
    if repeats:
        raise DataError(f"{where}: {at(row)}: {stamp(times[row])} must occur once; drop the repeated line")
    raise DataError(
        f"{where}: {at(row)}: dates must ascend, got {stamp(times[row])} after {stamp(times[row - 1])}; "
        "sort the lines by date, oldest first"
    )


def first_disorder(times: pd.DatetimeIndex) -> tuple[int, bool] | None:
    """Return the first row that repeats an earlier time, else the first that goes back, and whether it repeats.

    None where times ascend and each occurs once.
    """
    repeated = times.duplicated()
    if repeated.any():
        return int(repeated.argmax()), True
    backwards = np.flatnonzero(np.diff(times.asi8) < 0)
    return (int(backwards[0]) + 1, False) if len(backwards) else None


def clean_prices(
    bars: pd.DataFrame, *, name: str, where: str, at: Where, missing: Missing
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return bars that obey every rule, and what the `missing` option did to those without a price.

    Parameters
    ----------
    bars : DataFrame
        Columns open, high, low, close, volume, optionally adj_close and dividends; NaN where there is
        no figure.
    name, where, at
        The series, what messages begin with, and how a row is named in them.
    missing : {"error", "carry", "drop"}
        For a bar without a price: raise, repeat the last close as its open, high, low and close
        (with volume 0), or leave it out; a dividend of a bar left out is paid on the next one.

    Raises
    ------
    DataError
        Times repeat or descend; a price is missing, not positive or not finite; high is below low;
        volume or a dividend is negative.
    """
    times = pd.DatetimeIndex(bars.index)
    check_times(times, where=where, at=at)
    prices = [column for column in (*PRICES, "adj_close") if column in bars.columns]
    values = bars[prices].to_numpy(dtype=float)
    empty = np.isnan(values)
    bad = np.argwhere(~empty & ~((values > 0) & np.isfinite(values)))
    if len(bad):
        row, column = bad[0]
        raise DataError(
            f"{where}: {at(int(row))} ({stamp(times[row])}): {prices[column]} must be a positive number, "
            f"got {values[row, column]:g}; correct the figure or drop the line"
        )
    high, low = prices.index("high"), prices.index("low")
    upside_down = np.flatnonzero(values[:, high] < values[:, low])
    if len(upside_down):
        row = upside_down[0]
        raise DataError(
            f"{where}: {at(int(row))} ({stamp(times[row])}): high must not be below low, "
            f"got high {values[row, high]:g} and low {values[row, low]:g}"
        )
    negative = np.flatnonzero(bars["volume"].to_numpy(dtype=float) < 0)
    if len(negative):
        row = negative[0]
        raise DataError(
            f"{where}: {at(int(row))} ({stamp(times[row])}): volume must not be negative, "
            f"got {bars['volume'].iloc[row]:g}"
        )
    if "dividends" in bars.columns:
        paid = bars["dividends"].to_numpy(dtype=float)
        wrong = np.flatnonzero(~((paid >= 0) & np.isfinite(paid)))
        if len(wrong):
            row = wrong[0]
            raise DataError(
                f"{where}: {at(int(row))} ({stamp(times[row])}): dividends must be 0 or more, got {paid[row]:g}"
            )
    gone = empty.any(axis=1)
    if not gone.any():
        return bars, ()
    if missing == "error":
        row = int(gone.argmax())
        column = prices[int(empty[row].argmax())]
        raise DataError(
            f"{where}: {at(row)} ({stamp(times[row])}): {column} is missing "
            f'({int(gone.sum())} such bars); fill it in, or set missing = "carry" or "drop"'
        )
    return _without_holes(bars, gone, prices, name, where, missing)


def clean_values(values: pd.Series, *, where: str, at: Where) -> pd.Series:
    """Return a signal's values without its blanks; any sign is allowed, infinity is not."""
    times = pd.DatetimeIndex(values.index)
    check_times(times, where=where, at=at)
    infinite = np.isinf(values.to_numpy(dtype=float))
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(
            f"{where}: {at(row)} ({stamp(times[row])}): the value must be finite, got {values.iloc[row]}"
        )
    kept = values.dropna()
    if kept.empty:
        raise DataError(f"{where}: every value is blank")
    return kept


def _without_holes(
    bars: pd.DataFrame, gone: np.ndarray, prices: list[str], name: str, where: str, missing: Missing
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the bars with the empty ones dropped or carried, and a finding that says so."""
    times = pd.DatetimeIndex(bars.index)[gone]
    if missing == "carry":
        if gone[0]:
            raise DataError(
                f'{where}: the first bar ({stamp(times[0])}) has no price and missing = "carry" has nothing to '
                'carry; start later, or set missing = "drop"'
            )
        kept = bars.copy()
        for column in prices:
            source = "adj_close" if column == "adj_close" else "close"
            carried = bars[source].where(~gone).ffill()
            kept[column] = bars[column].where(~gone, carried)
        kept["volume"] = bars["volume"].where(~gone, 0.0)
    else:
        if gone.all():
            raise DataError(f"{where}: no bar has a price")
        kept = _paid_later(bars, gone)[~gone]
    action = "repeat the last close" if missing == "carry" else "are left out"
    finding = Finding(
        series=name,
        kind="missing",
        severity="warning",
        first=stamp(times[0]),
        last=stamp(times[-1]),
        count=int(gone.sum()),
        message=f'{name}: {counted(int(gone.sum()), "bar")} without a price {action} (missing = "{missing}")',
    )
    return kept, (finding,)


def _paid_later(bars: pd.DataFrame, gone: np.ndarray) -> pd.DataFrame:
    """Return bars in which the dividends of those that go are paid on the next bar that stays."""
    if "dividends" not in bars.columns or not (gone & (bars["dividends"].to_numpy() > 0)).any():
        return bars
    stays = np.cumsum(~gone) - (~gone)  # bars that stay, counted before each one
    paid = bars["dividends"].groupby(stays).transform("sum")
    return bars.assign(dividends=paid.where(~gone, 0.0))
