"""Adaptive pooling: windows and indices."""

import numpy as np
from filling import counting

import nn


def test_adaptive_windows():
    row = counting(1, 1, 21)
    average = nn.SpatialAdaptiveAveragePooling(7, 1).forward(row)
    np.testing.assert_allclose(average.ravel(), [2, 5, 8, 11, 14, 17, 20])
    largest = nn.SpatialAdaptiveMaxPooling(7, 1).forward(row)
    np.testing.assert_array_equal(largest.ravel(), [4, 7, 9, 13, 15, 18, 21])
    same = nn.SpatialAdaptiveMaxPooling(13, 1).forward(counting(1, 1, 13))
    np.testing.assert_array_equal(same.ravel(), [1, 2, 3, 4, 5, 6, 8, 8, 9, 10, 11, 12, 13])


def test_adaptive_indices_are_row_and_column_in_the_window():
    pool = nn.SpatialAdaptiveMaxPooling(2, 1)
    pool.forward(counting(1, 2, 4))
    assert pool.indices.shape == (2, 1, 1, 2)
    np.testing.assert_array_equal(pool.indices.reshape(2, 2), [[2, 2], [2, 2]])
