"""nn.hessian on the convolutions: the gradient's formulas with squared weights and squared input."""

import numpy as np
import pytest

import nn
import torch7 as torch

MODULES = [
    lambda: nn.SpatialConvolutionLocal(2, 3, 5, 4, 3, 2),
    lambda: nn.SpatialFullConvolution(2, 3, 3, 2, 2, 1),
    lambda: nn.SpatialConvolutionMap([[1, 1], [2, 2], [1, 2]], 2, 2),
    lambda: nn.SpatialFullConvolutionMap([[1, 1], [2, 2], [1, 2]], 2, 2),
]


@pytest.fixture(autouse=True)
def enabled():
    nn.hessian.enable()
    yield
    nn.Module._hasDiagHessian = False


@pytest.mark.parametrize("make", MODULES, ids=lambda make: repr(make()))
def test_squares(make):
    module, x = make(), torch.randn(2, 4, 5)
    h = np.abs(module.forward(x)) + 1
    squared = module.clone()
    squared.weight *= squared.weight
    squared.zeroGradParameters()
    squared.forward(x * x)
    expected = squared.backward(x * x, h)
    np.testing.assert_allclose(module.updateDiagHessianInput(x, h), expected)
    module.accDiagHessianParameters(x, h)
    np.testing.assert_allclose(module.diagHessianWeight, squared.gradWeight)
    np.testing.assert_allclose(module.diagHessianBias, squared.gradBias)
    assert not np.array_equal(module.weight, squared.weight)
