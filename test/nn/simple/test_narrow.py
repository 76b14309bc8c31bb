"""Narrow: ranges from both ends, any type."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1, 2, 2), [2, 3]),
        ((1, 2, -1), [2, 3, 4]),
        ((-1, 2, -2), [2, 3]),
        ((1, 3), [3]),
        ((1, -1, 1), [1, 2, 3]),
        ((1, -3, 1), [1, 2, 3]),
    ],
)
def test_narrow(arguments, expected):
    np.testing.assert_array_equal(nn.Narrow(*arguments).forward(numbers(4)), expected)


def test_narrow_takes_any_type():
    m = nn.Narrow(1, 2, 2)
    assert m.forward(np.arange(4)).dtype == np.int64
    assert m.backward(np.arange(4), np.arange(2)).dtype == np.int64
