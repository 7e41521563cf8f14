"""`--data DIR`: a folder of files that stands in for any feed, looked up by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from raisecash.data.feed import Feed
from raisecash.data.registry import ENDINGS, feed_kinds
from raisecash.data.text.files import FileFeed
from raisecash.errors import ConfigError


def check_folder(folder: Path) -> None:
    """Raise ConfigError when `--data` names no folder."""
    if not folder.is_dir():
        raise ConfigError(
            f"--data {folder}: must be a folder of files, and {'is a file' if folder.exists() else 'does not exist'}"
        )


def folder_feed(folder: Path, name: str, feed: Feed) -> FileFeed | None:
    """Return the file of a series in a folder as a feed, or None when it is not there.

    Looked for by the series' name in the config, then by the feed's symbol or series with `/` as
    `-` and `^` dropped; each as `.csv`, `.csv.gz`, `.parquet`. What the original feed says of
    price, lag, unit and missing bars holds for the file too.
    """
    for stem in dict.fromkeys((_stem(name), _stem(feed.identity))):
        for ending, kind in ENDINGS.items():
            path = folder / f"{stem}{ending}"
            if stem and path.is_file():
                return _file_feed(kind, path=path, **_options(feed))
    return None


def _file_feed(kind: str, **options: Any) -> FileFeed:
    """Return the feed of one kind of file."""
    made = feed_kinds()[kind](**options)
    if not isinstance(made, FileFeed):
        raise TypeError(f"the feed {kind!r} must be a FileFeed, got {type(made).__name__}")
    return made


def _stem(name: str) -> str:
    return name.replace("/", "-").replace("\\", "-").replace("^", "").strip(".")


def _options(feed: Feed) -> dict[str, Any]:
    """Return the options that keep their meaning when a file takes a feed's place."""
    options: dict[str, Any] = {
        "missing": feed.missing,
        "unit": feed.unit,
        "lag": feed.known_lag,
        "calendar": feed.known_calendar,
    }
    if "price" in feed.model_fields_set:
        options["price"] = getattr(feed, "price", None)
    if isinstance(feed, FileFeed):
        options["column"] = feed.column
    return options
