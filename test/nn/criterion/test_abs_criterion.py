"""AbsCriterion: a tie."""

import numpy as np

import nn


def test_absolute_error_of_a_tie():
    x = np.array([1.0, 2.0])
    criterion = nn.AbsCriterion()
    assert criterion.forward(x, np.array([1.0, 3.0])) == 0.5
    assert criterion.backward(x, np.array([1.0, 3.0])).tolist() == [0.5, -0.5]
