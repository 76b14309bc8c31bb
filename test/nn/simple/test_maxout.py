"""Maxout: the largest piece."""

import numpy as np

import nn


def test_maxout_takes_the_largest_piece():
    m = nn.Maxout(4, 3, 2)
    x = np.random.default_rng(0).standard_normal((5, 4))
    pieces = m.modules[0].forward(x).reshape(5, 2, 3)
    np.testing.assert_array_equal(m.forward(x), pieces.max(1))
