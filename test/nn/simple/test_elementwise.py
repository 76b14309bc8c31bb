"""Functions of every element: slopes at zero, the logarithm at its edges."""

from math import inf, nan

import numpy as np

import nn


def row(*values):
    return np.array(values, float)


def test_slopes_at_zero():
    for module, expected in ((nn.Abs(), 1), (nn.Sqrt(), 0)):
        module.forward(row(0))
        assert module.backward(row(0), row(1)) == expected


def test_logarithm_at_the_edges():
    np.testing.assert_array_equal(nn.Log().forward(row(0, -1, 1)), [-inf, nan, 0])
