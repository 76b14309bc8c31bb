"""WeightedMSECriterion weights the target alone."""

import numpy as np

import nn


def test_weighted_mse_weights_the_target_alone():
    criterion = nn.WeightedMSECriterion(np.array([2.0, 3.0]))
    assert criterion.forward(np.array([[1.0, 1], [2, 2]]), np.ones((2, 2))) == 1.5
