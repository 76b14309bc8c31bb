"""SpatialAutoCropMSECriterion takes the middle."""

import numpy as np

import nn


def test_crop_takes_the_middle():
    target = np.arange(25.0).reshape(1, 5, 5)
    criterion = nn.SpatialAutoCropMSECriterion()
    assert criterion.forward(target[:, 1:3, 1:4].copy(), target) == 0
    assert not criterion.backward(target[:, 1:3, 1:4].copy(), target).any()
