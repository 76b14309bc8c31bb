"""Spatial convolutions: worked numbers, old files, printed forms."""

import numpy as np
import pytest
from filling import counting, filled

import nn
import torch7 as torch


def test_spatial_convolution():
    module = filled(nn.SpatialConvolution(1, 1, 2, 2), [1, 2, 3, 4])
    np.testing.assert_allclose(module.forward(counting(1, 3, 3)), [[[37.5, 47.5], [67.5, 77.5]]])


@pytest.mark.parametrize("cls", [nn.SpatialConvolution, nn.SpatialConvolutionMM])
def test_one_border_of_old_files(cls):
    module = cls(2, 3, 3, 3, 1, 1, 2)
    del module.padW, module.padH
    module.padding = 2
    old = torch.deserialize(torch.serialize(module))
    assert (old.padW, old.padH) == (2, 2) and not hasattr(old, "padding")


def test_weight_matrix_of_old_files():
    module = nn.SpatialConvolution(2, 3, 3, 2)
    x = torch.randn(2, 4, 5)
    output = module.forward(x).copy()
    module.weight, module.gradWeight = module.weight.reshape(3, 12), module.gradWeight.reshape(3, 12)
    old = torch.deserialize(torch.serialize(module))
    np.testing.assert_array_equal(old.forward(x), output)
    old.backward(x, output)
    assert old.gradWeight.any()


@pytest.mark.parametrize("kind", ["float", "double"])
def test_one_pixel_that_one_tap_meets(kind):
    torch.manualSeed(1)
    module = getattr(nn.SpatialConvolution(16, 16, 3, 3, 2, 2, 1, 1), kind)()
    # Sixteen terms below 1, which may nearly cancel.
    near = {"rtol": 1e-5, "atol": 16 * np.finfo(module.weight.dtype).eps}
    x, g = (np.linspace(-1, 2, 16, dtype=module.weight.dtype).reshape(16, 1, 1) for _ in range(2))
    centre = module.weight[:, :, 1, 1]
    np.testing.assert_allclose(module.forward(x)[:, 0, 0], centre @ x[:, 0, 0] + module.bias, **near)
    np.testing.assert_allclose(module.backward(x, g)[:, 0, 0], g[:, 0, 0] @ centre, **near)
    full = getattr(nn.SpatialFullConvolution(16, 16, 3, 3, 2, 2, 1, 1), kind)()
    np.testing.assert_allclose(full.forward(x)[:, 0, 0], x[:, 0, 0] @ full.weight[:, :, 1, 1] + full.bias, **near)
    # A kernel of 1 whose pad puts every tap beside the image
    beside = getattr(nn.SpatialConvolution(16, 16, 1, 1, 2, 2, 1, 1), kind)()
    assert not beside.backward(np.ones_like(x), beside.forward(np.ones_like(x))).any()


@pytest.mark.parametrize(
    "args, text",
    [
        ((1, 2, 3, 3), "1 -> 2, 3x3, 1,1"),
        ((1, 2, 3, 4, 2, 1), "1 -> 2, 3x4, 2,1, 1,1"),
        ((1, 2, 3, 3, 1, 1, 1, 0), "1 -> 2, 3x3, 1,1, 1,0, 1,1"),
        ((2, 3, 3, 3, 1, 1, 1, 1, 2, 2), "2 -> 3, 3x3, 1,1, 1,1, 2,2"),
        ((2, 3, 3, 3, None, None, None, None, 2, 3), "2 -> 3, 3x3, 2,3"),
    ],
)
def test_text_of_dilated_convolutions_in_the_plane(args, text):
    module = nn.SpatialDilatedConvolution(*args)
    assert repr(module) == f"nn.SpatialDilatedConvolution({text})"
    assert repr(module.noBias()) == f"nn.SpatialDilatedConvolution({text}) without bias"
