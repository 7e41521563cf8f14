"""What a backtest shows: metrics, calendar periods, drawdowns and the July window of an account."""

from raisecash.evidence.drawdowns import drawdown, worst_drawdowns
from raisecash.evidence.july import july_window
from raisecash.evidence.metrics import METRICS, RELATIVE_METRICS, measure
from raisecash.evidence.periods import months, years
from raisecash.evidence.returns import cash_accrual, day_end_equity, day_returns, excess_returns

__all__ = [
    "METRICS",
    "RELATIVE_METRICS",
    "cash_accrual",
    "day_end_equity",
    "day_returns",
    "drawdown",
    "excess_returns",
    "july_window",
    "measure",
    "months",
    "worst_drawdowns",
    "years",
]
