"""What the tear sheet's figures plot, read back from the artists matplotlib was given."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from raisecash.execution.costs import Costs
from reports.tear_sheet import own
from reports.tear_sheet import quantstats as by_quantstats
from reports.tear_sheet.data import sheet_of
from reports.tear_sheet.drawing import log_ticks, number_labels, percent_labels
from reports.tear_sheet.style import quantstats_style
from strategies.buy_and_hold import BuyAndHold
from strategies.cash import Cash
from strategies.rally_then_raise_cash import RallyThenRaiseCash
from strategies.sell_in_may import SellInMay
from tests.support.markets import closing_at
from tests.support.study_factory import make_market, make_study


@pytest.fixture(scope="module")
def study():
    return make_study(
        {"rally": RallyThenRaiseCash(), "sell": SellInMay()}, market=make_market("2018-01-01", "2021-06-30")
    )


@contextmanager
def drawn(draw, study, name):
    """Yield the axes of one figure."""
    result = next(result for result in study.results if result.name == name)
    with quantstats_style() as quantstats:
        yield draw(sheet_of(study, result), quantstats).axes[0]


def line(axes, label):
    """Return the values of a line, or of a horizontal one its height, by its place in the legend."""
    legend = axes.get_legend()
    index = [text.get_text().strip() for text in legend.get_texts()].index(label)
    colour = legend.legend_handles[index].get_color()
    style = legend.legend_handles[index].get_linestyle()
    return next(one for one in axes.lines if one.get_color() == colour and one.get_linestyle() == style)


def values(one):
    return np.asarray(one.get_ydata(), dtype=float)


def test_cumulative_returns_start_at_the_first_bar_with_the_starting_capital(study):
    result = study.strategies[1]
    with drawn(by_quantstats.cumulative_returns, study, "sell") as axes:
        for name, one in (("sell", result), ("buy-and-hold", study.benchmark)):
            equity = one.backtest.equity.to_numpy()
            np.testing.assert_allclose(
                values(line(axes, name)), equity / equity[0] - 1, rtol=1e-9, atol=1e-12
            )
        first = pd.Timestamp(np.asarray(line(axes, "sell").get_xdata())[0])
        assert first == study.market.bars[0]


def test_leading_days_in_cash_are_not_trimmed():
    """In cash until November: quantstats' default would start the page there, for both accounts."""
    study = make_study({"s": SellInMay()}, market=make_market("2020-05-04", "2021-03-31", cash_yield=0.0))
    with drawn(by_quantstats.cumulative_returns, study, "s") as axes:
        for name in ("s", "buy-and-hold"):
            assert len(values(line(axes, name))) == len(study.market.bars)
        assert (values(line(axes, "s"))[:150] == 0).all()


def test_volatility_matched_returns_have_the_benchmarks_volatility(study):
    result = study.strategies[0]
    with drawn(by_quantstats.volatility_matched, study, "rally") as axes:
        label = axes.get_legend().get_texts()[0].get_text()
        value = 1 + values(line(axes, label))
    scaled = value[1:] / value[:-1] - 1
    factor = study.benchmark.returns.std() / result.returns.std()
    np.testing.assert_allclose(scaled, factor * result.returns, atol=1e-12)
    assert label == f"rally × {factor:.2f}"


def test_growth_is_on_a_true_log_axis(study):
    with drawn(own.log_growth, study, "rally") as axes:
        assert axes.get_yscale() == "log"
        equity = study.strategies[0].backtest.equity.to_numpy()
        np.testing.assert_allclose(values(line(axes, "rally")), equity / equity[0], rtol=1e-9)


def test_year_bars_are_the_years_returns(study):
    with drawn(own.year_bars, study, "rally") as axes:
        heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
        labels = [text.get_text() for text in axes.get_xticklabels()]
        np.testing.assert_allclose(values(line(axes, "Average of rally")), study.strategies[0].years.mean())
    assert heights == [study.benchmark.years.tolist(), study.strategies[0].years.tolist()]
    assert labels == ["2018", "2019", "2020", "2021"]


