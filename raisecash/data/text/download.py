"""A vendor's text file over HTTP, and its rows: whole, numbered and strict, or an error that says why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd

from raisecash.data.checks.validate import first_disorder
from raisecash.data.text.network import PROBE_SECONDS, TRY_SECONDS, TryAgainError, asking, refusal
from raisecash.data.text.table import Table, TextRow, first_line, split_rows
from raisecash.errors import DataError, NetworkError
from raisecash.messages.words import stamp

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
DateFormat = Literal["%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y"]
WAY_OUT = "try again later, or pass a folder of files with --data"


def download(
    url: str,
    *,
    params: dict[str, str] | None = None,
    where: str,
    vendor: str,
    absent: str,
    deadline: float,
    absent_statuses: tuple[int, ...] = (404,),
) -> str:
    """Return the text at a URL.

    Parameters
    ----------
    absent : str
        What it means that the vendor says there is no such file.
    deadline : float
        Seconds for all attempts and pauses together.

    Raises
    ------
    NetworkError
        When nobody answers, the answer is a refusal, a web page, empty, or cut off.
    DataError
        When the vendor says there is no such file.
    """
    import requests

    def ask(left: float) -> str:
        with _translated(where, vendor):
            answer = requests.get(
                url, params=params, timeout=(min(PROBE_SECONDS, left), min(TRY_SECONDS, left))
            )
        if answer.status_code in absent_statuses:
            raise DataError(f"{where}: {absent} (HTTP {answer.status_code})")
        error = refusal(where, vendor, answer.status_code, answer.headers)
        if error is not None:
            raise error
        if answer.status_code != 200:
            raise NetworkError(f"{where}: {vendor} answered with HTTP {answer.status_code}; {WAY_OUT}")
        return _text(answer.content, where, vendor)

    try:
        return asking(ask, seconds=deadline, what=vendor)
    except TimeoutError as error:
        raise NetworkError(f"{where}: {error}; {WAY_OUT}") from error


def read_rows(text: str, *, where: str, vendor: str) -> list[TextRow]:
    """Return the lines of comma-separated text that are not blank.

    Raises
    ------
    NetworkError
        When the last line does not end: a figure cut short is still a figure, and a wrong one.
    DataError
        When the text is not comma-separated.
    """
    if not text.endswith("\n"):
        raise NetworkError(f"{where}: {vendor}'s file is cut off in its last line; {WAY_OUT}")
    return split_rows(text, where=where, vendor=vendor)


def dates(
    table: Table, column: str, shape: DateFormat, *, where: str, today: pd.Timestamp
) -> pd.DatetimeIndex:
    """Return a column of dates written in exactly one shape, ascending, each once and none later than today.

    Raises
    ------
    DataError
        Naming the line.
    """
    days = []
    for row, text in enumerate(table.columns[column]):
        try:
            day = pd.Timestamp(datetime.strptime(text, shape))
        except ValueError:
            raise DataError(
                f"{where}: {table.at(row)}: the date must be written {_spelled(shape)}, got {text!r}"
            ) from None
        if day > today:
            raise DataError(
                f"{where}: {table.at(row)}: {day.date()} lies in the future (today is {today.date()})"
            )
        days.append(day)
    times = pd.DatetimeIndex(days).as_unit("us")
    found = first_disorder(times)
    if found is not None:
        row, repeats = found
        said = f"repeats {stamp(times[row])}" if repeats else f"comes after {stamp(times[row - 1])}"
        raise DataError(
            f"{where}: {table.at(row)}: {stamp(times[row])} {said}; dates must ascend and occur once"
        )
    return times


def plain_numbers(table: Table, column: str, *, blanks: frozenset[str], where: str) -> np.ndarray:
    """Return a column of plain decimal numbers, NaN for one of the vendor's own blanks and for nothing else.

    Raises
    ------
    DataError
        Naming the line.
    """
    found = np.empty(len(table))
    for row, text in enumerate(table.columns[column]):
        if text not in blanks and not NUMBER.fullmatch(text):
            raise DataError(
                f"{where}: {table.at(row)}: {column} must be a plain number such as 1.234, got {text!r}"
            )
        found[row] = np.nan if text in blanks else float(text)
    return found


def flat_bars(days: list[pd.Timestamp], values: list[float]) -> pd.DataFrame:
    """Return one value a day as bars with open = high = low = close and no volume."""
    index = pd.DatetimeIndex(days).as_unit("us")
    close = pd.Series(values, index=index, dtype=float)
    bars = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=index)
    return bars.assign(volume=float("nan"))


def today_in(zone: str) -> pd.Timestamp:
    """Return today's date in a zone, tz-naive."""
    return pd.Timestamp.now(zone).tz_localize(None).normalize()


def _text(content: bytes, where: str, vendor: str) -> str:
    """Return a text body; raise on a web page, on nothing and on bytes that are no text."""
    if not content.strip():
        raise TryAgainError(f"{where}: {vendor} answered with nothing; {WAY_OUT}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp932")  # the Ministry of Finance's notes are in it
        except UnicodeDecodeError as error:
            raise NetworkError(
                f"{where}: {vendor} answered with bytes that are no text; {WAY_OUT}"
            ) from error
    if "\0" in text:
        raise NetworkError(f"{where}: {vendor} answered with bytes that are no text; {WAY_OUT}")
    if text.lstrip()[:1] in ("<", "{"):
        start = text.lstrip()[:40].replace("\r", " ").replace("\n", " ")
        raise NetworkError(
            f"{where}: {vendor} answered with a page instead of figures ({start!r}); it may block this "
            f"computer; {WAY_OUT}"
        )
    return text


@contextmanager
def _translated(where: str, vendor: str) -> Iterator[None]:
    """Turn what requests raises into one of ours: nobody there, or a failure that may pass."""
    import requests

    try:
        yield
    except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
        raise NetworkError(f"{where}: {vendor} cannot be reached; check the network, or {WAY_OUT}") from error
    except requests.exceptions.SSLError as error:
        raise NetworkError(
            f"{where}: {vendor} answered without a valid certificate ({first_line(error)[:120]}); {WAY_OUT}"
        ) from error
    except requests.exceptions.ReadTimeout as error:
        raise TryAgainError(f"{where}: {vendor} stopped answering; {WAY_OUT}") from error
    except requests.exceptions.ConnectionError as error:
        if _nobody_there(error):
            raise NetworkError(
                f"{where}: {vendor} cannot be reached; check the network, or {WAY_OUT}"
            ) from error
        raise TryAgainError(f"{where}: {vendor} broke the connection off; {WAY_OUT}") from error
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
        raise TryAgainError(f"{where}: {vendor}'s answer is cut off; {WAY_OUT}") from error
    except requests.exceptions.RequestException as error:
        raise NetworkError(
            f"{where}: {vendor} gave no usable answer ({first_line(error)[:120]}); {WAY_OUT}"
        ) from error


def _nobody_there(error: Any) -> bool:
    """Return whether no connection came about at all: asking again within seconds is no use."""
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def _spelled(shape: DateFormat) -> str:
    return {"%Y-%m-%d": "2020-01-31", "%Y/%m/%d": "2020/1/31", "%m/%d/%Y": "01/31/2020"}[shape]
