"""Random markets, tables of weights and terms of trade, for laws that must hold for any of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from raisecash import Market


@st.composite
def cases(draw, freq="D"):
    """A market of one to three assets with gaps, late starts and closed days; weights; rules."""
    n, m = draw(st.integers(2, 60)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    volatility = draw(st.sampled_from([0.0, 0.01, 0.05, 0.4]))
    bars = pd.date_range("2023-12-20", periods=n, freq=freq)
    frames = {}
    closed = np.zeros((n, m), dtype=bool)
    for j in range(m):
        if draw(st.booleans()):
            closed[:, j] |= bars.day_of_week >= 5
        closed[:, j] |= rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.5]))
        closed[: draw(st.integers(0, n // 2)), j] = True
    if closed.all():
        closed[0, 0] = False
    close = 10 ** rng.uniform(-2, 5, m) * np.exp(np.cumsum(rng.normal(0, volatility, (n, m)), axis=0))
    opens = close * np.exp(rng.normal(0, volatility, (n, m)))
    frames = {
        name: pd.DataFrame(np.where(closed, np.nan, values), index=bars, columns=list("ABC"[:m]))
        for name, values in (("open", opens), ("close", close))
    }
    yields = rng.uniform(-0.01, 0.1, n) if draw(st.booleans()) else np.zeros(n)
    paid = np.where(closed | (rng.random((n, m)) < 0.9), 0.0, 0.02 * close) if draw(st.booleans()) else None
    dividends = None if paid is None else pd.DataFrame(paid, index=bars, columns=list("ABC"[:m]))
    market = Market(**frames, dividends=dividends, cash_yield=pd.Series(yields, index=bars))

    shape = draw(st.sampled_from(["noise", "steps", "round", "one at a time"]))
    weights = rng.dirichlet(np.ones(m + 1), n)[:, :m]
    if shape == "steps":
        weights = weights[np.arange(n) // draw(st.integers(2, 9))]
    elif shape == "round":
        weights = np.round(weights * 4) / 4
        weights[weights.sum(axis=1) > 1] = 0
    elif shape == "one at a time":
        weights = np.eye(m + 1)[rng.integers(0, m + 1, n)][:, :m]
    weights = np.where(market.last_close.isna(), 0.0, weights)
    weights[rng.random(n) < draw(st.sampled_from([0.0, 0.5, 0.9]))] = np.nan
    targets = pd.DataFrame(weights, index=bars, columns=market.assets)

    rules = {
        "cash": draw(st.sampled_from([100.0, 100_000.0, 1e9])),
        "commission": draw(st.sampled_from([0.0, 0.001, 0.05])),
        "slippage": draw(st.sampled_from([0.0, 0.0005, 0.05])),
        "lots": {a: draw(st.sampled_from([0, 0.01, 1, 100])) for a in market.assets},
        "on_change": draw(st.booleans()),
        "every": draw(st.sampled_from(["none", "week", "month", "quarter", "year"])),
        "drift": draw(st.sampled_from([0.0, 0.02, 0.2])),
    }
    return market, targets, rules
