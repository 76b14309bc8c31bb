"""SpatialCrossMapLRN: worked numbers, its formula, errors."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_cross_map_lrn():
    module = nn.SpatialCrossMapLRN(3, 1, 1, 1)
    x = np.arange(1.0, 6).reshape(5, 1, 1)
    module.forward(x)
    np.testing.assert_allclose(module.scale.ravel(), [8 / 3, 17 / 3, 32 / 3, 53 / 3, 44 / 3])
    expected = [0.239727509, -0.129230644, -0.109183747, -0.109868061, -0.0520173498]
    np.testing.assert_allclose(module.backward(x, np.ones((5, 1, 1))).ravel(), expected, rtol=1e-8)


def test_cross_map_lrn_against_its_formula():
    x = torch.randn(7, 30, 20)
    for size in (1, 2, 5, 6, 20):
        module = nn.SpatialCrossMapLRN(size, 0.3, 0.6, 1.5)
        first, last = (size - 1) // 2, size // 2
        sums = [np.square(x[max(0, c - first) : c + last + 1]).sum(0) for c in range(7)]
        expected = x * (1.5 + 0.3 / size * np.array(sums)) ** -0.6
        np.testing.assert_allclose(module.forward(x), expected, rtol=1e-12)
        single = module.clone().float().forward(x.astype(np.float32))
        np.testing.assert_allclose(single, expected, atol=1e-6 * np.abs(expected).max())


def test_cross_map_lrn_defaults_and_errors():
    module = nn.SpatialCrossMapLRN(5)
    assert (module.alpha, module.beta, module.k) == (1e-4, 0.75, 1)
    with pytest.raises(ValueError, match="size"):
        nn.SpatialCrossMapLRN(0)
    with pytest.raises(ValueError, match="forward"):
        module.updateGradInput(np.ones((1, 2, 2)), np.ones((1, 2, 2)))
