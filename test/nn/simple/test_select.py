"""Select: indices from both ends."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


@pytest.mark.parametrize("index", [1, -1, 3])
def test_select(index):
    x = numbers(2, 3)
    np.testing.assert_array_equal(nn.Select(2, index).forward(x), x[:, index - 1 if index > 0 else index])
    with pytest.raises(IndexError):
        nn.Select(2, 4).forward(x)
    with pytest.raises(IndexError):
        nn.Select(3, 1).forward(x)
