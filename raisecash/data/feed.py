"""`Feed`: where a series comes from; one subclass a file, named in a config by its `kind`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator

from raisecash.data.calendars.sessions import ALWAYS, check_calendar
from raisecash.data.history import History
from raisecash.data.request import Missing, Request, Unit
from raisecash.errors import DataError, RaisecashError
from raisecash.messages.blame import phrase_of


@contextmanager
def blamed(name: str, feed: Feed) -> Iterator[None]:
    """Turn what a feed raises by mistake into one line that names its file and line; a feed may be anybody's.

    Parameters
    ----------
    name : str
        The series, to begin the message with.
    feed : Feed

    Raises
    ------
    DataError
        Instead of anything that no feed raises on purpose.
    """
    try:
        yield
    except RaisecashError:
        raise
    except Exception as error:
        raise DataError(
            f"{name}: feed {feed.kind!r} raised {phrase_of(error)}; mend the feed, or take another one; "
            "see the whole traceback with `raisecash --traceback ...`"
        ) from error


class Feed(BaseModel, ABC):
    """One source of one series, as a table in a config describes it.

    A subclass sets `kind`, the word after `feed =`, declares its options as annotated fields and
    writes `prices` and `signal`. It is found by being in this folder; there is no list to edit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: ClassVar[str] = ""
    is_live: ClassVar[bool] = False
    default_lag: ClassVar[int] = 0

    missing: Missing = Field("error", description="what to do with a bar, or a session, that has no price")
    calendar: str | None = Field(
        None, description='whose sessions the series has: "XNYS", "XTKS", "24/7" or another exchange'
    )
    lag: int | None = Field(
        None, ge=0, le=520, description="business days after its date on which a signal's value is known"
    )
    unit: Unit = Field("percent", description="how a cash yield is quoted; other signals stay as quoted")

    cross_check: Feed | None = Field(
        None, description="a second source of the same series to hold it against"
    )

    @field_validator("calendar")
    @classmethod
    def _is_a_calendar(cls, calendar: str | None) -> str | None:
        return calendar if calendar is None else check_calendar(calendar)

    @field_validator("cross_check")
    @classmethod
    def _is_not_checked_itself(cls, twin: Feed | None) -> Feed | None:
        if twin is not None and twin.cross_check is not None:
            raise ValueError("must name a feed without a cross_check of its own")
        return twin

    @field_serializer("cross_check")
    def _as_a_table(self, twin: Feed | None) -> dict[str, Any] | None:
        """Write the second source as a config does; a bare `Feed` would be written without its options."""
        return (
            None if twin is None else {"feed": twin.kind, **twin.model_dump(mode="json", exclude_none=True)}
        )

    @abstractmethod
    def prices(self, name: str, request: Request) -> History:
        """Return the series as bars that can be traded: open, high, low, close, volume.

        Raises
        ------
        DataError
            When the figures break a rule that prices obey; names series, date, rule and value.
        """

    @abstractmethod
    def signal(self, name: str, request: Request) -> History:
        """Return the series as values that can only be looked at: one column, value."""

    def prepare(self) -> None:
        """Import what reading needs; called before the thread that reads is started.

        Two threads that import overlapping packages at once can each see the other's half-made
        modules, and a thread given up on would go on importing behind the run's back.
        """

    @property
    def default_calendar(self) -> str | None:
        """The calendar of a series whose config names none; None when it cannot be known."""
        return None

    @property
    def known_calendar(self) -> str | None:
        """The calendar whose sessions the series has: the config's, or the feed's own."""
        return self.calendar or self.default_calendar

    @property
    def judges_holes(self) -> bool:
        """Whether `missing` is applied to sessions without a bar.

        A market that never closes may simply not have traded: its holes are only reported, unless
        the config asks for more by naming its calendar or what to do.
        """
        asked = bool({"calendar", "missing"} & self.model_fields_set)
        return self.known_calendar is not None and (asked or self.known_calendar != ALWAYS)

    @property
    def known_lag(self) -> int:
        """Business days from a value's date to the day it is known: the config's, or the feed's own."""
        return self.default_lag if self.lag is None else self.lag

    @property
    def identity(self) -> str:
        """The source's own name of the series: its symbol or series; empty when it has none."""
        return str(getattr(self, "symbol", None) or getattr(self, "series", None) or "")

    def describe(self) -> str:
        """Return two or three words for a progress line: `yfinance SPY`."""
        return f"{self.kind} {self.identity}".strip()
