"""SpatialClassNLLCriterion: labels of pixels."""

import numpy as np

import nn


def test_spatial_labels():
    x = -np.arange(1.0, 13).reshape(1, 3, 2, 2)
    criterion = nn.SpatialClassNLLCriterion()
    assert criterion.forward(x, np.array([[[1, 2], [3, 1]]])) == 5.5
    assert criterion.total_weight == 4
