"""Files in which SpatialLPPooling sums by a SpatialSubSampling."""

import numpy as np

import nn
import torch7 as torch


def test_its_sums_do_not_learn():
    pooling = nn.SpatialLPPooling(1, 2, 2, 2)
    sums = nn.SpatialSubSampling(1, 2, 2, 2, 2)
    sums.weight[...], sums.bias[...], sums.gradWeight[...] = 0.25, 0, np.nan
    pooling.modules[:] = [nn.Square(), sums, nn.Sqrt()]
    x = torch.randn(1, 4, 4)
    before = pooling.forward(x).copy()
    pooling.zeroGradParameters()
    pooling.backward(x, before)
    pooling.updateParameters(1.0)
    assert np.array_equal(pooling.forward(x), before)
