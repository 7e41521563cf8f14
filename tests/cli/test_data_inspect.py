"""`raisecash data inspect`: one series read and checked, whatever it comes from."""

from __future__ import annotations

import re

import pytest

from tests.support.vendors.two_vendors import DAYS, the_json


@pytest.mark.parametrize("word", ["yfinance:SPY:1d", "yfinance:SPY", "SPY"])
def test_inspect_looks_into_a_cached_series_without_asking_its_vendor(raisecash, config, vendors, word):
    raisecash("data", "fetch", config)
    vendors.asked.clear()
    said = raisecash("data", "inspect", word)
    document = the_json(raisecash("data", "inspect", word, "--json"))

    assert said.code == 0
    assert vendors.asked == []
    for words in (
        "yfinance:SPY:1d",
        "Yahoo Finance SPY, adjusted for dividends",
        "150",
        "2020-01-02",
        "exchange sessions (XNYS)",
    ):
        assert words in said.out
    assert document["cached"]["rows"] == document["rows"] == 150
    assert "cached" not in [finding["kind"] for finding in document["findings"]]
    # 17 February 2020, say, was no session of New York's exchange, and the vendor has a bar
    assert "off_session" in [finding["kind"] for finding in document["findings"]]


def test_inspect_reads_one_value_a_day_as_a_signal(raisecash, config, vendors):
    raisecash("data", "fetch", config)

    assert the_json(raisecash("data", "inspect", "fred:DGS10", "--json"))["columns"] == ["value"]


def test_inspect_shows_a_restatement_that_waits(raisecash, config, vendors):
    raisecash("data", "fetch", config)
    vendors.scale = {DAYS[140]: 1.02}
    raisecash("data", "fetch", config)

    assert re.search(r"warning +restated +1 +2020", raisecash("data", "inspect", "SPY").out)


def test_inspect_of_the_sample_and_of_files(raisecash, folder, cache_here):
    sample = raisecash("data", "inspect", "sample:BTC")
    prices = the_json(raisecash("data", "inspect", folder / "btc.csv", "--json"))
    values = the_json(raisecash("data", "inspect", folder / "vix.csv", "--json"))
    column = the_json(
        raisecash("data", "inspect", f"csv:{folder / 'btc.csv'}", "--column", "Volume", "--json")
    )

    assert "5,385" in sample.out
    assert "24/7" in sample.out
    assert "Coin Metrics" in sample.out
    assert (prices["series"], prices["rows"], prices["columns"][0]) == ("btc", 60, "open")
    assert prices["cached"] is None
    assert values["columns"] == column["columns"] == ["value"]
    assert (values["rows"], column["rows"]) == (2, 60)


def test_inspect_tells_of_bars_without_a_price_and_goes_on(raisecash, folder, cache_here):
    lines = (folder / "btc.csv").read_text().splitlines()
    lines[10] = lines[10].partition(",")[0] + ",,,,,"
    (folder / "btc.csv").write_text("\n".join(lines) + "\n")
    said = raisecash("data", "inspect", folder / "btc.csv", "--calendar", "24/7")

    assert said.code == 0
    assert "missing" in said.out


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nothing", "nothing: no such series in the cache"),
        ("yfinanse:SPY", "no feed 'yfinanse'; did you mean 'yfinance'?"),
        ("yfinance:SPY", "yfinance SPY is not in the cache; fetch it with"),
        ("sample:ETH", "series must be 'BTC' or 'SP500', got 'ETH'"),
        ("absent.csv", "no such file"),
        ("csv:absent.csv", "no such file"),
    ],
)
def test_inspect_of_what_is_not_there_is_exit_code_2(raisecash, cache_here, word, message):
    said = raisecash("data", "inspect", word)

    assert said.code == 2
    assert message in said.err
    assert said.out == ""


def test_inspect_of_values_that_are_no_prices_names_the_way_out(raisecash, folder, cache_here):
    path = folder / "yields.csv"
    path.write_text("Date,Close\n2020-01-01,0.1\n2020-01-02,-0.1\n")
    said = raisecash("data", "inspect", path)

    assert said.code == 2
    assert "inspect them with --signal" in said.err
    assert raisecash("data", "inspect", path, "--signal").code == 0
