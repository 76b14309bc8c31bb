"""SpatialConvolutionLocal beyond the battery."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_local_convolution_without_output():
    with pytest.raises(ValueError, match="less than 1"):
        nn.SpatialConvolutionLocal(1, 1, 2, 2, 3, 3)


def test_no_bias_of_local_kernels():
    module, x = nn.SpatialConvolutionLocal(1, 2, 4, 4, 3, 3), torch.randn(1, 4, 4)
    module.bias.fill(0)
    expected = module.forward(x).copy()
    np.testing.assert_array_equal(module.noBias().forward(x), expected)
    module.backward(x, expected)
    assert module.gradWeight.any()
