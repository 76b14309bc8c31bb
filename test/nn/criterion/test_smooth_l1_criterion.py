"""SmoothL1Criterion: by hand."""

import numpy as np

import nn


def test_smooth_l1():
    criterion, x = nn.SmoothL1Criterion(), np.array([0, 0.5, 2, -3])
    assert criterion.forward(x, np.zeros(4)) == 1.03125
    assert criterion.backward(x, np.zeros(4)).tolist() == [0, 0.125, 0.25, -0.25]
