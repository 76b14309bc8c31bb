"""SpatialAveragePooling: what the divisor counts, old files."""

import numpy as np

import nn
import torch7 as torch


def test_average_counts_the_border_or_not():
    x = np.ones((1, 4, 4))
    pool = nn.SpatialAveragePooling(3, 3, 2, 2, 1, 1)
    np.testing.assert_allclose(pool.forward(x), [[[4 / 9, 2 / 3], [2 / 3, 1]]])
    np.testing.assert_allclose(pool.setCountExcludePad().forward(x), 1)
    ceil = pool.setCountIncludePad().ceil().forward(x)
    np.testing.assert_allclose(ceil[0, 2], [1 / 3, 0.5, 0.25])


def test_average_of_windows_beyond_the_image():
    output = nn.SpatialAveragePooling(2, 2, 3, 3).ceil().forward(np.ones((1, 6, 6)))
    assert output.shape == (1, 3, 3) and np.isnan(output[0, 2]).all() and (output[0, :2, :2] == 1).all()
    assert nn.SpatialAveragePooling(1, 1, 3, 3).ceil().forward(np.ones((1, 5, 5)))[0, 2, 2] == 0


def test_average_of_old_files_is_a_sum():
    pool = nn.SpatialAveragePooling(2, 2)
    for name in ("divide", "ceil_mode", "count_include_pad", "padW", "padH"):
        delattr(pool, name)
    old = torch.deserialize(torch.serialize(pool))
    assert old.forward(np.ones((1, 2, 2))).item() == 4


def test_sums_are_means_times_the_size_of_a_whole_window():
    pool = nn.SpatialAveragePooling(2, 2, 2, 2).ceil()
    pool.divide = False
    x = np.array([[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]])
    np.testing.assert_array_equal(pool.forward(x), [[[12, 18], [30, 36]]])
    np.testing.assert_array_equal(pool.backward(x, np.ones((1, 2, 2))), [[[1, 1, 2], [1, 1, 2], [2, 2, 4]]])