@pytest.mark.parametrize(("last", "step"), [("2025-12-31", 1), ("2032-06-30", 2)])
def test_each_year_is_labelled_once_under_its_own_bar(last, step):
    """Nine years, and thirteen: quantstats' labels slip under pandas 3 with both."""
    study = make_study({"s": BuyAndHold()}, market=make_market("2018-01-01", last))
    with drawn(own.year_bars, study, "s") as axes:
        labels = [text.get_text() for text in axes.get_xticklabels()]
        places = axes.get_xticks()
        bars = axes.containers[1]
    years = study.strategies[0].years
    assert labels == [str(year) for year in years.index[::step]]
    for place, label in zip(places, labels, strict=True):
        bar = next(bar for bar in bars if abs(bar.get_x() + bar.get_width() / 2 - place) < 0.3)
        assert bar.get_height() == years[int(label)]


def test_months_without_data_are_empty_cells():
    """March 2020 to June 2021 are 16 months; quantstats prints 24 numbers."""
    study = make_study({"s": BuyAndHold()}, market=make_market("2020-03-02", "2021-06-30"))
    with drawn(own.month_heatmap, study, "s") as axes:
        cells = {text.get_position(): text.get_text() for text in axes.texts}
        columns = [text.get_text() for text in axes.get_xticklabels()]
        rows = [text.get_text() for text in axes.get_yticklabels()]
    months = study.strategies[0].months
    assert (columns[0], columns[-1], rows) == ("Jan", "Dec", ["2020", "2021"])
    assert len(cells) == 16 == months.notna().to_numpy().sum()
    for (x, y), text in cells.items():
        value = months.iloc[int(y), int(x)]
        assert float(text.replace("−", "-")) == pytest.approx(100 * value, abs=0.00501)


def test_the_month_histogram_counts_every_month_once(study):
    with drawn(own.month_histogram, study, "rally") as axes:
        for bars in axes.containers:
            assert sum(bar.get_height() for bar in bars) == 42
        months = study.strategies[0].months.to_numpy()
        assert axes.lines[-1].get_xdata()[0] == pytest.approx(np.nanmean(months))


def test_daily_returns_are_the_returns_and_no_sum(study):
    with drawn(by_quantstats.each_return, study, "rally") as axes:
        np.testing.assert_array_equal(values(axes.lines[0]), study.strategies[0].returns)
        assert axes.figure.texts[0].get_text() == "Daily Returns"


@pytest.mark.parametrize(("clock_days", "window", "year"), [("D", 183, 365), ("B", 126, 252)])
def test_rolling_windows_follow_the_clock(clock_days, window, year):
    days = pd.date_range("2018-01-01", "2020-12-31", freq=clock_days)
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, (len(days), 2)), axis=0))
    market = closing_at({"A": closes[:, 0], "B": closes[:, 1]}, days, cash_yield=0.03)
    study = make_study(
        {"s": BuyAndHold(weights={"A": 1.0})}, {"b": BuyAndHold(weights={"B": 1.0})}, market=market
    )
    result, benchmark = study.strategies[0], study.benchmark
    assert market.periods_per_year == year
    rolling = result.excess_returns.rolling(window)
    downside = np.sqrt((result.excess_returns.clip(upper=0) ** 2).rolling(window).mean())
    expected = {
        by_quantstats.rolling_volatility: result.returns.rolling(window).std() * year**0.5,
        by_quantstats.rolling_sharpe: rolling.mean() / rolling.std() * year**0.5,
        by_quantstats.rolling_sortino: rolling.mean() / downside * year**0.5,
    }
    for draw, oracle in expected.items():
        with drawn(draw, study, "s") as axes:
            np.testing.assert_allclose(values(line(axes, "s")), oracle, rtol=1e-8, atol=1e-10)
            np.testing.assert_allclose(values(line(axes, "Average of s")), oracle.mean(), rtol=1e-8)
            assert f"{window} returns" in axes.figure.texts[0].get_text()
    beta = rolling.cov(benchmark.excess_returns) / benchmark.excess_returns.rolling(window).var()
    with drawn(own.rolling_beta, study, "s") as axes:
        np.testing.assert_allclose(
            values(line(axes, f"6 months ({window} returns)")), beta, rtol=1e-8, atol=1e-10
        )
        np.testing.assert_allclose(values(line(axes, "Average, 6 months")), beta.mean(), rtol=1e-8)


def test_rolling_lines_start_with_the_first_full_window_and_not_with_zeros(study):
    with drawn(own.rolling_beta, study, "rally") as axes:
        beta = values(line(axes, "6 months (183 returns)"))
    assert np.isnan(beta[:182]).all()
    assert np.isfinite(beta[182:]).all()


