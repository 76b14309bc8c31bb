"""Unsqueeze remembers the first rank."""

import numpy as np
import pytest

import nn


def numbers(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def test_unsqueeze_remembers_the_first_rank():
    m = nn.Unsqueeze(1)
    m.forward(numbers(3))
    assert m.forward(numbers(2, 3)).shape == (2, 1, 3)
    with pytest.raises(ValueError, match="numInputDims"):
        nn.Unsqueeze(1, 2).forward(numbers(3))
