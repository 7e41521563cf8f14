"""Fixed weights per asset, the parameter that several strategies share."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import AfterValidator

from raisecash.data.market import Market
from raisecash.errors import ParameterError


def _check_weights(weights: dict[str, float]) -> dict[str, float]:
    """Return the weights, or say which one is out of bounds."""
    for asset, weight in weights.items():
        if not (math.isfinite(weight) and 0 <= weight <= 1):
            raise ValueError(f"must be between 0 and 1 for {asset}")
    if sum(weights.values()) > 1 + 1e-9:
        raise ValueError("must sum to 1 or less")
    if not any(weights.values()):
        raise ValueError("must hold something: give at least one asset a weight above 0")
    return weights


FixedWeights = Annotated[dict[str, float], AfterValidator(_check_weights)]


def weights_in(market: Market, weights: FixedWeights | None, *, owner: str) -> dict[str, float]:
    """Return a weight for every asset of the market, 1/n each when none were given.

    Raises
    ------
    ParameterError
        When a weight names an asset that the market does not have.
    """
    if weights is None:
        return dict.fromkeys(market.assets, 1 / len(market.assets))
    for asset in weights:
        if asset not in market.assets:
            raise ParameterError(
                f"{owner}.weights names {asset!r}, which is not in the market; it has {', '.join(market.assets)}"
            )
    return {asset: weights.get(asset, 0.0) for asset in market.assets}


def scale(weights: pd.DataFrame, exposure: np.ndarray) -> pd.DataFrame:
    """Return decided weights times the exposure at each bar.

    A row of NaN, no decision, stays one while the exposure does not change, so that a base that
    never trades again is left alone; when it changes, the last decided row is scaled anew.

    Parameters
    ----------
    weights : DataFrame of shape (n_bars, n_assets)
        What a strategy decided.
    exposure : array of shape (n_bars,)
        0 is cash, 1 the weights as they are.
    """
    decided = weights.to_numpy(dtype=float)
    is_silent = np.isnan(decided).all(axis=1)
    if not is_silent.any():
        return pd.DataFrame(decided * exposure[:, None], index=weights.index, columns=weights.columns)
    newest = np.maximum.accumulate(np.where(is_silent, -1, np.arange(len(decided))))
    scaled = (
        decided[np.maximum(newest, 0)] * exposure[:, None]
    )  # the first row is NaN while nothing is decided
    stays = is_silent & (np.diff(exposure, prepend=exposure[0]) == 0)
    scaled[stays] = np.nan
    return pd.DataFrame(scaled, index=weights.index, columns=weights.columns)
