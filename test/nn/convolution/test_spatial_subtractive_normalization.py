"""SpatialSubtractiveNormalization: worked numbers, kernels."""

import numpy as np

import nn

IMAGE = np.arange(1.0, 17).reshape(1, 4, 4)


ONES = np.ones((3, 3))


def test_subtractive():
    output = nn.SpatialSubtractiveNormalization(1, ONES).forward(IMAGE)
    np.testing.assert_allclose(output.ravel()[:8], [-2.5, -2, -2, -1.5, -0.5, 0, 0, 0.5], atol=1e-14)


def test_default_kernel():
    assert nn.SpatialSubtractiveNormalization().kernel.shape == (9, 9)
