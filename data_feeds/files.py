"""Feeds `csv` and `parquet`: a file of prices or values in any of the usual spellings of its columns."""

from __future__ import annotations

from typing import ClassVar

from raisecash.data.text.files import FileFeed
from raisecash.data.text.table import Table, read_csv, read_parquet


class CsvFeed(FileFeed):
    """Comma-separated text, gzipped or not."""

    kind: ClassVar[str] = "csv"

    def _read(self, where: str) -> Table:
        return read_csv(self.path, where=where)


class ParquetFeed(FileFeed):
    """Apache parquet."""

    kind: ClassVar[str] = "parquet"

    def _read(self, where: str) -> Table:
        return read_parquet(self.path, where=where)
