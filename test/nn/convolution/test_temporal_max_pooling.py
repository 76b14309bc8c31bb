"""TemporalMaxPooling: indices."""

import numpy as np

import nn


def test_temporal_indices_count_from_0_in_the_window():
    pool = nn.TemporalMaxPooling(2, 1)
    pool.forward(np.array([[1.0, 5], [2, 5], [0, np.nan], [np.nan, np.nan]]))
    np.testing.assert_array_equal(pool.indices, [[1, 0], [0, 0], [0, -1]])
