"""The Ministry of Finance's, FRED's and Cboe's text files, written as they write them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from tests.support.vendors.stub_server import Answer

TENORS = ("1Y", "2Y", "3Y", "4Y", "5Y", "6Y", "7Y", "8Y", "9Y", "10Y", "15Y", "20Y", "25Y", "30Y", "40Y")
CSV = {"Content-Type": "text/csv"}
# In the file's own encoding: a reference mark, then the note.
NOTE = b',,,,,,,,,,,,,,,\r\n"  \x81\xa6If you cannot download the latest csv data, please clear the browser\'s cache",,,,,,,,,,,,,,,\r\n'


def mof_text(curve: pd.DataFrame, month: str = "") -> str:
    """Return a curve file: title, header, one line a day, "-" for none; `month` in the running month's title."""
    title = f"Interest Rate ({month})" if month else "Interest Rate"
    lines = [f"{title},,,,,,,,,,,,,,,(Unit : %)", f"Date,{','.join(curve.columns)}"]
    for day, row in curve.iterrows():
        figures = ("-" if pd.isna(value) else f"{value:.3f}".rstrip("0").rstrip(".") for value in row)
        lines.append(f"{day.year}/{day.month}/{day.day},{','.join(figures)}")  # type: ignore[attr-defined]
    return "\r\n".join(lines) + "\r\n"


def fred_text(values: pd.Series, series: str, date_column: str = "observation_date") -> str:
    """Return a fredgraph file: empty where a day has no figure."""
    lines = [f"{date_column},{series}"]
    lines += [f"{day.date()},{'' if pd.isna(value) else f'{value:.10g}'}" for day, value in values.items()]  # type: ignore[attr-defined]
    return "\n".join(lines) + "\n"


def cboe_text(bars: pd.DataFrame) -> str:
    """Return a history file: DATE,OPEN,HIGH,LOW,CLOSE with six decimals."""
    lines = [f"DATE,{','.join(bars.columns.str.upper())}"]
    lines += [
        f"{day:%m/%d/%Y},{','.join(f'{figure:.6f}' for figure in row)}"
        for day, row in zip(bars.index, bars.to_numpy(), strict=True)
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Mof:
    """The ministry's two files: all months before `month_start`, and the month that begins there."""

    curve: pd.DataFrame
    month_start: pd.Timestamp = field(default_factory=lambda: _today("Asia/Tokyo").replace(day=1))

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path.endswith("/historical/jgbcme_all.csv"):
            return Answer(body=mof_text(self.curve[self.curve.index < self.month_start]), headers=CSV)
        if path.endswith("/jgbcme.csv"):
            running = self.curve[self.curve.index >= self.month_start]
            return Answer(body=mof_text(running, f"{self.month_start:%B %Y}").encode() + NOTE, headers=CSV)
        return Answer(body="<html>404 Not Found</html>", status=404, headers={"Content-Type": "text/html"})


@dataclass
class Fred:
    """The graph's download of one series, cut to cosd and coed."""

    values: pd.Series
    series: str = "DGS10"
    date_column: str = "observation_date"

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if path != "/graph/fredgraph.csv" or query.get("id") != self.series:
            page = "<html><title>Page not found</title></html>"
            return Answer(body=page, status=404, headers={"Content-Type": "text/html"})
        window = self.values.loc[query.get("cosd") : query.get("coed")]
        return Answer(body=fred_text(window, self.series, self.date_column), headers=CSV)


@dataclass
class Cboe:
    """The history file of one index; any other is denied, as their file store does."""

    bars: pd.DataFrame
    series: str = "VIX"

    def __call__(self, path: str, query: dict[str, str], host: str) -> Answer:
        if not path.endswith(f"/daily_prices/{self.series}_History.csv"):
            body = '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
            return Answer(body=body, status=403, headers={"Content-Type": "application/xml"})
        return Answer(body=cboe_text(self.bars), headers=CSV)


def _today(zone: str) -> pd.Timestamp:
    return pd.Timestamp.now(zone).tz_localize(None).normalize()
