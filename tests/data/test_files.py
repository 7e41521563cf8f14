"""Files of prices and values: every usual spelling is understood, every broken one is named."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.files import CsvFeed, ParquetFeed
from raisecash.data.request import Request
from raisecash.errors import DataError

Write = Callable[[str, str], Path]
REQUEST = Request()
GOOD = "Date,Open,High,Low,Close,Volume\n2020-01-02,10,12,9,11,100\n2020-01-03,11,13,10,12,200\n"


def prices(path: Path, **options: object) -> pd.DataFrame:
    return CsvFeed(path=path, **options).prices("X", REQUEST).frame


@pytest.mark.parametrize(
    "header",
    [
        "Date,Open,High,Low,Close,Volume",
        "date,open,high,low,close,volume",
        "DATETIME,OPEN,HIGH,LOW,CLOSE,VOL",
        "Timestamp, Open, High, Low, Price, Volume",
        "time,open_price,high_price,low_price,close_price,volume",
        ",Open,High,Low,Close,Volume",
        "Unnamed: 0,Open,High,Low,Last,Volume",
    ],
)
def test_the_usual_spellings_of_columns(write: Write, header: str) -> None:
    frame = prices(write("x.csv", header + "\n" + GOOD.partition("\n")[2]))
    assert frame.loc["2020-01-03"].tolist() == [11, 13, 10, 12, 200]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("2020-01-02", "2020-01-03"), ("2020-01-02", "2020-01-03")),
        (("20200102", "20200103"), ("2020-01-02", "2020-01-03")),
        (("2020-01-02 14:00:00", "2020-01-02 15:00:00"), ("2020-01-02 14:00", "2020-01-02 15:00")),
        (("2020-01-02T14:00:00Z", "2020-01-02T15:00:00Z"), ("2020-01-02 14:00", "2020-01-02 15:00")),
        (("2020-01-02 14:00:00 UTC", "2020-01-02 15:00:00 UTC"), ("2020-01-02 14:00", "2020-01-02 15:00")),
        (
            ("2020-01-02 09:30:00-05:00", "2020-07-02 09:30:00-04:00"),
            ("2020-01-02 14:30", "2020-07-02 13:30"),
        ),
        (("2020-01-02 00:00:00-05:00", "2020-07-02 00:00:00-04:00"), ("2020-01-02", "2020-07-02")),
        (("2020-01-02 00:00:00+09:00", "2020-01-03 00:00:00+09:00"), ("2020-01-02", "2020-01-03")),
        (("1577973600", "1577977200"), ("2020-01-02 14:00", "2020-01-02 15:00")),
        (("1577973600000", "1577977200000"), ("2020-01-02 14:00", "2020-01-02 15:00")),
    ],
)
def test_session_dates_stay_dates_and_moments_become_utc(
    write: Write, written: tuple[str, str], meant: tuple[str, str]
) -> None:
    frame = prices(write("x.csv", f"Date,Close\n{written[0]},1\n{written[1]},2\n"))
    assert list(frame.index) == [pd.Timestamp(time) for time in meant]
    assert frame.index.tz is None


def test_a_close_alone_is_open_high_and_low_too(write: Write) -> None:
    frame = prices(write("x.csv", "Date,Close\n2020-01-02,10\n2020-01-03,11\n"))
    assert frame.loc["2020-01-03", ["open", "high", "low", "close"]].tolist() == [11, 11, 11, 11]
    assert frame["volume"].isna().all()


ADJUSTED = "Date,Open,High,Low,Close,Volume,{}\n2020-01-02,10,12,8,10,100,5\n2020-01-03,20,24,16,20,200,20\n"


@pytest.mark.parametrize("spelling", ["Adj Close", "adj_close", "AdjClose", "Adjusted Close"])
def test_prices_are_scaled_to_adj_close_unless_raw_is_asked_for(write: Write, spelling: str) -> None:
    path = write("x.csv", ADJUSTED.format(spelling))
    assert prices(path).loc["2020-01-02"].tolist() == [5, 6, 4, 5, 100]
    assert prices(path, price="adjusted").loc["2020-01-02"].tolist() == [5, 6, 4, 5, 100]
    assert prices(path, price="raw").loc["2020-01-02"].tolist() == [10, 12, 8, 10, 100]


def test_adjusted_prices_cannot_be_had_from_a_file_without_them(write: Write) -> None:
    with pytest.raises(DataError, match=r'price = "adjusted" needs an Adj Close column.*leave price out'):
        prices(write("x.csv", GOOD), price="adjusted")


def test_gzip_is_seen_by_its_first_bytes_whatever_the_name(tmp_path: Path) -> None:
    for name in ("x.csv.gz", "y.csv"):
        (tmp_path / name).write_bytes(gzip.compress(GOOD.encode()))
        assert len(prices(tmp_path / name)) == 2


def test_a_byte_order_mark_and_blank_lines_are_no_content(write: Write) -> None:
    assert len(prices(write("x.csv", "\ufeff" + GOOD.replace("\n", "\n\n")))) == 2


def test_figures_are_read_to_the_last_bit(write: Write) -> None:
    text = "0.1000000000000000055"
    assert prices(write("x.csv", f"Date,Close\n2020-01-02,{text}\n"))["close"].iloc[0] == float(text)


ROW = "2020-01-02,10,12,9,11,100\n"
HEAD = "Date,Open,High,Low,Close,Volume\n"
BAD_FILES = {
    "empty": ("", "the file is empty"),
    "white space": (" \n\n", "the file is empty"),
    "header alone": (HEAD, "no rows below the header"),
    "no date column": ("Day of week,Close\nMonday,1\n", "no date column"),
    "no close column": ("Date,Open\n2020-01-02,1\n", "no close column"),
    "unparsable date": (
        HEAD + ROW + "03.01.2020,1,1,1,1,1\n",
        "line 3: Date must be a date such as 2020-01-31",
    ),
    "impossible date": (HEAD + "2020-02-30,1,1,1,1,1\n", "line 2: Date must be a date"),
    "month alone": (HEAD + "2020-01,1,1,1,1,1\n", "line 2: Date must be a date"),
    "no date": (HEAD + ROW + ",1,1,1,1,1\n", "line 3: Date must be a date"),
    "zones on some lines": (
        "Date,Close\n2020-01-02 10:00:00Z,1\n2020-01-02 11:00:00,2\n",
        "line 3: Date must name its time zone",
    ),
    "words for numbers": (
        HEAD + ROW + "2020-01-03,ten,12,9,11,100\n",
        "line 3: Open must be a number, got 'ten'",
    ),
    "thousands": (HEAD + '2020-01-02,10,12,9,"1,100.5",100\n', "line 2: Close must be a number"),
    "missing price": (HEAD + ROW + "2020-01-03,10,12,9,,100\n", "line 3 (2020-01-03): close is missing"),
    "NaN price": (HEAD + ROW + "2020-01-03,NaN,12,9,11,100\n", "line 3 (2020-01-03): open is missing"),
    "negative price": (
        HEAD + ROW + "2020-01-03,10,12,9,-11,100\n",
        "close must be a positive number, got -11",
    ),
    "zero price": (HEAD + ROW + "2020-01-03,0,12,9,11,100\n", "open must be a positive number, got 0"),
    "infinite price": (
        HEAD + ROW + "2020-01-03,10,inf,9,11,100\n",
        "high must be a positive number, got inf",
    ),
    "negative volume": (HEAD + ROW + "2020-01-03,10,12,9,11,-1\n", "volume must not be negative, got -1"),
    "duplicate dates": (HEAD + ROW + ROW, "line 3: 2020-01-02 must occur once"),
    "duplicate, not adjacent": (
        HEAD + ROW + "2020-01-03,1,1,1,1,1\n" + ROW,
        "line 4: 2020-01-02 must occur once",
    ),
    "newest first": (
        HEAD + "2020-01-03,1,1,1,1,1\n" + ROW,
        "line 3: dates must ascend, got 2020-01-02 after 2020-01-03",
    ),
    "high below low": (
        HEAD + "2020-01-02,10,8,9,10,100\n",
        "high must not be below low, got high 8 and low 9",
    ),
    "too many fields": (
        HEAD + ROW + "2020-01-03,10,12,9,11,100,7\n",
        "line 3 has 7 fields, the header has 6",
    ),
    "too few fields": (HEAD + ROW + "2020-01-03,10\n", "line 3 has 2 fields, the header has 6"),
    "two closes": ("Date,Close,close\n2020-01-02,1,2\n", "two columns are called 'Close' and 'close'"),
    "semicolons": ("Date;Close\n2020-01-02;1\n", "no date column"),
    "HTML": ("<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "no date column"),
    "zero Adj Close": (
        "Date,Close,Adj Close\n2020-01-02,1,0\n",
        "adj_close must be a positive number, got 0",
    ),
    "zero bytes": ("Date,Close\n2020-01-02,\0\n", "not a text file"),
}


@pytest.mark.parametrize(("text", "said"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_broken_file_is_named_with_line_rule_and_value(write: Write, text: str, said: str) -> None:
    path = write("bad.csv", text)
    with pytest.raises(DataError) as caught:
        prices(path)
    assert str(caught.value).startswith(f"X: {path}: ")
    assert said in str(caught.value)


def test_a_file_that_is_not_there_a_folder_and_binary_are_named(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(bytes(range(128, 256)))
    (tmp_path / "not_gzip.csv.gz").write_bytes(GOOD.encode())
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 50)[:-20])
    for name, said in (
        ("absent.csv", "no such file"),
        ("", "is a folder"),
        ("binary.csv", "not a text file"),
        ("not_gzip.csv.gz", "is not gzipped"),
        ("cut.csv.gz", "cannot be read"),
    ):
        with pytest.raises(DataError, match=said):
            prices(tmp_path / name)


HOLED = HEAD + "2020-01-02,10,12,9,11,100\n2020-01-03,,,,,\n2020-01-06,12,14,11,13,300\n"


def test_a_bar_without_a_price_is_dropped_or_carried_when_asked(write: Write) -> None:
    path = write("x.csv", HOLED)
    dropped = CsvFeed(path=path, missing="drop").prices("X", REQUEST)
    carried = CsvFeed(path=path, missing="carry").prices("X", REQUEST)
    assert list(dropped.frame["close"]) == [11, 13]
    assert carried.frame.loc["2020-01-03"].tolist() == [11, 11, 11, 11, 0]
    assert [(f.kind, f.count, f.first) for f in (*dropped.findings, *carried.findings)] == [
        ("missing", 1, "2020-01-03")
    ] * 2


def test_nothing_can_be_carried_into_the_first_bar(write: Write) -> None:
    with pytest.raises(DataError, match="nothing to carry"):
        prices(write("x.csv", HEAD + "2020-01-02,,,,,\n2020-01-03,1,1,1,1,1\n"), missing="carry")


def test_a_high_below_the_close_is_kept_as_it_is(write: Write) -> None:
    frame = prices(write("x.csv", HEAD + "2020-01-02,10,11,9,12,100\n"))
    assert frame.loc["2020-01-02", ["high", "close"]].tolist() == [11, 12]


@pytest.mark.parametrize("blank", ["", "-", ".", "NaN", "N/A", "null", " "])
def test_a_signal_has_no_value_where_the_file_is_blank(write: Write, blank: str) -> None:
    path = write("x.csv", f"DATE,DGS10\n2020-01-01,{blank}\n2020-01-02,-0.25\n2020-01-03,0\n")
    values = CsvFeed(path=path).signal("UST", REQUEST).frame["value"]
    assert values.to_dict() == {pd.Timestamp("2020-01-02"): -0.25, pd.Timestamp("2020-01-03"): 0.0}


def test_the_value_column_is_the_named_one_or_close_or_value_or_the_only_one(write: Write) -> None:
    def chosen(header: str, **options: object) -> float:
        path = write("x.csv", f"{header}\n2020-01-02,1,2\n")
        return float(CsvFeed(path=path, **options).signal("S", REQUEST).frame["value"].iloc[0])

    assert chosen("Date,Open,Close") == 2
    assert chosen("Date,Value,Other") == 1
    assert chosen("Date,1Y,10Y", column="10Y") == 2
    assert chosen("Date,Close,Adj Close", price="adjusted") == 2
    with pytest.raises(DataError, match=r'which of 1Y, 10Y is the value .* column = "\.\.\."'):
        chosen("Date,1Y,10Y")
    with pytest.raises(DataError, match="no column '11Y'; did you mean '1"):
        chosen("Date,1Y,10Y", column="11Y")


def test_a_signal_cannot_be_infinite_or_wholly_blank(write: Write) -> None:
    with pytest.raises(DataError, match="must be finite"):
        CsvFeed(path=write("x.csv", "Date,Value\n2020-01-02,inf\n")).signal("S", REQUEST)
    with pytest.raises(DataError, match="every value is blank"):
        CsvFeed(path=write("x.csv", "Date,Value\n2020-01-02,.\n")).signal("S", REQUEST)


def test_parquet_reads_as_the_same_figures(write: Write, tmp_path: Path) -> None:
    expected = prices(write("x.csv", GOOD))
    columns = {"Open": [10, 11], "High": [12, 13], "Low": [9, 10], "Close": [11, 12], "Volume": [100, 200]}
    days = pd.to_datetime(["2020-01-02", "2020-01-03"])
    for number, index in enumerate((days, days.rename("Date"), days.tz_localize("America/New_York"))):
        path = tmp_path / f"{number}.parquet"
        pd.DataFrame(columns, index=index).to_parquet(path)
        frame = ParquetFeed(path=path).prices("X", REQUEST).frame
        pd.testing.assert_frame_equal(frame, expected, check_names=False)
    path = tmp_path / "column.parquet"
    pd.DataFrame({"date": days.date, **columns}).to_parquet(path)
    pd.testing.assert_frame_equal(
        ParquetFeed(path=path).prices("X", REQUEST).frame, expected, check_names=False
    )


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("no parquet")
    with pytest.raises(DataError, match="not a readable parquet file"):
        ParquetFeed(path=tmp_path / "x.parquet").prices("X", REQUEST)
    days = pd.to_datetime(["2020-01-02", "2020-01-03"])
    pd.DataFrame({"Close": [1.0, np.nan]}, index=days).to_parquet(tmp_path / "y.parquet")
    with pytest.raises(DataError, match=r"row 2 \(2020-01-03\): open is missing|row 2 .*close is missing"):
        ParquetFeed(path=tmp_path / "y.parquet").prices("X", REQUEST)


def test_the_real_files_give_their_own_figures(real_data: Path) -> None:
    market = real_data / "market"
    btc = prices(market / "BTC-USD.csv")
    assert len(btc) == 3882
    assert btc.loc["2025-05-22", "high"] == pytest.approx(111_970, abs=1)
    assert btc.loc["2025-07-01", ["open", "close"]].tolist() == pytest.approx([107_144, 105_698], abs=1)
    spy = prices(market / "SPY.csv")
    assert spy.loc["1993-01-29", "close"] == 24.175373077392578
    assert spy.loc["1993-01-29", "low"] == pytest.approx(43.75 * 24.175373077392578 / 43.9375, rel=1e-15)
    assert prices(market / "SPY.csv", price="raw").loc["1993-01-29", "close"] == 43.9375
    jgb = CsvFeed(path=market / "JGB_curve.csv", column="10Y").signal("JGB10Y", REQUEST).frame["value"]
    assert len(jgb) == 9887
    assert jgb["2025-05-28"] == 1.531
    hourly = prices(market / "BTCUSD_coinbase_1h.csv.gz")
    assert len(hourly) == 20_111
    assert hourly.index[0] == pd.Timestamp("2017-07-01 11:00")


PAID = (
    "Date,Open,High,Low,Close,Volume,Dividends{adj}\n"
    "2020-01-02,10,12,9,10,1,{more}\n2020-01-03,9,9,9,9,1,1{more2}\n2020-01-06,9,9,9,9,1,0{more2}\n"
)


def test_dividends_are_a_column_with_raw_prices_and_left_out_of_adjusted_ones(write: Write) -> None:
    both = write("x.csv", PAID.format(adj=",Adj Close", more="0,9", more2=",9"))
    raw = CsvFeed(path=both, price="raw").prices("X", REQUEST)
    assert raw.frame["dividends"].tolist() == [0, 1, 0]
    assert raw.frame["close"].tolist() == [10, 9, 9]
    assert raw.findings == ()
    for price in (None, "adjusted"):
        adjusted = CsvFeed(path=both, price=price).prices("X", REQUEST)
        assert "dividends" not in adjusted.frame.columns
        assert adjusted.frame["close"].tolist() == [9, 9, 9]
        assert adjusted.findings == ()


def test_dividends_that_nobody_says_what_to_do_with_are_not_paid_and_told(write: Write) -> None:
    path = write("x.csv", PAID.format(adj="", more="0", more2=""))
    history = CsvFeed(path=path).prices("X", REQUEST)
    assert "dividends" not in history.frame.columns
    (finding,) = history.findings
    assert (finding.kind, finding.first, finding.count) == ("uncredited", "2020-01-03", 1)


def test_raw_prices_without_a_dividends_column_tell_what_adj_close_shows(real_data: Path) -> None:
    """134 ex-dates, as SPY_dividends_implied.csv was derived with other code."""
    history = CsvFeed(path=real_data / "market" / "SPY.csv", price="raw").prices("SPY", REQUEST)
    implied = pd.read_csv(real_data / "market" / "SPY_dividends_implied.csv")
    (finding,) = history.findings
    assert (finding.kind, finding.count) == ("uncredited", len(implied))


def test_a_negative_dividend_is_an_error_and_one_on_a_bar_left_out_is_paid_on_the_next(write: Write) -> None:
    text = "Date,Close,Dividends\n2020-01-02,10,0\n2020-01-03,,0.5\n2020-01-06,,0.25\n2020-01-07,9,0.1\n"
    options = {"price": "raw"}
    kept = prices(write("x.csv", text), missing="drop", **options)
    assert kept["dividends"].tolist() == [0, 0.85]
    carried = prices(write("x.csv", text), missing="carry", **options)
    assert carried["dividends"].tolist() == [0, 0.5, 0.25, 0.1]
    with pytest.raises(DataError, match=r"line 5 \(2020-01-07\): dividends must be 0 or more, got -0\.1"):
        prices(write("x.csv", text.replace("9,0.1", "9,-0.1")), missing="drop", **options)
