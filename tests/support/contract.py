"""What the outside contract promises by name: typed here once, as the oracle of every test that asks."""

from __future__ import annotations

CONTRACT_METRICS = [
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "longest_drawdown_days",
    "value_at_risk",
    "expected_shortfall",
    "skew",
    "kurtosis",
    "best_month",
    "worst_month",
    "win_rate_months",
    "average_cash_weight",
    "turnover",
    "commission",
    "interest",
    "final_equity",
    "beta",
    "alpha",
    "correlation",
    "information_ratio",
    "tracking_error",
]
