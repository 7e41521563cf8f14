"""Plain backtrader strategies: run unchanged, audited, replayed through the ledger, by hand and on real prices."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from raisecash import Market
from raisecash.engines.account import PLAIN_REASONS
from raisecash.errors import ConfigError, LookAheadError, ParameterError, Refusal
from raisecash.execution.costs import Costs
from raisecash.simulation.plain import check_plain_lookahead, simulate_plain
from raisecash.strategy.discovery import find_strategy
from raisecash.strategy.plain import plain_strategy
from tests.support.strategies import plain_strategies as written

COSTS = Costs(commission=0.001, slippage=0.0005)
TOLERANCE = 1e-9


def made(name, **parameters):
    return plain_strategy(getattr(written, name))(**parameters)


def days(rows, start="2024-01-01", freq="D", name="A"):
    """Return the market of one asset from rows of open, high, low, close."""
    bars = pd.date_range(start, periods=len(rows), freq=freq)
    table = pd.DataFrame(rows, columns=["open", "high", "low", "close"], index=bars, dtype=float)
    return Market.from_frames({name: table})


def walk(start, end, *, assets=("BTC", "SPY"), seed=0, late=None, **others):
    """Return random walks with highs and lows; SPY is closed at weekends, and may begin late."""
    rng = np.random.default_rng(seed)
    bars = pd.date_range(start, end)
    frames = {}
    for asset in assets:
        own = bars[bars.day_of_week < 5] if asset == "SPY" else bars
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, len(own))))
        opens = close * np.exp(rng.normal(0, 0.004, len(own)))
        frame = pd.DataFrame(
            {
                "open": opens,
                "high": np.maximum(opens, close) * (1 + rng.uniform(0, 0.01, len(own))),
                "low": np.minimum(opens, close) * (1 - rng.uniform(0, 0.01, len(own))),
                "close": close,
                "volume": rng.uniform(1e5, 1e6, len(own)),
            },
            index=own,
        )
        frames[asset] = frame[late:] if asset == "SPY" and late else frame
    return Market.from_frames(frames, **others)


def listed(*orders, heard=None):
    return made("Listed", orders=list(orders), heard=heard)


FLAT = [(10, 11, 9, 10)] * 6


# -- what fills where ---------------------------------------------------------------------------


def test_a_market_order_is_filled_at_the_next_open_with_costs():
    market = days([(10, 11, 9, 10), (12, 13, 11, 12), (12, 13, 11, 13)])
    got = simulate_plain(listed((0, "A", "buy", {"size": 5})), market, COSTS, cash=1000).record
    (fill,) = got.fills.to_dict("records")
    assert (fill["time"], fill["decided_at"]) == (market.bars[1], market.bars[0])
    assert fill["price"] == pytest.approx(12 * 1.0005)
    assert fill["commission"] == pytest.approx(5 * 12 * 1.0005 * 0.001)
    assert got.cash.iloc[-1] == pytest.approx(1000 - 5 * 12 * 1.0005 * 1.001)
    assert got.equity.iloc[-1] == pytest.approx(got.cash.iloc[-1] + 5 * 13)


def test_sizes_stay_fractional():
    market = days([(40_000, 40_100, 39_900, 40_000)] * 3)
    strategy = plain_strategy(
        type("Half", (bt.Strategy,), {"next": lambda self: self.order_target_percent(target=0.5)})
    )()
    got = simulate_plain(strategy, market, cash=10_000).record
    assert got.shares["A"].iloc[1] == pytest.approx(0.125)


@pytest.mark.parametrize(
    ("opening", "low", "price"),
    [(9.6, 8.9, 9.0), (8.0, 7.5, 8.0)],
    ids=["touched in the bar: at the stop", "gapped through: at the open"],
)
def test_a_stop_loss_fills_at_its_price_or_at_a_worse_open(opening, low, price):
    market = days([*FLAT[:2], (opening, 10, low, 9.5), FLAT[0]])
    stop = {"size": 5, "exectype": "Stop", "price": 9.0}
    got = simulate_plain(listed((0, "A", "buy", {"size": 5}), (1, "A", "sell", stop)), market, COSTS).record
    (sale,) = got.fills[got.fills["shares"] < 0].to_dict("records")
    assert sale["time"] == market.bars[2]
    assert sale["price"] == pytest.approx(price * (1 - 0.0005))
    assert got.shares["A"].iloc[-1] == 0


def test_a_limit_order_slips_up_to_its_limit_and_no_further():
    market = days([FLAT[0], (9.999, 11, 9, 10), (9.0, 11, 8, 10), FLAT[0]])
    near, far = ({"size": 1, "exectype": "Limit", "price": 10.0} for _ in range(2))
    got = simulate_plain(
        listed((0, "A", "buy", near), (1, "A", "buy", far)), market, Costs(slippage=0.01)
    ).record
    assert got.fills["price"].tolist() == pytest.approx([10.0, 9.0 * 1.01])


def test_a_bracket_takes_its_profit_and_cancels_its_stop():
    market = days([FLAT[0], FLAT[0], (10, 10.5, 9.6, 10), (10, 12.5, 9.8, 12), FLAT[0]])
    bracket = {"size": 2, "price": 9.8, "stopprice": 9.0, "limitprice": 12.0}
    got = simulate_plain(listed((1, "A", "buy_bracket", bracket)), market).record
    assert got.fills["shares"].tolist() == [2, -2]
    assert got.fills["price"].tolist() == [9.8, 12.0]
    assert got.fills["time"].tolist() == [market.bars[2], market.bars[3]]
    assert got.unfilled["reason"].tolist() == [PLAIN_REASONS[2]]
    assert got.equity.iloc[-1] == pytest.approx(100_000 + 2 * (12.0 - 9.8))


def test_every_notify_hook_is_called():
    heard = []
    market = days([*FLAT, (12, 12, 12, 12)])
    orders = ((0, "A", "buy", {"size": 1}), (3, "A", "sell", {"size": 1}))
    simulate_plain(listed(*orders, heard=heard), market)
    assert [each[1] for each in heard if each[0] == "order"] == ["Submitted", "Accepted", "Completed"] * 2
    assert ("trade", True, 0.0) in heard
    assert sum(each[0] == "cash" for each in heard) == len(market.bars)


# -- interest, dividends, shorts ----------------------------------------------------------------


def test_cash_earns_interest_and_shares_dividends():
    """1,000 in cash for a day at 36.5 % is 1; then 10 shares at 10 pay 0.5 each."""
    bars = pd.date_range("2024-01-01", periods=4)
    price = pd.DataFrame({"A": [10.0] * 4}, index=bars)
    paid = pd.DataFrame({"A": [0.0, 0, 0.5, 0]}, index=bars)
    market = Market(open=price, close=price, dividends=paid, cash_yield=0.365)
    got = simulate_plain(listed((0, "A", "buy", {"size": 10})), market, cash=1000).record
    assert got.bars["interest"].tolist()[:2] == [0, pytest.approx(1.0)]
    assert got.bars["dividends"].tolist() == [0, 0, 5, 0]
    assert got.cash.iloc[1] == pytest.approx(1000 + 1 - 100)
    assert got.bars["interest"].iloc[2] == pytest.approx(901 * 0.365 / 365)


def test_a_short_sale_is_accounted_for_and_said():
    bars = pd.date_range("2024-01-01", periods=4)
    price = pd.DataFrame({"A": [10.0, 10, 8, 8]}, index=bars)
    market = Market(open=price, close=price, dividends=price.mul([0, 0, 0.1, 0], axis=0))
    got = simulate_plain(listed((0, "A", "sell", {"size": 10})), market, cash=1000)
    assert got.record.cash.tolist() == pytest.approx([1000, 1100, 1100 - 8, 1092])
    assert got.record.equity.tolist() == pytest.approx([1000, 1000, 1012, 1012])
    assert any("sold short" in note for note in got.notes)


def test_a_short_that_loses_everything_is_refused():
    market = days([(10, 10, 10, 10), (10, 10, 10, 10), (500, 500, 500, 500)])
    with pytest.raises(Refusal, match=r"equity must stay above 0, and is -3,900\.00 on 2024-01-03"):
        simulate_plain(listed((0, "A", "sell", {"size": 10})), market, cash=1000)


# -- orders that are not filled -----------------------------------------------------------------


def test_what_was_not_filled_is_listed_with_its_reason():
    market = walk("2024-01-01", "2024-01-31", late="2024-01-10")
    limit = {"size": 1, "exectype": "Limit", "price": 1.0}
    got = simulate_plain(
        listed(
            (1, "SPY", "buy", {"size": 1}),  # no bar yet
            (12, "BTC", "buy", {"size": 1_000_000}),  # no such cash
            (13, "BTC", "buy", {**limit, "valid": dt.datetime(2024, 1, 18)}),
            (14, "BTC", "buy", limit),
            (30, "BTC", "buy", {"size": 1}),  # on the last bar
        ),
        market,
    ).record
    assert len(got.fills) == 0
    margin, rejected, _, expired, never, _ = PLAIN_REASONS
    said = dict(zip(got.unfilled["decided_at"].dt.day, got.unfilled["reason"], strict=True))
    assert said == {2: rejected, 13: margin, 14: expired, 15: never, 31: never}
    assert got.unfilled["wanted"].tolist() == [1, 1_000_000, 1, 1, 1]
    assert (got.equity == 100_000).all()


# -- look-ahead ---------------------------------------------------------------------------------


def test_a_saturday_limit_does_not_get_friday_and_is_flagged():
    bars = pd.date_range("2024-01-04", periods=6)  # Thursday to Tuesday
    btc = pd.DataFrame(dict.fromkeys(["open", "high", "low", "close"], 100.0), index=bars)
    spy = pd.DataFrame(
        {"open": [10.0, 10, 20, 20], "high": [11.0, 11, 21, 21], "low": [9.0, 9, 10.5, 19], "close": [10.0, 10, 20, 20]},
        index=bars[[0, 1, 4, 5]],
    )  # fmt: skip
    got = simulate_plain(made("SaturdayLimit"), Market.from_frames({"BTC": btc, "SPY": spy}), cash=1000)
    (fill,) = got.record.fills.to_dict("records")
    assert (fill["time"], fill["price"]) == (bars[4], 11.0)  # Monday's bar came down to the limit
    (row,) = got.record.unfilled.to_dict("records")
    assert (row["asset"], row["decided_at"], row["wanted"]) == ("SPY", bars[2], 1)
    assert row["reason"].startswith("look-ahead")
    (note,) = (each for each in got.notes if "look-ahead" in each)
    assert "1 SPY placed on 2024-01-06" in note
    assert "the bar of 2024-01-05" in note


def test_backtrader_itself_would_have_filled_it_on_friday():
    """The reason for the rule above: the same orders in a bare Cerebro."""
    bars = pd.date_range("2024-01-04", periods=6)
    cerebro = bt.Cerebro(runonce=False)
    frame = pd.DataFrame({"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.0, "volume": 0}, index=bars)
    for name, rows in (("BTC", frame), ("SPY", frame.iloc[[0, 1, 4, 5]])):
        cerebro.adddata(bt.feeds.PandasData(dataname=rows), name=name)
    filled = []

    class Heard(written.SaturdayLimit):
        def notify_order(self, order):
            if order.status == order.Completed:
                filled.append(bt.num2date(order.executed.dt).date())

    cerebro.addstrategy(Heard)
    cerebro.run()
    assert filled[0] == dt.date(2024, 1, 5)


def test_cheat_on_close_is_refused_by_order_date_and_asset():
    message = (
        r"order 1 \(Market, 1 A, placed at the close of 2024-01-03\) was filled on the bar of 2024-01-03"
    )
    with pytest.raises(LookAheadError, match=message):
        simulate_plain(made("CheatOnClose"), days(FLAT))


def test_reading_the_next_bar_is_refused():
    with pytest.raises(LookAheadError, match=r"read A 1 bar\(s\) ahead of 2024-01-01"):
        simulate_plain(made("NextBar"), days(FLAT))


def test_reading_past_the_lines_is_found_by_cutting_the_future_off():
    market = walk("2024-01-01", "2024-03-31", assets=("BTC",))
    got = simulate_plain(made("Peek"), market)
    with pytest.raises(
        LookAheadError, match=r"looks ahead: order \d+ is 2024-\d\d-\d\d BTC 1 Market, and not there"
    ):
        check_plain_lookahead(made("Peek"), got)


def test_a_line_of_two_markets_pairs_dates_and_shows_nothing_before_the_first_bar():
    market = walk("2024-01-01", "2024-02-28", late="2024-01-09")
    seen = []
    got = simulate_plain(made("RatioWatcher", seen=seen), market)
    close = market.last_close
    for day, value in seen:
        at = pd.Timestamp(day)
        if day < dt.date(2024, 1, 9):
            assert np.isnan(value)
        else:
            assert value == close.loc[at, "BTC"] / close.loc[at, "SPY"]
    assert len(seen) == len(market.bars)
    assert any("read a price of SPY" in note for note in got.notes)


@pytest.mark.parametrize("name", ["SmaCross", "Brackets", "SaturdayLimit"])
def test_honest_strategies_are_not_accused(name):
    got = simulate_plain(made(name), walk("2024-01-01", "2024-12-31"), COSTS)
    assert check_plain_lookahead(made(name), got).cuts == 3


# -- the account, twice -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["SmaCross", "Brackets"])
def test_backtrader_and_the_replayed_fills_keep_one_account(name, seed):
    market = walk("2022-01-01", "2023-12-31", seed=seed, cash_yield=0.04)
    got = simulate_plain(made(name), market, COSTS)
    assert len(got.record.fills) > 10
    assert got.reconciliation.max_relative_difference <= TOLERANCE
    assert loop_gap(got.record, market, COSTS) <= TOLERANCE


@pytest.mark.parametrize("name", ["SmaCross", "Brackets"])
def test_on_long_histories_too(name, price_data):
    frames = {}
    for asset, file in (("BTC", "BTC-USD"), ("SPY", "SPY")):
        table = pd.read_csv(price_data / "market" / f"{file}.csv", parse_dates=["Date"], index_col="Date")
        frames[asset] = table.rename(columns=str.lower)["2019-01-01":"2025-12-31"]
    market = Market.from_frames(frames, cash_yield=0.02)
    got = simulate_plain(made(name), market, COSTS)
    assert len(got.record.fills) > 20
    assert got.reconciliation.max_relative_difference <= TOLERANCE
    assert loop_gap(got.record, market, COSTS) <= TOLERANCE
    # An independent look at every fill: on a bar of its market after the order's, within what it traded at.
    for fill in got.record.fills.to_dict("records"):
        low, high = (frames[fill["asset"]].loc[fill["time"], column] for column in ("low", "high"))
        assert low * (1 - 0.0005) * (1 - 1e-12) <= fill["price"] <= high * (1 + 0.0005) * (1 + 1e-12)
        assert fill["decided_at"] < fill["time"]


def loop_gap(record, market, costs):
    """Return how far an account is, in equity, from one kept in plain Python from its fills alone."""
    cash, shares, worst = record.cash_at_start, dict.fromkeys(market.assets, 0.0), 0.0
    fills = record.fills.to_dict("records")
    prices: dict[str, float] = {}
    for t, bar in enumerate(market.bars):
        if t:
            passed = (bar - market.bars[t - 1]).days
            cash += max(cash, 0.0) * market.cash_yield.iloc[t - 1] * passed / 365
        for fill in (each for each in fills if each["time"] == bar):
            cash -= fill["shares"] * fill["price"] + abs(fill["shares"]) * fill["price"] * costs.commission
            shares[fill["asset"]] += fill["shares"]
        closes = market.close.loc[bar].dropna()
        prices.update(closes.to_dict())
        equity = cash + sum(shares[asset] * price for asset, price in prices.items())
        worst = max(worst, abs(equity - record.equity.iloc[t]) / equity)
    return worst


def test_bars_on_which_every_market_is_closed_earn_interest_all_the_same():
    bars = pd.date_range("2024-01-01", periods=5)
    price = pd.DataFrame({"A": [10.0, np.nan, np.nan, 10, np.nan]}, index=bars)
    market = Market(open=price, close=price, cash_yield=0.365)
    got = simulate_plain(listed((0, "A", "buy", {"size": 1})), market, cash=1000)
    assert got.record.fills["time"].tolist() == [bars[3]]
    assert got.record.equity.iloc[2] == pytest.approx(1000 * 1.001**2)
    assert len(got.record.bars) == 5


# -- parameters and finding ---------------------------------------------------------------------


def test_params_are_parameters():
    strategy = made("SmaCross", fast=3)
    assert (strategy.fast, strategy.slow) == (3, 20)
    assert repr(strategy) == "SmaCross(fast=3, slow=20, share=0.9)"
    assert strategy.model_dump(mode="json") == {"fast": 3, "slow": 20, "share": 0.9}
    assert (
        type(strategy).description() == "Hold the first market while its fast average is above its slow one."
    )
    assert pickle.loads(pickle.dumps(strategy)) == strategy
    with pytest.raises(ParameterError, match="SmaCross has no parameter 'fats'; did you mean 'fast'"):
        made("SmaCross", fats=3)


def test_a_param_that_json_has_no_word_for_is_shown_by_its_name():
    other = type("WithMa", (bt.Strategy,), {"params": (("ma", bt.ind.SMA), ("when", dt.time(9)))})
    shown = plain_strategy(other)()
    assert shown.model_dump(mode="json") == {"ma": "SMA", "when": "09:00:00"}
    assert plain_strategy(other).model_json_schema()["properties"]["ma"]["default"] == "SMA"


def test_a_param_named_like_a_strategy_s_own_is_refused():
    clash = type("Clash", (bt.Strategy,), {"params": (("source", 1),)})
    with pytest.raises(ConfigError, match="a parameter cannot be called 'source'"):
        plain_strategy(clash)


def test_a_file_s_class_is_found_and_a_wrong_name_lists_it():
    file = Path(written.__file__)
    found = find_strategy(f"{file.name}:SmaCross", base_dir=file.parent, where="here")
    assert found.__name__ == "SmaCross"
    assert found is find_strategy(f"{file}:SmaCross", base_dir=Path(), where="here")
    with pytest.raises(ConfigError, match=r"no strategy class 'SmaCros'; its strategies: SmaCross, Listed"):
        find_strategy(f"{file}:SmaCros", base_dir=Path(), where="here")


def test_weights_are_not_to_be_had_from_a_plain_strategy():
    with pytest.raises(ParameterError, match="places orders and decides no weights"):
        made("SmaCross").target_weights(days(FLAT))


def test_cash_and_costs_are_the_config_s():
    greedy = type("Greedy", (bt.Strategy,), {"start": lambda self: self.broker.add_cash(1e6)})
    with pytest.raises(ConfigError, match=r"called broker\.add_cash; cash, interest and costs are those of"):
        simulate_plain(plain_strategy(greedy)(), days(FLAT))


def test_prints_do_not_reach_stdout(capsys):
    chatty = type("Chatty", (bt.Strategy,), {"next": lambda self: print("bar")})
    simulate_plain(plain_strategy(chatty)(), days(FLAT))
    said = capsys.readouterr()
    assert (said.out, said.err.count("bar")) == ("", 6)
