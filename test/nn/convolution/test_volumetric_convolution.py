"""Volumetric convolutions: printed forms."""

import pytest

import nn


@pytest.mark.parametrize(
    "args, text",
    [
        ((2, 3, 3, 3, 3), "2 -> 3, 3x3x3, 1,1,1"),
        ((2, 3, 2, 3, 4, 1, 2, 1), "2 -> 3, 2x3x4, 1,2,1, 1,1,1"),
        ((2, 3, 3, 3, 3, 1, 1, 1, 0, 1, 0), "2 -> 3, 3x3x3, 1,1,1, 0,1,0, 1,1,1"),
        ((2, 3, 3, 3, 3, None, None, None, None, None, None, 1, 2, 3), "2 -> 3, 3x3x3, 1,2,3"),
    ],
)
def test_text_of_dilated_convolutions_in_space(args, text):
    assert repr(nn.VolumetricDilatedConvolution(*args)) == f"nn.VolumetricDilatedConvolution({text})"
