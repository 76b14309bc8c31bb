"""SpatialLPPooling: worked numbers."""

import numpy as np
from filling import counting

import nn


def test_lp_pooling():
    x = counting(1, 2, 2)
    np.testing.assert_allclose(nn.SpatialLPPooling(1, 2, 2, 2).forward(x).item(), 30**0.5)
    np.testing.assert_allclose(nn.SpatialLPPooling(1, 3, 2, 2).forward(x).item(), 100 ** (1 / 3))
    module = nn.SpatialLPPooling(1, 2, 2, 2)
    assert module.parameters()[:2] == ([], []) and module.zeroGradParameters() is module
