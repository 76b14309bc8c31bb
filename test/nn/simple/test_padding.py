"""Padding: values, sides and places."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1, 2, 1, 9), [1, 2, 3, 9, 9]),
        ((1, -2, 1, 9), [9, 9, 1, 2, 3]),
        ((1, -2, 1, 9, 2), [1, 9, 9, 2, 3]),
        ((1, 2, 1, 9, 2), [1, 2, 9, 9, 3]),
        ((1, 0, 1, 9), [1, 2, 3]),
    ],
)
def test_padding(arguments, expected):
    m = nn.Padding(*arguments)
    np.testing.assert_array_equal(m.forward(numbers(3)), expected)
    np.testing.assert_array_equal(m.backward(numbers(3), m.output.copy()), [1, 2, 3])
