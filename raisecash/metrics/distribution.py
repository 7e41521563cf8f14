"""How a sample is distributed: the bins of a histogram and a smooth estimate of its density."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from raisecash.metrics.performance import NO_VARIANCE, varies

if TYPE_CHECKING:
    from raisecash.data.panel import Floats


def histogram_edges(*samples: Floats, bins: int = 20) -> Floats | None:
    """Return equal bins that hold every value of all samples together.

    Parameters
    ----------
    *samples : array of shape (any,)
        None empty, no value NaN.
    bins : int
        How many.

    Returns
    -------
    array of shape (bins + 1,) or None
        Ascending edges from the smallest value to the largest; None where these are the same up to
        rounding (1e-12).
    """
    low, high = min(float(sample.min()) for sample in samples), max(float(sample.max()) for sample in samples)
    return None if high - low <= NO_VARIANCE else np.linspace(low, high, bins + 1)


def density(sample: Floats, at: Floats) -> Floats | None:
    """Return a Gaussian kernel estimate of a sample's density, with Scott's bandwidth.

    Parameters
    ----------
    sample : array of shape (n,)
        No value NaN.
    at : array of shape (m,)
        Where to estimate it.

    Returns
    -------
    array of shape (m,) or None
        Per unit of the sample, so that it integrates to 1; None with fewer than two values, or when
        they do not vary.

    Notes
    -----
    Source: Scott (1992), Multivariate Density Estimation, ch. 6: width std(ddof=1) x n^(-1/5).
    """
    if not varies(sample):
        return None
    width = float(np.std(sample, ddof=1)) * len(sample) ** -0.2
    kernels = np.exp(-0.5 * ((at[:, None] - sample[None, :]) / width) ** 2)
    return np.asarray(kernels.mean(axis=1) / (width * math.sqrt(2 * math.pi)))
