"""SpatialMaxPooling: ties, NaN, overlaps, sizes."""

import numpy as np
from filling import counting

import nn

LOWEST = -np.finfo(np.float64).max


def test_floor_sizes():
    assert nn.SpatialMaxPooling(3, 2, 2, 1, 1, 1).forward(np.ones((1, 5, 8))).shape == (1, 6, 4)
    assert nn.SpatialMaxPooling(2, 2).ceil().floor().forward(np.ones((1, 5, 5))).shape == (1, 2, 2)


def test_first_maximum_wins_and_nothing_beats_nan():
    pool = nn.SpatialMaxPooling(2, 2)
    x = np.array([[[3, 3, np.nan, 1], [3, 3, 0, 1], [np.nan] * 2 + [-np.inf] * 2, [np.nan] * 2 + [-np.inf] * 2]])
    np.testing.assert_array_equal(pool.forward(x), [[[3, 1], [LOWEST, LOWEST]]])
    np.testing.assert_array_equal(pool.indices, [[[1, 4], [0, 0]]])
    gradInput = pool.backward(x, counting(1, 2, 2))
    assert gradInput[0, 0, 0] == 1 and gradInput[0, 0, 3] == 2 and np.count_nonzero(gradInput) == 2


def test_overlapping_windows_add_their_gradients():
    x = np.array([[[0.0, 9, 0], [0, 0, 0]]])
    pool = nn.SpatialMaxPooling(2, 2, 1, 1)
    pool.forward(x)
    np.testing.assert_array_equal(pool.backward(x, np.ones((1, 1, 2))), [[[0, 2, 0], [0, 0, 0]]])
