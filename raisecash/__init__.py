"""How it is run: target weights in, backtests, evidence and verdicts out."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from raisecash.simulation import simulate

__all__ = ["simulate"]

# The packages beside this one have everyday names; another project's `strategies` on the path would be imported
# in silence and its strategies discovered.
for _name in ("data_feeds", "strategies", "reports"):
    _spec = find_spec(_name)
    if _spec is None or _spec.origin is None or Path(_spec.origin).parents[1] != Path(__file__).parents[1]:
        raise ImportError(
            f"raisecash needs its own {_name} package beside it in {Path(__file__).parents[1]}, "
            f"found {_spec.origin if _spec else 'none'}; use one virtual environment a clone"
        )


def __getattr__(name: str) -> Any:
    """Import `simulate` when it is asked for: it brings pandas, and `raisecash --help` needs none."""
    if name == "simulate":
        from raisecash.simulation import simulate

        return simulate
    raise AttributeError(f"module 'raisecash' has no attribute {name!r}")
