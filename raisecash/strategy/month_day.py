"""`MonthDay`: a day of any year, and windows between two of them."""

from __future__ import annotations

import calendar
import re
from typing import Any

import numpy as np
import pandas as pd
from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

PATTERN = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


class MonthDay(str):
    """A day of the year written `MM-DD`, without a year.

    `02-29` is 28 February in years that have no 29th.

    Raises
    ------
    ValueError
        When the text is not a day of any year.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> MonthDay:
        if not isinstance(text, str) or not re.fullmatch(PATTERN, text):
            raise ValueError("must be a day of the year as MM-DD, for example '07-01'")
        month, day = int(text[:2]), int(text[3:])
        if day > calendar.monthrange(2024, month)[1]:  # a leap year: the longest form of each month
            raise ValueError(f"must be a day that exists; {calendar.month_name[month]} has no day {day}")
        return super().__new__(cls, text)

    @property
    def month(self) -> int:
        """1 to 12."""
        return int(self[:2])

    @property
    def day(self) -> int:
        """1 to 31."""
        return int(self[3:])

    def on(self, year: int) -> pd.Timestamp:
        """Return this day of the given year."""
        return pd.Timestamp(year, self.month, min(self.day, calendar.monthrange(year, self.month)[1]))

    def of_years(self, years: np.ndarray) -> pd.DatetimeIndex:
        """Return this day of each given year, shape (n,)."""
        known, place = np.unique(years, return_inverse=True)
        return pd.DatetimeIndex([self.on(year) for year in known.tolist()])[place]

    def next_from(self, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """Return the first such day on or after each day, shape (n,)."""
        years = days.year.to_numpy()
        this_year = self.of_years(years)
        return this_year.where(this_year >= days.normalize(), self.of_years(years + 1))

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(), serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def in_window(days: pd.DatetimeIndex, start: MonthDay, end: MonthDay) -> np.ndarray:
    """Return whether each day lies in the yearly window from `start` up to, not including, `end`.

    A window whose end comes before its start in the calendar wraps the year end (`11-01` to
    `05-01` is winter). Equal ends make an empty window. Bool array of shape (n_days,).
    """
    years, dates = days.year.to_numpy(), days.normalize()
    after_start = np.asarray(dates >= start.of_years(years))
    after_end = np.asarray(dates >= end.of_years(years))
    return after_start & ~after_end if start <= end else after_start | ~after_end
