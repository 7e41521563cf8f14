"""Linkage of JGB and Treasury yields: beta and lead-lag by hand, the gate, and the real curve."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from raisecash import Market, simulate
from raisecash.errors import DataError, ParameterError
from raisecash.lookahead.run_time import check_lookahead
from strategies.buy_and_hold import BuyAndHold
from strategies.linkage import LinkageGate, lead_lag, rolling_beta
from strategies.risk_sleeve import RiskSleeve
from tests.support.markets import market, quiet_market, real_market

DAYS = pd.bdate_range("2024-01-01", periods=6)


def test_beta_correlation_and_t_of_four_pairs_by_hand():
    """Changes x = 1 2 3 4 and y = 2 3 5 6: around the means 2.5 and 4, Sxx 5, Sxy 7, Syy 10.

    Slope 7/5; correlation 7/sqrt(50); residual sum of squares 10 - 49/5 = .2, so the slope's standard
    error is sqrt(.2 / 2 / 5) = sqrt(.02) and t = 1.4 / sqrt(.02).
    """
    tokyo = pd.Series([0.0, 1, 3, 6, 10], index=DAYS[:5])
    new_york = pd.Series([-9.0, -7, -4, 1, 7], index=DAYS[:5])
    found = rolling_beta(tokyo, new_york, window=4)
    assert found.iloc[:3].isna().all(axis=None)
    assert found.iloc[3].tolist() == pytest.approx([1.4, 7 / math.sqrt(50), 1.4 / math.sqrt(0.02)])


def test_with_new_york_leading_tokyo_answers_on_the_next_date():
    """Tokyo repeats New York's change of the date before, doubled."""
    moves = [0.1, -0.2, 0.3, 0.1, -0.4]
    new_york = pd.Series(np.cumsum([1.0, *moves]), index=DAYS)
    tokyo = pd.Series(np.cumsum([1.0, 0.0, *(2 * move for move in moves[:-1])]), index=DAYS)
    found = rolling_beta(tokyo, new_york, window=3, leader="new_york")
    assert found["beta"].tolist() == pytest.approx([math.nan] * 3 + [2.0, 2.0], nan_ok=True)
    assert lead_lag(tokyo, new_york, most=1)[-1] == pytest.approx(1.0)
    assert abs(lead_lag(tokyo, new_york, most=1)[0]) < 0.9


def test_changes_are_taken_between_the_dates_both_have():
    """New York has no 3rd: Tokyo's change over it is two days' and pairs with New York's two days'."""
    tokyo = pd.Series([0.0, 1, 2, 4, 7, 8], index=DAYS)
    new_york = pd.Series([0.0, 1, 4, 7, 8], index=DAYS.delete(2))
    found = rolling_beta(tokyo, new_york, window=3)
    assert found.index.tolist() == DAYS.delete(2)[1:].tolist()
    assert found["beta"].iloc[2:].tolist() == pytest.approx([1.0, 1.0])


def test_yields_that_do_not_move_have_no_beta_and_bad_input_is_refused():
    still = pd.Series(0.1, index=DAYS)
    moving = pd.Series(np.arange(6.0) ** 2, index=DAYS)
    assert rolling_beta(still, moving, window=3).isna().all(axis=None)
    assert lead_lag(still, moving, most=5).isna().all()
    with pytest.raises(DataError, match="window must be 3 or more pairs of changes, got 2"):
        rolling_beta(still, moving, window=2)
    with pytest.raises(DataError, match="new_york: yields must be indexed by ascending and unique dates"):
        rolling_beta(still, moving[::-1], window=3)


TOKYO = [0.0, 1, 3, 6, 10, 10, 11, 10]  # changes 1 2 3 4 0 1 -1
NEW_YORK = [-9.0, -7, -4, 1, 7, 5, 3, 4]  # changes 2 3 5 6 -2 -2 1


def test_the_gate_opens_when_four_pairs_agree_and_closes_when_they_no_longer_do():
    """The four pairs above end on Friday 5 January: t = 9.9, open over the weekend.

    Monday's pair (0, -2) gives x 2 3 4 0, y 3 5 6 -2: Sxx 8.75, Sxy 18, Syy 38: r = .987, t = 8.7.
    Tuesday's (1, -2): x 3 4 0 1, y 5 6 -2 -2: Sxx 10, Sxy 23, Syy 56.75: r = .966, t = 5.24: open.
    Wednesday's (-1, 1): x 4 0 1 -1, y 6 -2 -2 1: Sxx 14, Sxy 18, Syy 42.75: r = .736, t = 1.54: shut.
    """
    over = quiet_market({"JGB10Y": TOKYO, "UST10Y": NEW_YORK}, start="2024-01-01", days=10)
    gate = LinkageGate(window=4, t_statistic=5.0, reserve=1.0)
    linked = gate.is_linked(over)
    assert linked.tolist() == [False] * 4 + [True] * 5 + [False]
    assert gate.target_weights(over)["BTC"].tolist() == linked.astype(float).tolist()


