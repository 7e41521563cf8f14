"""`Market`: the aligned panel a strategy looks at and an engine trades on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from raisecash.data.calendars.clock import SEVEN_DAYS, infer_periods_per_year, is_daily, next_sessions
from raisecash.data.events import Chronicle, empty_events
from raisecash.data.panel import Panel
from raisecash.errors import DataError
from raisecash.messages.notebook import Line, as_html, in_lines, listed, value_told
from raisecash.messages.words import counted, stamp

PRICES = ("open", "high", "low", "close")
FRAMES = (*PRICES, "volume", "dividends", "signals", "events", "cash_yield")
DERIVED = {  # what is computed when it is asked for, and the fields it is computed from
    "bars": ("open",),
    "assets": ("open",),
    "last_close": ("close",),
    "is_open": ("open",),
    "panel": ("open", "close", "dividends", "cash_yield", "periods_per_year"),
    "_chronicle": ("events",),
}


class _Origin(NamedTuple):
    """What a past was cut from: the whole market, how many of its bars, and the time they end."""

    market: Market
    n_bars: int
    time: pd.Timestamp


# Kept beside the pasts and not in them: nothing that a strategy can read of its past leads to the future.
_origins: WeakKeyDictionary[Market, _Origin] = WeakKeyDictionary()


def _to_be_filled() -> Any:
    """Return what stands for a frame that was not given until the market is checked."""
    return None


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Market:
    """One aligned history of everything a strategy may look at.

    Parameters
    ----------
    open, high, low, close : DataFrame of shape (n_bars, n_assets)
        Prices, indexed by tz-naive bar times in ascending order; NaN where the asset is closed.
        On daily bars the index is the session date. `high` and `low` default to the larger and the
        smaller of open and close.
    volume : DataFrame of shape (n_bars, n_assets), optional
        NaN where unknown or closed.
    dividends : DataFrame of shape (n_bars, n_assets), optional
        Money per share paid on the bar (its ex-date) to who held the share at the bar before; 0
        where none. Only for prices that are not adjusted for them. Default none.
    signals : DataFrame of shape (n_bars, n_series), optional
        Series that can be looked at and not held; the value in row t was published by bar t
        (publication lags are already applied). NaN before the first publication.
    events : DataFrame, optional
        Dated events (`raisecash.data.events`): a row a vintage, with `event_date`, `announced_on` and
        `ended_on`, the day this vintage stopped standing (NaT while it stands).
    cash_yield : Series of shape (n_bars,) or float, optional
        Annual simple yield on cash known at each bar, as a fraction (0.04 is 4%). Default 0.
    clock : str
        `"union"`, or the asset whose sessions are the bars.
    periods_per_year : int, optional
        Bars in a year after resampling to day ends: 365 for a seven-day clock, 252 for exchange
        sessions. Inferred from the bars when not given.

    Raises
    ------
    DataError
        When the frames disagree in shape, are unsorted, or hold a price no market has.
    """

    open: pd.DataFrame
    close: pd.DataFrame
    high: pd.DataFrame = field(default_factory=_to_be_filled)
    low: pd.DataFrame = field(default_factory=_to_be_filled)
    volume: pd.DataFrame = field(default_factory=_to_be_filled)
    dividends: pd.DataFrame = field(default_factory=_to_be_filled)
    signals: pd.DataFrame = field(default_factory=_to_be_filled)
    events: pd.DataFrame = field(default_factory=_to_be_filled)
    cash_yield: pd.Series = field(default_factory=lambda: cast(pd.Series, 0.0))
    clock: str = "union"
    periods_per_year: int = 0

    def __post_init__(self) -> None:
        fill = object.__setattr__  # the class is frozen once this method ends
        bars, opens, closes = self.open.index, self.open, self.close
        defaults: dict[str, Callable[[], pd.DataFrame]] = {
            "high": lambda: opens.where(opens >= closes, closes),
            "low": lambda: opens.where(opens <= closes, closes),
            "volume": lambda: pd.DataFrame(np.nan, index=bars, columns=opens.columns),
            "dividends": lambda: pd.DataFrame(0.0, index=bars, columns=opens.columns),
            "signals": lambda: pd.DataFrame(index=bars),
            "events": empty_events,
        }
        for name, default in defaults.items():
            if getattr(self, name) is None:
                fill(self, name, default())
        if not isinstance(self.cash_yield, pd.Series):
            fill(self, "cash_yield", pd.Series(float(self.cash_yield), index=bars, name="cash_yield"))
        _check(self)
        if not self.periods_per_year:
            fill(self, "periods_per_year", infer_periods_per_year(self.bars))

    @classmethod
    def from_frames(cls, frames: Mapping[str, pd.DataFrame], **others: Any) -> Market:
        """Return the market of price frames that share one clock, the union of their bars.

        Parameters
        ----------
        frames : mapping of asset name to DataFrame
            Each with columns open, close and optionally high, low, volume, indexed by bar time.
        **others
            Any other field of `Market`.
        """
        bars = pd.DatetimeIndex(sorted(set().union(*(frame.index for frame in frames.values()))))
        columns: dict[str, Any] = {
            name: pd.DataFrame(
                {asset: frame[name].reindex(bars) for asset, frame in frames.items()}, index=bars, dtype=float
            )
            for name in (*PRICES, "volume")
            if all(name in frame.columns for frame in frames.values())
        }
        return cls(**columns, **others)

    if not TYPE_CHECKING:  # a type checker knows the fields, and shall know no others

        def __getattr__(self, name: str) -> Any:
            """Cut a frame of a past from the whole market's, when it is first asked for."""
            origin = _origins.get(self) if name in FRAMES else None
            if origin is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            if name == "events":
                cut = origin.market._chronicle.known_on(origin.time)
            else:
                cut = getattr(origin.market, name).iloc[: origin.n_bars]
            self.__dict__[name] = cut
            return cut

    def __repr__(self) -> str:
        signals = [str(name) for name in self.signals.columns]
        facts = {
            "assets": listed(self.assets),
            "signals": listed(signals),
            "events": f"{len(self.events):,} dated events" if len(self.events) else "",
            "clock": f"{self.clock}, {self.periods_per_year} periods a year",
        }
        return in_lines(self._title, facts.items())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a line of prices an asset, a line of values a signal."""
        rows = []
        for kind, frame in (("asset", self.last_close), ("signal", self.signals)):
            for number, name in enumerate(frame.columns):
                values = frame.iloc[:, number]
                known = values.dropna()
                since, last = (
                    (stamp(known.index[0]), value_told(known.iloc[-1])) if len(known) else ("–", "–")
                )
                rows.append((str(name), kind, since, last, Line(values.to_numpy(dtype=float))))
        notes = [f"{len(self.events):,} dated events"] if len(self.events) else []
        return as_html(self._title, ("", "", "since", "last", ""), rows, notes, left=2)

    @property
    def _title(self) -> str:
        """How many bars there are, and from when to when."""
        first, last = stamp(self.bars[0]), stamp(self.bars[-1])
        return (
            f"Market: {counted(len(self.bars), 'daily bar' if self.is_daily else 'bar')}, {first} to {last}"
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields, for a copy or another process: a past arrives there whole and alone."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @cached_property
    def bars(self) -> pd.DatetimeIndex:
        """The clock's bar times, ascending."""
        origin = _origins.get(self)
        return (
            cast(pd.DatetimeIndex, self.open.index) if origin is None else origin.market.bars[: origin.n_bars]
        )

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Names of what can be held, in column order."""
        origin = _origins.get(self)
        return tuple(str(name) for name in self.open.columns) if origin is None else origin.market.assets

    @property
    def is_daily(self) -> bool:
        """Whether every bar is a session date (midnight) and not a time of day."""
        return is_daily(self.bars)

    @property
    def is_seven_days(self) -> bool:
        """Whether the clock has a bar on every day of the week, and not on exchange sessions or more rarely."""
        return self.periods_per_year >= SEVEN_DAYS

    @property
    def next_sessions(self) -> pd.DatetimeIndex:
        """The day on which a decision at each bar is first traded, as far as the calendar alone tells.

        The next calendar day on a seven-day clock, the next weekday on exchange sessions, the same
        day on intraday bars. Holidays are not looked up: an order then waits for the next open.
        """
        return next_sessions(self.bars, seven_days=self.is_seven_days)

    @cached_property
    def last_close(self) -> pd.DataFrame:
        """The newest close known at each bar, shape (n_bars, n_assets); NaN before the first."""
        origin = _origins.get(self)
        return self.close.ffill() if origin is None else origin.market.last_close.iloc[: origin.n_bars]

    @cached_property
    def is_open(self) -> pd.DataFrame:
        """Whether the asset has a bar, shape (n_bars, n_assets)."""
        origin = _origins.get(self)
        return self.open.notna() if origin is None else origin.market.is_open.iloc[: origin.n_bars]

    @cached_property
    def panel(self) -> Panel:
        """This market as bare arrays, for the engines and the metrics; built once."""
        return Panel.of(
            self.bars,
            open=self.open,
            close=self.close,
            last_close=self.last_close,
            dividends=self.dividends,
            cash_yield=self.cash_yield,
            periods_per_year=self.periods_per_year,
        )

    @cached_property
    def _chronicle(self) -> Chronicle:
        """What was known of the events, day after day."""
        return Chronicle(self.events)

    def equal_weights(self) -> pd.DataFrame:
        """Return 1/n in each of the n assets that have a price so far, 0 in the others."""
        priced = self.last_close.notna().astype(float)
        return priced.div(priced.sum(axis=1), axis=0)

    def until(self, t: pd.Timestamp | str) -> Market:
        """Return what could be known at the close of bar t: bars, signals and events up to t.

        Later bars, later announcements and the later fate of an announced event are not there. Each
        frame is cut when it is first read, so that a past costs what is read of it.

        Raises
        ------
        DataError
            When no bar is at or before t.
        """
        time, bars = pd.Timestamp(t), self.bars
        n = int(bars.searchsorted(time.as_unit(bars.unit), side="right"))
        if n == 0:
            raise DataError(f"no bar on or before {time}; the first is {bars[0]}")
        origin = _origins.get(self) or _Origin(self, len(bars), time)
        past = object.__new__(Market)
        past.__dict__.update(clock=self.clock, periods_per_year=self.periods_per_year)
        _origins[past] = _Origin(origin.market, n, min(origin.time, time))
        return past

    def replaced(self, **fields: Any) -> Market:
        """Return this market with other fields, unchecked: for changes that leave a market a market.

        What was computed from the fields that stay (`last_close`, `panel`) is kept.

        Parameters
        ----------
        **fields
            Any field of `Market`.

        Raises
        ------
        TypeError
            When there is no such field.
        """
        if unknown := fields.keys() - self.__dataclass_fields__.keys():
            raise TypeError(
                f"Market has no field {min(unknown)!r}; it has {', '.join(self.__dataclass_fields__)}"
            )
        other = object.__new__(Market)
        other.__dict__.update(self.__getstate__() | fields)
        for name, sources in DERIVED.items():
            if name in self.__dict__ and fields.keys().isdisjoint(sources):
                other.__dict__[name] = self.__dict__[name]
        return other


def _check(market: Market) -> None:
    """Raise on frames that are no market; nothing is repaired."""
    bars = market.open.index
    if not isinstance(bars, pd.DatetimeIndex) or bars.tz is not None:
        raise DataError("market: bars must be a tz-naive DatetimeIndex of session dates or UTC times")
    if len(bars) == 0 or market.open.shape[1] == 0:
        raise DataError("market: no bars or no assets; nothing can be simulated on an empty window")
    if not (bars.is_monotonic_increasing and bars.is_unique):
        raise DataError("market: bar times must be ascending and unique; sort them and drop repeats")
    if not market.open.columns.is_unique:
        raise DataError(f"market: asset names must be unique, got {list(market.open.columns)}")
    for name in ("high", "low", "close", "volume", "dividends", "signals", "cash_yield"):
        if not getattr(market, name).index.equals(bars):
            raise DataError(f"market: {name} must share the index of open, bar by bar")
    for name in ("high", "low", "close", "volume", "dividends"):
        if not getattr(market, name).columns.equals(market.open.columns):
            raise DataError(f"market: {name} must have open's columns {list(market.open.columns)}")
    closed = market.open.isna().to_numpy()
    for name in PRICES:
        prices = getattr(market, name).to_numpy(dtype=float)
        bad = np.argwhere((np.isnan(prices) != closed) | (~closed & ~((prices > 0) & np.isfinite(prices))))
        if len(bad):
            row, column = bad[0]
            raise DataError(
                f"{market.open.columns[column]}: {name} on {bars[row]} must be a positive number, or NaN with the "
                f"whole bar where the market is closed, got {prices[row, column]}"
            )
    paid = market.dividends.to_numpy(dtype=float)
    bad = np.argwhere(~((paid >= 0) & np.isfinite(paid)) | (closed & (paid != 0)))
    if len(bad):
        row, column = bad[0]
        raise DataError(
            f"{market.open.columns[column]}: dividend on {bars[row]} must be 0 or more, and 0 where the market is "
            f"closed, got {paid[row, column]}"
        )
    if not np.isfinite(market.cash_yield.to_numpy(dtype=float)).all():
        first = market.cash_yield.first_valid_index()
        raise DataError(
            f"cash_yield must be known at every bar from {bars[0]} on; its first value is at {first!s}: start later"
        )
