"""Upsampling: positions, sizes, printed forms, errors."""

import numpy as np
import pytest
from filling import counting

import nn


class TestUpSampling:
    def test_nearest(self):
        output = nn.SpatialUpSamplingNearest(2).forward(counting(1, 1, 2))
        np.testing.assert_array_equal(output, [[[1, 1, 2, 2]] * 2])

    def test_bilinear_positions_are_float32(self):
        output = nn.SpatialUpSamplingBilinear(2).forward(counting(1, 2, 3))
        expected = [1, 1.40000001, 1.80000001, 2.20000005, 2.60000002, 3]
        np.testing.assert_allclose(output[0, 0], expected, rtol=0, atol=5e-9)

    def test_wanted_size(self):
        module = nn.SpatialUpSamplingBilinear({"oheight": 5, "owidth": 6})
        assert module.forward(np.ones((1, 2, 3))).shape == (1, 5, 6)
        assert repr(module) == "nn.SpatialUpSamplingBilinear(5, 6)"

    @pytest.mark.parametrize("mode, scale", [("nearest", 2), ("linear", 3)])
    def test_volume(self, mode, scale):
        shape = nn.UpSampling(scale, mode).forward(np.ones((1, 1, 2, 3, 4))).shape
        assert shape == (1, 1, 2 * scale, 3 * scale, 4 * scale)

    def test_printed(self):
        assert repr(nn.UpSampling(2)) == "nn.UpSampling(2x, nearest)"
        size = {"odepth": 2, "oheight": 3, "owidth": 4}
        assert repr(nn.UpSampling(size, "linear")) == "nn.UpSampling(2x3x4, linear)"

    def test_errors(self):
        for wrong in (0, 1.5):
            with pytest.raises(ValueError, match="scale_factor"):
                nn.SpatialUpSamplingNearest(wrong)
        with pytest.raises(ValueError, match="scale_factor"):
            nn.UpSampling({"oheight": 3, "owidth": 4}, "nearest")
        with pytest.raises(ValueError, match="depth"):
            nn.UpSampling({"oheight": 3, "owidth": 4}, "linear").forward(np.ones((1, 1, 2, 2, 2)))
        with pytest.raises(ValueError, match="4D or 5D"):
            nn.UpSampling(2).forward(np.ones((1, 2, 2)))


def test_up_sampling_to_a_size_as_files_hold_it():
    module = nn.UpSampling({"oheight": 3, "owidth": 4}, "bilinear")
    del vars(module)["odepth"]
    assert str(module) == "nn.UpSampling(3x4, linear)"
    with pytest.raises(ValueError, match="depth"):
        module.forward(np.ones((1, 1, 2, 2, 2)))
