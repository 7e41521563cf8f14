"""What a backtest shows: metrics, calendar periods, drawdowns, the July window, rate shocks and event studies."""

from raisecash.evidence.drawdowns import drawdown, worst_drawdowns
from raisecash.evidence.event_study import EventStudy, event_days, event_study
from raisecash.evidence.july import july_window
from raisecash.evidence.metrics import METRICS, RELATIVE_METRICS, measure
from raisecash.evidence.periods import months, years
from raisecash.evidence.rate_shock import RateSensitivity, rate_sensitivity, rate_shock
from raisecash.evidence.returns import cash_accrual, day_end_equity, day_returns, excess_returns

__all__ = [
    "METRICS",
    "RELATIVE_METRICS",
    "EventStudy",
    "RateSensitivity",
    "cash_accrual",
    "day_end_equity",
    "day_returns",
    "drawdown",
    "event_days",
    "event_study",
    "excess_returns",
    "july_window",
    "measure",
    "months",
    "rate_sensitivity",
    "rate_shock",
    "worst_drawdowns",
    "years",
]
