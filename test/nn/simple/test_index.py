"""Index: repeated rows add their gradients."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def test_index_with_repeats():
    x = numbers(3, 2)
    m = nn.Index(1)
    np.testing.assert_array_equal(m.forward([x, np.array([3.0, 1.0, 3.0])]), x[[2, 0, 2]])
    gradient, zeros = m.backward([x, np.array([3, 1, 3])], numbers(3, 2))
    np.testing.assert_array_equal(gradient, [[3, 4], [0, 0], [6, 8]])
    assert zeros.shape == (3,)
    with pytest.raises(IndexError):
        m.forward([x, np.array([4])])
