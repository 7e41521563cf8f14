"""`LiveFeed`: ask the vendor for what is new; when it cannot be asked, use what it last answered and say so."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

import pandas as pd

from raisecash.data.cache import store as cache
from raisecash.data.cache import update as cache_update
from raisecash.data.cache.entry import CacheEntry, tidy
from raisecash.data.cache.findings import restated, settled
from raisecash.data.cache.merge import Merged
from raisecash.data.checks.validate import clean_prices, clean_values, first_disorder
from raisecash.data.feed import Feed
from raisecash.data.history import Finding, History, found
from raisecash.data.request import Price, Request
from raisecash.data.text.files import adjusted
from raisecash.errors import DataError, NetworkError
from raisecash.messages.words import stamp


class LiveFeed(Feed):
    """A vendor behind a network. A subclass says what is fetched; caching is the same for all."""

    is_live: ClassVar[bool] = True
    clients: ClassVar[tuple[str, ...]] = ()  # packages that `fetch` imports

    def prepare(self) -> None:
        for module in ("pyarrow.parquet", "filelock", "platformdirs", *self.clients):
            importlib.import_module(module)

    @abstractmethod
    def fetch(self, name: str, request: Request) -> pd.DataFrame:
        """Return the vendor's complete bars: open, high, low, close, volume.

        Optionally adj_close, the close adjusted for dividends; dividends, money a share on the
        ex-date; splits, new shares for an old one on their first day; 0 on the other days. Prices
        are adjusted for splits, and a feed may deliver more than was asked for.

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
        bars, findings = self.bars(name, request)
        bars = bars.drop(columns="splits", errors="ignore")
        if self._price == "raw":
            bars = bars.drop(columns="adj_close", errors="ignore")
            if "dividends" in bars.columns:
                bars["dividends"] = bars["dividends"].fillna(0.0)
        else:
            bars = bars.drop(columns="dividends", errors="ignore")  # they are in the adjusted prices
        times = pd.DatetimeIndex(bars.index)
        bars, holes = clean_prices(
            bars,
            name=name,
            where=self._where(name),
            at=lambda row: f"bar {row + 1} of {len(times)}",
            missing=self.missing,
        )
        history = adjusted(bars, name=name, source=self.title, findings=(*findings, *holes))
        return replace(history, calendar=self.known_calendar)

    def signal(self, name: str, request: Request) -> History:
        bars, findings = self.bars(name, request)
        adjust = self._price == "adjusted" and "adj_close" in bars.columns
        values = bars["adj_close" if adjust else "close"]
        values = clean_values(values, where=self._where(name), at=lambda row: f"bar {row + 1} of {len(bars)}")
        return History(
            name=name,
            frame=values.to_frame("value"),
            source=self.title,
            lag=self.known_lag,
            findings=findings,
            calendar=self.known_calendar,
        )

    def bars(self, name: str, request: Request) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
        """Return the bars a run uses, as fetched, and what was seen while fetching them.

        Only what is new is asked for, with an overlap that shows whether the vendor changed what it
        said before (`raisecash.data.cache.merge` says what then happens). `request.refresh` asks for
        everything and takes it.

        Raises
        ------
        NetworkError
            When the vendor cannot be asked and the cache does not hold what was asked for.
        DataError
            When the series does not exist, or cached and new figures cannot be joined.
        """
        entry, findings = self._load(name)
        if request.offline:
            return self._cached(name, request, entry, NetworkError(f"{self._where(name)}: offline"), findings)
        is_whole = entry is None or request.refresh or not entry.covers(request.start, entry.end)
        while True:
            try:
                answer = self._answer(name, request, entry, is_whole=is_whole)
            except DataError as error:
                return self._cached(name, request, entry, error, findings)
            outcome, problems = self._absorb(name, answer, entry, is_whole=is_whole, refresh=request.refresh)
            if is_whole or not outcome.needs_whole:
                break
            is_whole = True
        entry = outcome.entry
        if not entry.covers(request.start, entry.end):
            why = outcome.lost or "what it says of the bars in the cache is not in the same units any more"
            raise DataError(
                f"{self._where(name)}: the cache holds it only from {stamp(entry.frame.index[0])} on, and the "
                f"vendor's answer cannot be put before that ({why}); start later, take the vendor's figures with "
                "--refresh, or drop the cached ones with `raisecash data clear`"
            )
        told = (
            *findings,
            *problems,
            *settled(name, self.title, outcome, answer),
            *restated(name, self.title, entry),
        )
        return entry.frame.copy(), told

    @property
    def _price(self) -> Price:
        return getattr(self, "price", "adjusted")

    def _where(self, name: str) -> str:
        return f"{name}: {self.describe()}"

    def _load(self, name: str) -> tuple[CacheEntry | None, tuple[Finding, ...]]:
        """Return what is cached; a file that cannot be read is moved aside, never used, and told."""
        try:
            return cache.kept(self.cache_key), ()
        except cache.UnreadableError as error:
            try:
                aside = cache.set_aside(self.cache_key)
            except DataError as problem:
                what = f"left where it is ({problem})"
            else:
                if aside is None:
                    return self._load(name)
                what = f"moved to {aside}"
            message = f"{error}; it is not used, and {what}"
            return None, (found(name, "unreadable", "warning", pd.DatetimeIndex([]), message, count=1),)

    def _answer(self, name: str, request: Request, entry: CacheEntry | None, *, is_whole: bool) -> CacheEntry:
        """Return the vendor's answer, dated by when it was asked."""
        if entry is None or is_whole:
            asked = cache_update.whole_request(request, entry)
        else:
            asked = cache_update.tail_request(request, entry)
        asked_at = pd.Timestamp.now("UTC").tz_localize(None)
        bars = tidy(self.fetch(name, asked))
        if bars.empty:
            raise DataError(f"{self._where(name)}: the vendor answered without a single bar")
        if first_disorder(pd.DatetimeIndex(bars.index)) is not None:
            raise DataError(f"{self._where(name)}: the vendor's bars repeat or run backwards; try again")
        return CacheEntry(frame=bars, start=asked.start, end=asked.end, fetched=asked_at, vendor=self.title)

    def _absorb(
        self, name: str, answer: CacheEntry, entry: CacheEntry | None, *, is_whole: bool, refresh: bool
    ) -> tuple[Merged, tuple[Finding, ...]]:
        """Return what the answer did; when it cannot be kept, it is used all the same and a finding says so."""
        try:
            return cache_update.absorb(
                self.cache_key, answer, seen=entry, is_whole=is_whole, refresh=refresh
            ), ()
        except DataError as error:
            outcome = cache_update.decide(self.cache_key, entry, answer, is_whole=is_whole, refresh=refresh)
            times = pd.DatetimeIndex(answer.frame.index)
            return outcome, (found(name, "not_cached", "info", times, str(error)),)

    def _cached(
        self,
        name: str,
        request: Request,
        entry: CacheEntry | None,
        error: DataError,
        findings: tuple[Finding, ...],
    ) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
        """Return what is cached and a finding that says how old it is and why it is used."""
        reason = str(error).removeprefix(f"{self._where(name)}: ")
        if entry is None:
            if not request.offline:
                raise error
            why = "".join(f"; {each.message}" for each in findings)
            raise NetworkError(
                f"{self._where(name)}: {reason} and nothing cached; run once with a network, or pass a folder of "
                f"files with --data{why}"
            )
        # A window that ends later than the cache does is served as far as it goes, and says how far.
        if not entry.covers(request.start, entry.end):
            since = "" if entry.start is None else f" from {stamp(entry.start)} on"
            raise NetworkError(
                f"{self._where(name)}: {reason}, and the cache holds it only{since}; start later, or run once with "
                "a network"
            ) from error
        age = pd.Timestamp.now("UTC").tz_localize(None) - entry.fetched
        message = (
            f"{self.title} comes from the cache, fetched {entry.fetched.floor('s')} UTC ({max(age.days, 0)} days "
            f"ago), its last bar {stamp(entry.last)}: {reason}"
        )
        used = found(name, "cached", "warning", pd.DatetimeIndex(entry.frame.index), message)
        return entry.frame.copy(), (*findings, used, *restated(name, self.title, entry))
