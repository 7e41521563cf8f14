"""Long histories, real and made up, recomputed in plain Python from the contract's definitions: no pandas, no shared code."""

from __future__ import annotations

import csv
import datetime
import math
import statistics

import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.execution.costs import Costs
from raisecash.metrics.drawdowns import worst_drawdowns
from raisecash.metrics.july import july_window
from raisecash.metrics.measure import measure
from raisecash.metrics.track import Track

FIRST, LAST = "2016-01-04", "2025-12-31"


def rows_of(path):
    with path.open() as file:
        return {row["Date"][:10]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def accounts(price_data):
    """A summer seller and buy-and-hold of BTC and SPY, with T-bill interest and costs."""
    frames = {}
    for name in ("BTC-USD", "SPY"):
        rows = {
            day: row
            for day, row in rows_of(price_data / "market" / f"{name}.csv").items()
            if FIRST <= day <= LAST
        }
        frames[name[:3]] = pd.DataFrame(
            {field: [float(row[field.title()]) for row in rows.values()] for field in ("open", "close")},
            index=pd.DatetimeIndex(list(rows)),
        )
    bills = {
        d: float(r["Close"]) / 100
        for d, r in rows_of(price_data / "market" / "IRX.csv").items()
        if r["Close"]
    }
    days = sorted(set(frames["BTC"].index) | set(frames["SPY"].index))
    known = pd.Series(bills)
    known.index = pd.DatetimeIndex(known.index)
    cash_yield = known.reindex(days, method="ffill").rename("cash_yield")
    market = Market.from_frames(frames, cash_yield=cash_yield)
    costs = Costs(commission=0.001, slippage=0.0005)
    held = pd.DataFrame(0.5, index=market.bars, columns=list(market.assets))
    summers = held.mul([0.2 if 7 <= day.month <= 9 else 1.0 for day in market.bars], axis=0)
    return [
        simulate(targets, market, costs, engine="ledger", name=name)
        for name, targets in (("summer seller", summers), ("buy-and-hold", held))
    ]


def series_of(backtest):
    """Return days, equity, returns and excess returns as lists, from the account's bars alone."""
    days = [day.date() for day in backtest.bars.index]
    equity = backtest.bars["equity"].tolist()
    yields = backtest.market.cash_yield.tolist()
    r, x = [], []
    for t in range(1, len(days)):
        r.append(equity[t] / equity[t - 1] - 1)
        x.append(r[-1] - yields[t - 1] * (days[t] - days[t - 1]).days / 365)
    return days, equity, r, x


def mean(values):
    return math.fsum(values) / len(values)


def recomputed(backtest, benchmark):
    """Return every metric of the contract, each from its sentence."""
    days, equity, r, x = series_of(backtest)
    _, _, r_b, x_b = series_of(benchmark)
    n, elapsed = len(r), (days[-1] - days[0]).days / 365.25
    sd = statistics.stdev(r)
    position = 0.05 * (n - 1)
    ordered = sorted(r)
    low = ordered[int(position)]
    quantile = low + (ordered[int(position) + 1] - low) * (position - int(position))

    high, high_day, deepest, longest, under = 0.0, days[0], 0.0, 0, False
    for day, value in zip(days, equity, strict=True):
        if value >= high:
            longest = max(longest, (day - high_day).days) if under else longest
            high, high_day, under = value, day, False
        else:
            under, deepest = True, min(deepest, value / high - 1)
    longest = max(longest, (days[-1] - high_day).days) if under else longest

    months: dict[tuple[int, int], float] = {}
    for day, value in zip(days[1:], r, strict=True):
        months[day.year, day.month] = months.get((day.year, day.month), 1.0) * (1 + value)
    by_month = [factor - 1 for factor in months.values()]

    m2, m3, m4 = (mean([(v - mean(r)) ** k for v in r]) for k in (2, 3, 4))
    cov = math.fsum((v - mean(x)) * (w - mean(x_b)) for v, w in zip(x, x_b, strict=True)) / (n - 1)
    slope = cov / statistics.variance(x_b)
    apart = [v - w for v, w in zip(r, r_b, strict=True)]
    growth = (equity[-1] / equity[0]) ** (1 / elapsed) - 1
    bars = backtest.bars
    return {
        "total_return": equity[-1] / equity[0] - 1,
        "cagr": growth,
        "volatility": sd * math.sqrt(365),
        "sharpe": mean(x) / statistics.stdev(x) * math.sqrt(365),
        "sortino": mean(x) / math.sqrt(mean([min(v, 0) ** 2 for v in x])) * math.sqrt(365),
        "calmar": growth / -deepest,
        "max_drawdown": deepest,
        "longest_drawdown_days": longest,
        "value_at_risk": quantile,
        "expected_shortfall": mean([v for v in r if v <= quantile]),
        "skew": math.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5,
        "kurtosis": (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6),
        "best_month": max(by_month),
        "worst_month": min(by_month),
        "win_rate_months": sum(value > 0 for value in by_month) / len(by_month),
        "average_cash_weight": mean([c / e for c, e in zip(bars["cash"].tolist(), equity, strict=True)]),
        "turnover": math.fsum(abs(f.shares * f.price) for f in backtest.fills.itertuples())
        / 2
        / mean(equity)
        / elapsed,
        "commission": math.fsum(backtest.fills["commission"].tolist()),
        "interest": math.fsum(bars["interest"].tolist()),
        "final_equity": equity[-1],
        "beta": slope,
        "alpha": mean([v - slope * w for v, w in zip(x, x_b, strict=True)]) * 365,
        "correlation": statistics.correlation(r, r_b),
        "information_ratio": mean(apart) * 365 / (statistics.stdev(apart) * math.sqrt(365)),
        "tracking_error": statistics.stdev(apart) * math.sqrt(365),
    }


def test_every_metric_on_years_of_bitcoin_and_shares_agrees_with_a_plain_loop(accounts):
    seller, holder = accounts
    metrics, undefined = measure(seller, holder)

    assert undefined == {}
    assert metrics == pytest.approx(recomputed(seller, holder), rel=1e-9)


def test_deepest_drawdown_of_buy_and_hold_agrees_with_its_equity(accounts):
    _, holder = accounts
    equity = holder.bars["equity"]
    track = Track.of(holder)
    row = worst_drawdowns(track.drawdown, track.days).iloc[0]

    assert equity[row["trough"]] / equity[row["peak"]] - 1 == pytest.approx(row["depth"])
    assert equity[row["peak"] : row["trough"]].max() == equity[row["peak"]]
    is_over = pd.notna(row["recovery"])
    if is_over:
        assert equity[row["recovery"]] >= equity[row["peak"]]
    under = equity[row["peak"] : row["recovery"] if is_over else None].iloc[1 : -1 if is_over else None]
    assert under.max() < equity[row["peak"]]


def test_july_rows_agree_with_a_plain_loop(accounts):
    seller, _ = accounts
    days, equity, _, _ = series_of(seller)
    value_on = dict(zip(days, equity, strict=True))
    cash_on = dict(zip(days, seller.bars["cash"].tolist(), strict=True))
    table = july_window(Track.of(seller))

    assert table.index.tolist() == list(range(days[0].year, days[-1].year + 1))
    assert len(table) >= 3
    assert not table["partial"].any()
    for year, row in table.iterrows():
        may, june, july = (datetime.date(year, *end) for end in ((5, 31), (6, 30), (7, 31)))
        inside = [june + datetime.timedelta(days=k) for k in range(1, 32)]
        assert row["rally"] == pytest.approx(value_on[june] / value_on[may] - 1)
        assert row["minefield"] == pytest.approx(value_on[july] / value_on[june] - 1)
        assert row["cash_weight"] == pytest.approx(mean([cash_on[day] / value_on[day] for day in inside]))


def test_returns_of_the_account_compound_to_its_equity(accounts):
    seller, _ = accounts

    assert 100_000 * (1 + Track.of(seller).returns).prod() == pytest.approx(seller.equity.iloc[-1])
