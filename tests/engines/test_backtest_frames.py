"""A backtest's frames say what its account holds, are made once, and can be written to without harm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from raisecash import Costs, Market, simulate
from raisecash.engines.account import PLAIN_REASONS, REASONS

FRAMES = ("bars", "fills", "unfilled", "equity", "cash", "shares", "weights", "targets")
NAN = float("nan")
BARS = pd.date_range("2024-01-05", periods=6, freq="3D")
OPEN = pd.DataFrame(
    {"BTC": [10.0, 10, 20, 20, 40, 40], "SPY": [NAN, 5, 5, NAN, 10, 10]}, index=BARS, columns=["BTC", "SPY"]
)
ROWS = [[0.5, 0.0], [0.4, 0.6], [NAN, NAN], [0.0, 0.5], [1.0, 0.0], [NAN, NAN]]


@pytest.fixture(params=["ledger", "backtrader"])
def backtest(request):
    market = Market(open=OPEN, close=OPEN)
    targets = pd.DataFrame(ROWS, index=BARS, columns=["BTC", "SPY"])
    return simulate(targets, market, Costs(commission=0.01), engine=request.param, cash=1000.0)


def test_bars_are_the_book_with_weights_and_targets(backtest):
    account, bars = backtest.account, backtest.bars
    assert bars.index.equals(BARS)
    for name in ("equity", "cash", "interest", "commission", "traded", "dividends"):
        assert bars[name].tolist() == getattr(account, name).tolist()
    for j, asset in enumerate(("BTC", "SPY")):
        assert bars[f"shares.{asset}"].tolist() == account.shares[:, j].tolist()
        worth = account.shares[:, j] * OPEN[asset].ffill().fillna(0.0).to_numpy()
        np.testing.assert_allclose(bars[f"weight.{asset}"], worth / account.equity, rtol=1e-15)
        np.testing.assert_array_equal(bars[f"target.{asset}"], [row[j] for row in ROWS])


def test_series_and_frames_are_columns_of_bars(backtest):
    for name in ("equity", "cash"):
        pd.testing.assert_series_equal(getattr(backtest, name), backtest.bars[name])
    for name, kind in (("shares", "shares"), ("weights", "weight"), ("targets", "target")):
        columns = backtest.bars[[f"{kind}.BTC", f"{kind}.SPY"]].set_axis(["BTC", "SPY"], axis=1)
        pd.testing.assert_frame_equal(getattr(backtest, name), columns)


def test_logs_name_bars_assets_and_reasons(backtest):
    """Bar 3 has SPY closed and Bitcoin sold; what was decided at it waits for SPY."""
    fills, unfilled = backtest.fills, backtest.unfilled
    assert len(fills) == len(backtest.account.fills) > 0
    assert len(unfilled) == len(backtest.account.unfilled) > 0
    reasons = REASONS + PLAIN_REASONS
    for frame, log in ((fills, backtest.account.fills), (unfilled, backtest.account.unfilled)):
        assert frame["time"].tolist() == [BARS[int(bar)] for bar in log[:, 0]]
        assert frame["asset"].tolist() == [("BTC", "SPY")[int(asset)] for asset in log[:, 1]]
        assert frame["decided_at"].tolist() == [BARS[int(bar)] for bar in log[:, 2]]
    assert (
        fills[["shares", "price", "commission"]].to_numpy().tolist() == backtest.account.fills[:, 3:].tolist()
    )
    np.testing.assert_array_equal(unfilled[["wanted", "filled"]], backtest.account.unfilled[:, 3:5])
    assert unfilled["reason"].tolist() == [reasons[int(code)] for code in backtest.account.unfilled[:, 5]]


def test_logs_without_a_row_have_the_columns_and_types_of_those_with_rows(backtest):
    idle = simulate(backtest.targets * NAN, backtest.market, engine=backtest.engine)
    for name in ("fills", "unfilled"):
        empty, full = getattr(idle, name), getattr(backtest, name)
        assert empty.empty
        assert list(empty.columns) == list(full.columns)
        assert list(empty.dtypes) == list(full.dtypes)


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_made_once(backtest, name):
    assert getattr(backtest, name) is getattr(backtest, name)


@pytest.mark.parametrize("name", FRAMES)
def test_writing_to_a_frame_changes_neither_the_account_nor_another_backtest(backtest, name):
    before = backtest.account.book.copy(), backtest.decided.rows.copy(), backtest.account.fills.copy()
    frame = getattr(backtest, name)
    frame.iloc[0] = frame.iloc[-1]
    if isinstance(frame, pd.DataFrame):
        frame.columns.name = "changed"
    after = backtest.account.book, backtest.decided.rows, backtest.account.fills
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    again = simulate(backtest.targets * NAN, backtest.market, engine="ledger")
    if isinstance(frame, pd.DataFrame):
        assert getattr(again, name).columns.name is None


def test_no_array_of_an_account_can_be_written_to(backtest):
    for array in (
        backtest.account.book,
        backtest.account.fills,
        backtest.account.unfilled,
        backtest.decided.rows,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
