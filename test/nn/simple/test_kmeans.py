"""Kmeans: centers and their starts."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_kmeans_moves_centers_to_means():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(c, 0.1, (30, 2)) for c in (-3, 0, 3)])
    torch.manualSeed(1)
    m = nn.Kmeans(3, 2).initKmeansPlus(x)
    for _ in range(5):
        m.zeroGradParameters()
        m.forward(x)
        m.backward(x, m.output)
        m.updateParameters(1)
    np.testing.assert_allclose(np.sort(m.weight[:, 0]), [-3, 0, 3], atol=0.1)
    assert len(np.unique(m.forward(x)[:30])) == 1
    assert m.loss < 3
    assert set(m.clusterSampleCount) == {30}


def test_kmeans_starts():
    x = np.arange(20.0).reshape(10, 2)
    torch.manualSeed(3)
    m = nn.Kmeans(4, 2)
    torch.manualSeed(7)
    m.initRandom(x)
    torch.manualSeed(7)
    np.testing.assert_array_equal(m.weight, x[[torch.random(1, 10) - 1 for _ in range(4)]])
    torch.manualSeed(7)
    m.initKmeansPlus(x, 1)
    torch.manualSeed(7)
    first = torch.random(1, 10) - 1
    np.testing.assert_array_equal(m.weight[0], x[first])
    np.testing.assert_array_equal(m.weight[1], x[0 if first > 4 else 9])
    with pytest.raises(ValueError, match="as many samples"):
        m.initRandom(x[:3])
    with pytest.raises(ValueError, match="within 0 to 1"):
        m.initKmeansPlus(x, 2)
