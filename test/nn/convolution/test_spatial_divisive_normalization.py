"""SpatialDivisiveNormalization: worked numbers, thresholds."""

import numpy as np

import nn

IMAGE = np.arange(1.0, 17).reshape(1, 4, 4)


ONES = np.ones((3, 3))


def test_divisive():
    output = nn.SpatialDivisiveNormalization(1, ONES).forward(IMAGE)
    np.testing.assert_allclose(output[0, 0], [0.164121988, 0.359210604, 0.449719013, 0.454003483], rtol=1e-8)


def test_divisive_of_nothing_is_nothing():
    assert not nn.SpatialDivisiveNormalization(1, ONES).forward(np.zeros((1, 4, 4))).any()


def test_threshold_and_its_value():
    module = nn.SpatialDivisiveNormalization(1, ONES, 100, 7)
    np.testing.assert_allclose(module.forward(IMAGE), IMAGE / 7)
    assert nn.SpatialContrastiveNormalization(1, ONES, 0.5).thresval == 0.5
