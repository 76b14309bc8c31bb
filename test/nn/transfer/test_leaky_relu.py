"""LeakyReLU: when it works in place."""

import nn


def test_leaky_relu_is_not_in_place_below_zero():
    assert nn.LeakyReLU(-0.1, True).inplace is False
