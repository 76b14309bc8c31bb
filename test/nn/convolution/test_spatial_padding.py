"""Padding by zeros, reflection and replication."""

import numpy as np
import pytest
from filling import counting

import nn


class TestPadding:
    def test_reflection(self):
        x = counting(1, 3, 3)
        output = nn.SpatialReflectionPadding(2, 1, 1, 2).forward(x)
        assert output.shape == (1, 6, 6)
        np.testing.assert_array_equal(output[0, 0], [6, 5, 4, 5, 6, 5])

    def test_negative_sides_crop(self):
        output = nn.SpatialReflectionPadding(-1, 1, 0, 0).forward(counting(1, 1, 3))
        np.testing.assert_array_equal(output, [[[2, 3, 2]]])

    def test_missing_sides_are_the_first(self):
        assert nn.SpatialZeroPadding(1).forward(np.ones((1, 2, 2))).shape == (1, 4, 4)

    def test_reflection_wants_a_larger_image(self):
        with pytest.raises(ValueError, match="ReflectionPadding"):
            nn.SpatialReflectionPadding(3, 0, 0, 0).forward(np.ones((1, 3, 3)))

    def test_volume(self):
        module = nn.VolumetricReplicationPadding(1, 2, 3, 4, 5, 6)
        assert module.forward(np.ones((1, 2, 3, 4))).shape == (1, 13, 10, 7)

    def test_cropped_to_nothing(self):
        with pytest.raises(ValueError, match="too small"):
            nn.SpatialZeroPadding(-1, -1, 0, 0).forward(np.ones((1, 2, 2)))
