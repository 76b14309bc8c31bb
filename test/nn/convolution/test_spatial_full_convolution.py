"""SpatialFullConvolution: wanted sizes, settings, old files."""

import numpy as np
import pytest

import nn
import torch7 as torch


class TestFullConvolution:
    def test_wanted_size(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3, 2, 2, 1, 1)
        x, t = torch.randn(2, 4, 5), torch.randn(7, 8, 10)
        assert module.forward([x, t]).shape == (3, 8, 10)
        gradX, gradT = module.backward([x, t], torch.randn(3, 8, 10))
        assert gradX.shape == x.shape and gradT.shape == t.shape and not gradT.any()

    def test_a_tensor_after_a_table(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3, 2, 2, 1, 1)
        x, g = torch.randn(2, 4, 5), torch.randn(3, 7, 9)
        module.forward(x)
        expected = module.updateGradInput(x, g).copy()
        module.forward([x, torch.randn(8, 10)])
        module.updateGradInput([x, torch.randn(8, 10)], torch.randn(3, 8, 10))
        module.forward(x)
        np.testing.assert_array_equal(module.updateGradInput(x, g), expected)

    def test_adj_is_less_than_the_stride(self):
        with pytest.raises(ValueError, match="adj must be smaller"):
            nn.SpatialFullConvolution(1, 1, 3, 3, 2, 2, 0, 0, 2, 0)
        with pytest.raises(ValueError, match="adj must be smaller"):
            nn.VolumetricFullConvolution(1, 1, 3, 3, 3, 2, 2, 1, 0, 0, 0, 1, 1, 1)

    def test_border_defaults_are_independent(self):
        module = nn.SpatialFullConvolution(1, 1, 3, 3, 1, 1, 2)
        assert (module.padW, module.padH) == (2, 0)

    def test_empty_output(self):
        with pytest.raises(ValueError, match="too small"):
            nn.SpatialFullConvolution(1, 1, 1, 1, 1, 1, 1, 1).forward(np.ones((1, 2, 2)))

    def test_a_table_of_three(self):
        with pytest.raises(ValueError, match="a table of the input"):
            nn.SpatialFullConvolution(1, 1, 1, 1).forward([np.ones((1, 2, 2))] * 3)

    def test_old_spatial_files(self):
        module = nn.SpatialFullConvolution(2, 3, 3, 3)
        del module.adjW, module.adjH
        old = torch.deserialize(torch.serialize(module))
        assert repr(old) == "nn.SpatialFullConvolution(2 -> 3, 3x3)"
