"""How it is run: target weights in, backtests, evidence and verdicts out."""

from raisecash.simulate import simulate

__all__ = ["simulate"]
