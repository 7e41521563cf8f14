"""Histograms and densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raisecash.metrics.distribution import density, histogram_edges

samples = st.lists(st.integers(-300, 400).map(lambda n: n / 1000), min_size=2, max_size=60).map(np.array)


@given(samples, samples)
def test_every_value_of_every_sample_lies_in_one_of_twenty_equal_bins(one, other):
    edges = histogram_edges(one, other)
    if edges is None:
        assert np.ptp(np.concatenate((one, other))) == 0
        return
    assert len(edges) == 21
    assert np.diff(edges) == pytest.approx(np.full(20, (edges[-1] - edges[0]) / 20))
    for sample in (one, other):
        assert np.histogram(sample, edges)[0].sum() == len(sample)
    assert (edges[0], edges[-1]) == (min(one.min(), other.min()), max(one.max(), other.max()))


def test_values_apart_by_rounding_have_no_bins():
    assert histogram_edges(np.array([0.01, 0.01 + 1e-15])) is None
    assert len(histogram_edges(np.array([0.0, 1.0]), bins=4)) == 5


def test_density_agrees_with_scipy():
    from scipy.stats import gaussian_kde

    sample = np.random.default_rng(2).standard_t(4, 90) * 0.05
    at = np.linspace(-0.4, 0.4, 41)

    np.testing.assert_allclose(density(sample, at), gaussian_kde(sample, "scott")(at), rtol=1e-9)


def test_density_of_two_values_by_hand():
    """0 and 2: deviation root two, width root two over 2^(1/5); halfway both kernels are equal."""
    width = math.sqrt(2) / 2**0.2
    expected = math.exp(-0.5 / width**2) / (width * math.sqrt(2 * math.pi))

    assert density(np.array([0.0, 2.0]), np.array([1.0])).tolist() == pytest.approx([expected])


@pytest.mark.parametrize("sample", [[0.01], [0.01, 0.01], [0.01, 0.01 + 1e-15]])
def test_what_does_not_vary_has_no_density(sample):
    assert density(np.array(sample), np.linspace(0, 1, 3)) is None