def test_a_gap_in_a_rolling_ratio_stays_a_gap(study):
    """Half a year in cash has no Sharpe ratio; quantstats draws a line across it."""
    with drawn(by_quantstats.rolling_sharpe, study, "sell") as axes:
        ratio = values(line(axes, "sell"))
    assert np.isnan(ratio[182:]).any()


def test_the_underwater_plot_counts_a_loss_on_the_first_trading_day():
    closes = [100.0, 100.0, 80.0, 90.0, 70.0]
    market = closing_at({"A": closes}, pd.date_range("2020-01-01", periods=5))
    study = make_study({"s": BuyAndHold()}, {"b": Cash()}, market=market, costs=Costs())
    with drawn(by_quantstats.underwater, study, "s") as axes:
        np.testing.assert_allclose(values(axes.lines[0]), [0, 0, -0.2, -0.1, -0.3])
        np.testing.assert_allclose(values(line(axes, "Average")), -0.12)


def test_shaded_drawdowns_run_from_peak_to_recovery_and_open_ones_to_the_last_bar(study):
    from matplotlib.dates import date2num

    for result in study.strategies:
        with drawn(by_quantstats.drawdown_periods, study, result.name) as axes:
            spans = [(span.get_x(), span.get_x() + span.get_width()) for span in axes.patches]
        worst = result.drawdowns.head(5)
        until = worst["recovery"].fillna(study.market.bars[-1])
        assert spans == [*zip(date2num(worst["peak"]), date2num(until), strict=True)]


def test_every_period_is_in_its_box_wherever_the_calendar_ends():
    """Boxes end at the quartiles; on exchange sessions quantstats keeps only periods that end on a session."""
    days = pd.bdate_range("2016-01-01", "2025-12-31")
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, len(days))))
    study = make_study({"s": BuyAndHold()}, {}, market=closing_at({"A": closes}, days))
    growth = 1 + study.results[0].returns
    expected = {"Daily": growth} | {
        name: growth.resample(rule).prod()
        for name, rule in (("Weekly", "W-SUN"), ("Monthly", "ME"), ("Quarterly", "QE"), ("Yearly", "YE"))
    }
    with drawn(own.return_quantiles, study, "s") as axes:
        labels = [text.get_text() for text in axes.get_xticklabels()]
        boxes = [box.get_path().get_extents().intervaly for box in axes.patches]
    assert labels == list(expected)
    for box, of_period in zip(boxes, expected.values(), strict=True):
        np.testing.assert_allclose(box, np.percentile(of_period - 1, [25, 75]), rtol=1e-9)


def test_periods_as_fine_as_the_returns_have_no_box_of_their_own():
    weeks = pd.date_range("2018-01-05", "2021-12-31", freq="7D")
    study = make_study({"s": BuyAndHold()}, {}, market=closing_at({"A": range(100, 100 + len(weeks))}, weeks))
    with drawn(own.return_quantiles, study, "s") as axes:
        labels = [text.get_text() for text in axes.get_xticklabels()]
    assert labels == ["Weekly", "Monthly", "Quarterly", "Yearly"]


def test_an_all_cash_account_has_beta_zero_and_not_noise():
    study = make_study({"s": Cash()}, market=make_market("2020-01-01", "2021-12-31"))
    with drawn(own.rolling_beta, study, "s") as axes:
        beta = values(line(axes, "6 months (183 returns)"))
    assert (beta[182:] == 0).all()


@pytest.mark.parametrize(
    ("value", "percent", "plain"),
    [(0.025, "2.5%", "0.025"), (-0.1 - 0.2, "−30%", "−0.3"), (12.0, "1,200%", "12"), (-1e-17, "0%", "0")],
)
def test_tick_labels_are_exact(value, percent, plain):
    assert percent_labels()(value, 0) == percent
    assert number_labels()(value, 0) == plain


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.6, 55.0, [1, 3, 10, 30]),
        (0.5, 20000.0, [1, 10, 100, 1000, 10000]),
        (0.95, 1.06, [0.96, 0.98, 1, 1.02, 1.04, 1.06]),
    ],
)
def test_log_ticks_are_round(low, high, expected):
    assert log_ticks(low, high) == expected
