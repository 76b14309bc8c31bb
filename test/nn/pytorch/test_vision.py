"""Pixel shuffles: places, the inverse, gradients, refusals."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F


def test_places():
    x = np.arange(48.0).reshape(1, 8, 2, 3)
    y = tnn.PixelShuffle(2).forward(x)
    assert y.shape == (1, 2, 4, 6)
    assert y[0, 1, 3, 4] == x[0, 1 * 4 + 1 * 2 + 0, 1, 2]
    np.testing.assert_array_equal(tnn.PixelUnshuffle(2).forward(y), x)
    np.testing.assert_array_equal(F.pixel_shuffle_backward(y, x, 2)[0], x)
    np.testing.assert_array_equal(F.pixel_unshuffle_backward(x, y, 2)[0], y)


def test_refused():
    for call in (F.pixel_shuffle, F.pixel_unshuffle):
        with pytest.raises(ValueError):
            call(np.ones((1, 3, 3)), 2)


def test_channel_shuffle_deals_out_the_channels():
    x = np.arange(6.0).reshape(1, 6, 1)
    assert F.channel_shuffle(x, 2).ravel().tolist() == [0, 3, 1, 4, 2, 5]
    module = tnn.ChannelShuffle(2)
    assert repr(module) == "ChannelShuffle(groups=2)"
    y = module(x)
    np.testing.assert_array_equal(module.backward(x, y), x)
    for wrong in (4, 0):
        with pytest.raises(ValueError, match="groups"):
            F.channel_shuffle(x, wrong)
