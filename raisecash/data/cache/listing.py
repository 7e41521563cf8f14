"""What is in the cache: listed without reading the figures, found by name, removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from raisecash.data.cache import store as cache
from raisecash.data.cache.store import UnreadableError
from raisecash.errors import InputError
from raisecash.messages.spelling import suggest


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One cached series, as its file describes itself.

    Attributes
    ----------
    name : str
        Its key's words with colons: `yfinance:SPY:1d`. The file's name when it cannot be read.
    bytes : int
        Of the entry and its versions.
    versions : int
        Other versions of it that are kept.
    is_restated : bool
        Whether a difference to the vendor's figures waits for a refresh.
    problem : str
        Why the file cannot be used; empty when it can.
    """

    name: str
    path: Path
    key: dict[str, str] = field(default_factory=dict)
    vendor: str = ""
    rows: int = 0
    first: str = ""
    last: str = ""
    fetched: str = ""
    sha256: str = ""
    bytes: int = 0
    versions: int = 0
    is_restated: bool = False
    problem: str = ""


def list_cache() -> tuple[Listed, ...]:
    """Return every cached series, by name."""
    folder = cache.series_folder()
    found = [_listed(path) for path in folder.glob("*.parquet")] if folder.is_dir() else []
    return tuple(sorted(found, key=lambda each: each.name))


def find_cached(word: str) -> Listed | None:
    """Return the cached series a word means: its whole name, its beginning, or one of its words.

    Raises
    ------
    InputError
        When the word means several of them.
    """
    every = list_cache()
    rules = (
        lambda each: word == each.name,
        lambda each: each.name.startswith(f"{word}:"),
        lambda each: word in each.name.split(":"),
    )
    for rule in rules:
        found = [each for each in every if rule(each)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{word}: is any of {', '.join(each.name for each in found)}; give the whole name"
            )
    return None


def cached(word: str) -> Listed:
    """Return the cached series a word means.

    Raises
    ------
    InputError
        When it means none or several.
    """
    found = find_cached(word)
    if found is None:
        names = [each.name for each in list_cache()]
        raise InputError(f"{word}: no such series in the cache; {suggest(word, names)}")
    return found


def remove(listed: Listed) -> None:
    """Remove a series and its versions from the cache.

    Raises
    ------
    DataError
        When the cache cannot be written.
    """
    with cache.writing(listed.path):
        for path in _others(listed.path):
            path.unlink(missing_ok=True)
        folder = cache.versions_folder(listed.path)
        if folder.is_dir():
            folder.rmdir()
        listed.path.unlink(missing_ok=True)


def _listed(path: Path) -> Listed:
    others = _others(path)
    size = sum(each.stat().st_size for each in (path, *others) if each.exists())
    try:
        said = cache.read_label(path)
        return Listed(
            name=":".join(said["key"].values()),
            path=path,
            key=dict(said["key"]),
            vendor=said["vendor"],
            rows=said["rows"],
            first=_short(said["first"]),
            last=_short(said["last"]),
            fetched=said["fetched"].partition(".")[0],
            sha256=said["sha256"],
            bytes=size,
            versions=sum(each.parent.parent.name == "versions" for each in others),
            is_restated=said["restated"] is not None,
        )
    except (UnreadableError, KeyError, TypeError, AttributeError) as error:
        return Listed(name=path.stem, path=path, bytes=size, problem=str(error))


def _others(path: Path) -> list[Path]:
    """Return the other files of an entry: its versions, and what of it was moved aside."""
    aside = path.parent / "unreadable"
    return [*cache.versions_folder(path).glob("*.parquet"), *aside.glob(f"{path.stem}-*.parquet")]


def _short(moment: str) -> str:
    """Return a moment as people write it: the date alone at midnight."""
    day, _, time = moment.partition("T")
    return day if time == "00:00:00" else f"{day} {time}"
