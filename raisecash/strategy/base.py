"""`Strategy`: typed, bounded parameters and one method that turns a market into target weights."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from raisecash.data.market import Market
from raisecash.errors import ParameterError
from raisecash.strategy.parameters import Parameters


class Strategy(Parameters, ABC):
    """A rule that says what fraction of the account to hold in each asset.

    Subclass it, declare parameters as annotated fields with bounds and a description, and write
    either `target_weights` (all bars at once) or `decide` (one bar at a time). Parameters are
    keyword-only and frozen; two strategies with equal parameters are equal, and `repr` is the call
    that rebuilds one. The first line of the class's docstring is its description, a line beginning
    `Source:` its source.

    Raises
    ------
    ParameterError
        When a parameter is unknown or outside its bounds.
    """

    excused: ClassVar[Mapping[str, str]] = {}  # a check of `raisecash check` this class fails, and why it may

    def target_weights(self, market: Market) -> pd.DataFrame:
        """Return the fraction of equity to hold in each asset, decided at each close.

        Parameters
        ----------
        market : Market
            All bars at once. Row t of the result may use rows up to t only: every run computes it
            again on truncated and poisoned futures, and fails when an earlier row changes.

        Returns
        -------
        DataFrame of shape (n_bars, n_assets)
            Indexed by `market.bars`, columns `market.assets`, each weight in [0, 1], each row's sum
            at most 1 (the rest is cash), 0 in an asset without a price yet. A row of NaN is no
            decision: keep holding. Row t is filled at the next open of each market.
        """
        rows = np.full((len(market.bars), len(market.assets)), np.nan)
        for t, bar in enumerate(market.bars):
            decision = self.decide(market.until(bar))
            if decision is not None:
                rows[t] = _as_row(self, decision, market.assets, bar)
        return pd.DataFrame(rows, index=market.bars, columns=list(market.assets))

    def decide(self, past: Market) -> Mapping[str, float] | pd.Series | None:
        """Return the weights decided at the last bar of `past`, or None to keep holding.

        Called once a bar with what could be known then; the future is not there to be looked at.
        Assets left out get weight 0.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define target_weights(market), for all bars at once, or decide(past), bar by bar"
        )

    @property
    def warm_up_bars(self) -> int | None:
        """Bars after which the weights no longer depend on where the market begins.

        0 for a rule that needs no past. None, the default, promises nothing; a number is held
        against the weights by `raisecash check`, on a clock that may have seven days a week.
        """
        return None

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).model_fields)
        return f"{type(self).__name__}({parameters})"

    __str__ = __repr__

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Self:
        """Return the strategy of a config's `params` table."""
        return cls(**parameters)

    @classmethod
    def description(cls) -> str:
        """Return the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def source(cls) -> str:
        """Return what the docstring's `Source:` paragraph names; empty when there is none."""
        _, found, rest = (cls.__doc__ or "").partition("Source:")
        return " ".join(rest.partition("\n\n")[0].split()) if found else ""


def _as_row(
    strategy: Strategy, decision: Mapping[str, float] | pd.Series, assets: tuple[str, ...], bar: pd.Timestamp
) -> list[float]:
    """Return a decision as a row in the market's column order."""
    weights = dict(decision)
    unknown = [name for name in weights if name not in assets]
    if unknown:
        raise ParameterError(
            f"{strategy!r} on {bar}: weight for {unknown[0]!r}, which is not in the market; it has {', '.join(assets)}"
        )
    return [float(weights.get(asset, 0.0)) for asset in assets]
