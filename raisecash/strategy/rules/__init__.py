"""What rules are made of, for overlays of one's own: parts with their parameters, scaling, curves, readings."""

from raisecash.strategy.parameters import Part
from raisecash.strategy.rules.calm_yield import CalmYield
from raisecash.strategy.rules.curves import last_decided, model_curve
from raisecash.strategy.rules.event_watch import EventWatch, Raised
from raisecash.strategy.rules.holdings import FixedWeights, scale, weights_in
from raisecash.strategy.rules.readings import (
    ROUNDING,
    Readings,
    read_signals,
    realised,
    trailing,
    trailing_rank,
)
from raisecash.strategy.rules.reentry import ReentryRule

__all__ = [
    "ROUNDING",
    "CalmYield",
    "EventWatch",
    "FixedWeights",
    "Part",
    "Raised",
    "Readings",
    "ReentryRule",
    "last_decided",
    "model_curve",
    "read_signals",
    "realised",
    "scale",
    "trailing",
    "trailing_rank",
    "weights_in",
]
