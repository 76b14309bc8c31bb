"""Arguments of windows: defaults in the order of Torch's constructors."""

from types import SimpleNamespace

import pytest

import nn
from nn.convolution.sizes import following, set_sizes, set_window


@pytest.mark.parametrize(
    "sizes, expected",
    [
        ((None, None), (0, 0)),
        ((2, None), (2, 2)),
        ((None, 3), (0, 3)),
        ((1, None, None), (1, 1, 1)),
        ((0, 4, None), (0, 4, 4)),
    ],
)
def test_padding_follows_the_one_before(sizes, expected):
    assert following(*sizes) == expected


def test_strides_are_one_or_the_kernel():
    fixed, tiled, two = SimpleNamespace(), SimpleNamespace(), SimpleNamespace()
    set_window(fixed, (2, 3, 4), (None, 5, None), (None, 1, None))
    assert vars(fixed) == {"kT": 2, "kW": 3, "kH": 4, "dT": 1, "dW": 5, "dH": 1, "padT": 0, "padW": 1, "padH": 0}
    set_window(tiled, (3, 4), (None, 5), step=None)
    assert vars(tiled) == {"kW": 3, "kH": 4, "dW": 3, "dH": 5}
    set_sizes(two, "dilation", (None, 2), 1)
    assert vars(two) == {"dilationW": 1, "dilationH": 2}


def test_constructors_give_torchs_defaults():
    pads = [
        (m.padW, m.padH)
        for m in (nn.SpatialConvolution(1, 1, 5, 5, 1, 1, 2), nn.SpatialFullConvolution(1, 1, 5, 5, 1, 1, 2))
    ]
    assert pads == [(2, 2), (2, 0)]
    volumes = nn.VolumetricConvolution(1, 1, 5, 5, 5, 1, 1, 1, 2)
    assert (volumes.padT, volumes.padW, volumes.padH) == (2, 2, 2)
    strides = [
        (m.dW, m.dH)
        for m in (nn.SpatialMaxPooling(2, 3), nn.SpatialAveragePooling(2, 3), nn.SpatialLPPooling(1, 2, 2, 3))
    ]
    assert strides == [(2, 3), (1, 1), (2, 3)]
