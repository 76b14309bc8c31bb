"""TemporalConvolution: worked numbers, blocks of samples."""

import sys

import numpy as np
from filling import counting, filled

import nn
import torch7 as torch


def test_temporal_convolution():
    module = filled(nn.TemporalConvolution(2, 1, 2), [1, 10, 100, 1000])
    np.testing.assert_allclose(module.forward(counting(3, 2)), [[4321.5], [6543.5]])


def test_temporal_convolution_with_gaps_between_windows():
    module = filled(nn.TemporalConvolution(1, 1, 2, 3), [1, 10], 0)
    np.testing.assert_allclose(module.forward(counting(8, 1)), [[21], [54], [87]])
    np.testing.assert_allclose(module.updateGradInput(counting(8, 1), np.ones((3, 1)))[:, 0], [1, 10, 0] * 2 + [1, 10])


def test_temporal_convolution_in_blocks(monkeypatch):
    """A long batch is taken in blocks of samples; their size changes nothing."""
    module, x = nn.TemporalConvolution(3, 4, 2), torch.randn(7, 9, 3)
    g = module.forward(x).copy()
    results = []
    for size in (1 << 20, 100, 1):
        monkeypatch.setattr(sys.modules["nn.thnn.convolution.temporal_convolution"], "BLOCK_ELEMENTS", size)
        module.zeroGradParameters()
        results.append([module.forward(x).copy(), module.backward(x, g).copy(), module.gradWeight.copy()])
    for others in results[1:]:
        for one, other in zip(results[0], others):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-13)
