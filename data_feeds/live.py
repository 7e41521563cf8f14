"""`LiveFeed`: ask the vendor; when it cannot be asked, use what it last answered and say so."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

import pandas as pd

from data_feeds import cache
from data_feeds.errors import DataError, NetworkError
from data_feeds.feed import Feed, Price, Request
from data_feeds.files import adjusted
from data_feeds.history import Finding, History, Severity
from data_feeds.validate import clean_prices, clean_values, stamp


class LiveFeed(Feed):
    """A vendor behind a network. A subclass says what is fetched; caching is the same for all."""

    is_live: ClassVar[bool] = True
    clients: ClassVar[tuple[str, ...]] = ()  # packages that `fetch` imports

    def prepare(self) -> None:
        for module in ("pyarrow.parquet", "filelock", "platformdirs", *self.clients):
            importlib.import_module(module)

    @abstractmethod
    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        """Return the vendor's complete bars: open, high, low, close, volume, optionally adj_close.

        Raises
        ------
        NetworkError
            When the vendor cannot be reached, refuses, or answers nonsense.
        DataError
            When it answers, and what was asked for does not exist.
        """

    @property
    @abstractmethod
    def cache_key(self) -> dict[str, str]:
        """What makes two requests ask for the same series."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Whose figures these are, for people: `Yahoo Finance SPY`."""

    def prices(self, name: str, request: Request) -> History:
        bars, findings = self._bars(name, request)
        if self._price == "raw" and "adj_close" in bars.columns:
            bars = bars.drop(columns="adj_close")
        times = pd.DatetimeIndex(bars.index)
        bars, holes = clean_prices(
            bars,
            name=name,
            where=self._where(name),
            at=lambda row: f"bar {row + 1} of {len(times)}",
            missing=self.missing,
        )
        return adjusted(bars, name=name, source=self.title, findings=(*findings, *holes))

    def signal(self, name: str, request: Request) -> History:
        bars, findings = self._bars(name, request)
        adjust = self._price == "adjusted" and "adj_close" in bars.columns
        values = bars["adj_close" if adjust else "close"]
        values = clean_values(values, where=self._where(name), at=lambda row: f"bar {row + 1} of {len(bars)}")
        return History(
            name=name,
            frame=values.to_frame("value"),
            source=self.title,
            lag=self.known_lag,
            findings=findings,
        )

    @property
    def _price(self) -> Price:
        return getattr(self, "price", "adjusted")

    def _where(self, name: str) -> str:
        return f"{name}: {self.describe()}"

    def _bars(self, name: str, request: Request) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
        """Return the vendor's bars, or the cached ones with a finding that says how old they are."""
        entry = cache.load(self.cache_key)
        if request.offline:
            return self._cached(name, request, entry, "offline")
        asked = request if entry is None else _widened(request, entry)
        try:
            bars = self.fetch(name, asked)
        except NetworkError as error:
            if entry is None:
                raise
            return self._cached(name, request, entry, str(error))
        fetched = pd.Timestamp.now("UTC").tz_localize(None).floor("s")
        try:
            cache.store(
                self.cache_key, cache.Entry(frame=bars, start=asked.start, end=asked.end, fetched=fetched)
            )
        except DataError as error:
            return bars, (_finding(name, "not_cached", "info", bars, f"{name}: {error}"),)
        return bars, ()

    def _cached(
        self, name: str, request: Request, entry: cache.Entry | None, reason: str
    ) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
        if entry is None:
            raise NetworkError(
                f"{self._where(name)}: {reason} and nothing cached; run once with a network, or pass a folder of "
                "files with --data"
            )
        # A window that ends later than the cache does is served as far as it goes, and says how far.
        if not entry.covers(request.start, entry.end):
            since = "" if entry.start is None else f" from {stamp(entry.start)} on"
            raise NetworkError(
                f"{self._where(name)}: {reason}, and the cache holds it only{since}; start later, or run once with "
                "a network"
            )
        age = pd.Timestamp.now("UTC").tz_localize(None) - entry.fetched
        message = (
            f"{name}: {self.title} comes from the cache, fetched {entry.fetched} UTC ({max(age.days, 0)} days ago), its last bar "
            f"{stamp(entry.frame.index[-1])}: {reason}"
        )
        return entry.frame, (_finding(name, "cached", "warning", entry.frame, message),)


def _widened(request: Request, entry: cache.Entry) -> Request:
    """Return the request and what is cached as one window: a refresh never loses history."""
    start = None if request.start is None or entry.start is None else min(request.start, entry.start)
    end = None if request.end is None or entry.end is None else max(request.end, entry.end)
    return replace(request, start=start, end=end)


def _finding(name: str, kind: str, severity: Severity, bars: pd.DataFrame, message: str) -> Finding:
    return Finding(
        series=name,
        kind=kind,
        severity=severity,
        first=stamp(bars.index[0]),
        last=stamp(bars.index[-1]),
        count=len(bars),
        message=message,
    )
