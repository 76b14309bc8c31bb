"""PartialLinear: selected outputs, reset."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_partial_linear_selects_outputs():
    m = nn.PartialLinear(3, 5)
    m.bias[...] = np.arange(5)
    x = np.random.default_rng(0).standard_normal((2, 3))
    full = m.forward(x).copy()
    m.setPartition([4, 2])
    np.testing.assert_allclose(m.forward(x), full[:, [3, 1]])
    m.zeroGradParameters()
    m.backward(x, np.ones((2, 2)))
    (weight, _), (gradWeight, gradBias) = m.parameters()
    assert gradWeight.shape == weight.shape == (5, 3)
    np.testing.assert_array_equal(gradBias, [[0, 2, 0, 2, 0]])
    assert not gradWeight[[0, 2, 4]].any()
    np.testing.assert_allclose(m.resetPartition().forward(x), full)
    with pytest.raises(IndexError):
        m.setPartition([6])


def test_reset_of_partial_linear_draws_nothing():
    module = nn.PartialLinear(3, 4)
    before, state = module.parameters()[0][0].copy(), torch.getRNGState()
    assert module.reset() is module
    np.testing.assert_array_equal(module.parameters()[0][0], before)
    assert torch.serialize(torch.getRNGState()) == torch.serialize(state)