def test_a_fresher_tokyo_figure_is_paired_with_the_new_york_figure_of_its_own_date():
    """With New York published a day after Tokyo, the same pairs come together a day later."""
    later = [NEW_YORK[0] - 1, *NEW_YORK[:-1]]
    together = quiet_market({"JGB10Y": TOKYO, "UST10Y": NEW_YORK}, start="2024-01-01", days=10)
    staggered = quiet_market({"JGB10Y": TOKYO, "UST10Y": later}, start="2024-01-01", days=10)
    rule = {"window": 4, "t_statistic": 5.0}
    weekday = together.bars.day_of_week < 5
    same = LinkageGate(**rule).is_linked(together)[weekday].tolist()
    assert LinkageGate(**rule, tokyo_fresher=1).is_linked(staggered)[weekday].tolist() == [False, *same[:-1]]
    for fresher in range(6):
        short = together.until(together.bars[3])
        assert not LinkageGate(**rule, tokyo_fresher=fresher, leader="either").is_linked(short).any()


def test_either_is_satisfied_with_one_leader():
    over = market("2022-01-01", "2024-12-31", signals=("JGB10Y", "UST10Y"))
    by = {who: LinkageGate(leader=who).is_linked(over) for who in ("tokyo", "new_york", "either")}
    assert by["either"].equals((by["tokyo"] | by["new_york"]).rename(by["either"].name))
    assert by["tokyo"].any()


def test_the_gate_counts_weekday_pairs_and_not_weekend_repeats():
    over = market("2022-01-01", "2024-12-31", signals=("JGB10Y", "UST10Y"))
    weekday = over.bars.day_of_week < 5
    office = Market(open=over.open[weekday], close=over.close[weekday], signals=over.signals[weekday])
    assert LinkageGate().is_linked(office).equals(LinkageGate().is_linked(over)[weekday])


def test_the_gate_scales_any_base_and_names_the_signal_it_misses():
    over = market("2022-01-01", "2023-12-31", signals=("JGB10Y", "UST10Y"))
    for base in (RiskSleeve(), BuyAndHold()):
        weights = LinkageGate(base=base, reserve=0.5).target_weights(over)
        full = base.target_weights(over).ffill()
        open_ = LinkageGate().is_linked(over)
        expected = full.mul(np.where(open_, 1.0, 0.5), axis=0)
        pd.testing.assert_frame_equal(weights.ffill(), expected)
    with pytest.raises(
        ParameterError, match=r"LinkageGate needs the signal 'BUND', .* it has JGB10Y, UST10Y;"
    ):
        LinkageGate(new_york="BUND").target_weights(over)


def test_on_the_real_curves_the_link_is_there_one_close_apart_and_nowhere_else(real_data):
    """New York's yield leads the next Tokyo date more than Tokyo leads New York; beyond, there is nothing."""
    jgb, ust = (
        pd.read_csv(real_data / "market" / f"{name}.csv", index_col=0, parse_dates=True)["Close"]["2016":]
        for name in ("JGB10Y", "DGS10")
    )
    found = lead_lag(jgb, ust, most=4)
    changes = pd.DataFrame({"jgb": jgb, "ust": ust}).dropna().diff()
    for k in range(-4, 5):
        assert found[k] == pytest.approx(changes["jgb"].corr(changes["ust"].shift(-k)), abs=1e-12)
    assert found[-1] > found[0] > 0.15
    assert found.drop([-1, 0]).abs().max() < 0.06
    rolled = rolling_beta(jgb, ust, window=120)
    slope = changes["jgb"].rolling(120).cov(changes["ust"]) / changes["jgb"].rolling(120).var()
    np.testing.assert_allclose(rolled["beta"], slope.iloc[1:], rtol=1e-6, atol=1e-9)


def test_on_real_files_the_gate_runs_and_does_not_look_ahead(real_data):
    over = real_market(real_data)
    for leader in ("tokyo", "new_york", "either"):
        gate = LinkageGate(leader=leader, base=RiskSleeve())
        weights = gate.target_weights(over)
        check_lookahead(gate, over, weights, name=leader)
        assert np.isfinite(simulate(weights, over, engine="ledger").equity).all()
        assert 0 < gate.is_linked(over).mean() < 1
