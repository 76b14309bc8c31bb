"""LinearWeightNorm: to and from Linear."""

import numpy as np

import nn


def test_weight_norm_of_linear_maps_and_back():
    linear = nn.Linear(4, 3)
    normed = nn.LinearWeightNorm.fromLinear(linear)
    x = np.random.default_rng(0).standard_normal((5, 4))
    np.testing.assert_allclose(normed.forward(x), linear.forward(x))
    np.testing.assert_allclose(normed.g[:, 0], np.linalg.norm(linear.weight, axis=1))
    np.testing.assert_allclose(normed.toLinear().forward(x), linear.output)
