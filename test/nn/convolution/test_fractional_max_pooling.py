"""Fractional max pooling: regions, errors."""

import numpy as np
import pytest
from filling import counting

import nn
import torch7 as torch


def test_fractional():
    torch.manualSeed(5)
    pool = nn.SpatialFractionalMaxPooling(2, 2, 3, 3)
    output = pool.forward(counting(1, 8, 8))
    np.testing.assert_array_equal(output.ravel(), [10, 13, 16, 34, 37, 40, 58, 61, 64])
    np.testing.assert_allclose(pool.randomSamples.ravel(), [0.221993171, 0.0551801207], rtol=1e-8)


def test_fractional_volume():
    torch.manualSeed(5)
    pool = nn.VolumetricFractionalMaxPooling(2, 2, 2, 3, 2, 2)
    output = pool.forward(counting(1, 5, 6, 8))
    np.testing.assert_array_equal(output.ravel(), [58, 61, 64, 90, 93, 96, 202, 205, 208, 234, 237, 240])
    pool = nn.VolumetricFractionalMaxPooling(2, 2, 2, 1, 2, 3)
    assert pool.forward(counting(1, 8, 7, 6)).shape == (1, 3, 2, 1)


def test_fixed_pooling_regions():
    pool, x = nn.SpatialFractionalMaxPooling(2, 2, 4, 4), torch.randn(2, 3, 11, 11)
    pool.forward(x)
    first = pool.randomSamples.copy()
    pool.forward(x)
    assert (pool.randomSamples != first).any()
    kept = pool.randomSamples.copy()
    assert pool.fixPoolingRegions() is pool
    pool.forward(x)
    np.testing.assert_array_equal(pool.randomSamples, kept)
    pool.forward(x[:1])
    assert pool.randomSamples.shape == (1, 3, 2)
    pool.fixPoolingRegions(False).forward(x)
    assert (pool.randomSamples != kept).any()


def test_fractional_errors():
    with pytest.raises(ValueError, match="2 or more"):
        nn.SpatialFractionalMaxPooling(1, 2, 3, 3)
    with pytest.raises(ValueError, match="ratios"):
        nn.SpatialFractionalMaxPooling(2, 2, 3, 0.5)
    with pytest.raises(ValueError, match="too large"):
        nn.SpatialFractionalMaxPooling(2, 2, 3, 3).forward(np.ones((1, 4, 4)))
    with pytest.raises(ValueError, match="NaN"):
        nn.SpatialFractionalMaxPooling(2, 2, 2, 2).forward(np.full((1, 8, 8), np.nan))
    with pytest.raises(ValueError, match="forward first"):
        nn.SpatialFractionalMaxPooling(2, 2, 2, 2).backward(np.ones((1, 8, 8)), np.ones((1, 2, 2)))


def test_regions_stay_inside_whatever_the_random_samples():
    pool = nn.SpatialFractionalMaxPooling(2, 2, 3, 3).fixPoolingRegions()
    x = counting(1, 8, 8)
    pool.forward(x)
    pool.randomSamples[...] = -50.7
    assert pool.forward(x).max() == 64
