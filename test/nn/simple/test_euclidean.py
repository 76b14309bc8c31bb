"""Euclidean and WeightedEuclidean: distances by hand."""

import numpy as np

import nn


def row(*values):
    return np.array(values, float)


def test_distances():
    m, x = nn.Euclidean(2, 3), row(3, 4)
    m.weight.fill(0)
    np.testing.assert_allclose(m.forward(x), 5)
    weighted = nn.WeightedEuclidean(2, 3)
    weighted.weight.fill(0)
    weighted.diagCov[0] = 2
    np.testing.assert_allclose(weighted.forward(x), np.sqrt(52))
    m.forward(m.weight[:, 0])
    assert not m.backward(m.weight[:, 0], np.ones(3)).any()


def test_slow_backward_of_distances_recomputes_the_output():
    m = nn.Euclidean(2, 3)
    m.forward(row(9, 9))
    m.fastBackward = False
    slow = m.updateGradInput(row(3, 4), np.ones(3)).copy()
    m.forward(row(3, 4))
    np.testing.assert_array_equal(slow, m.updateGradInput(row(3, 4), np.ones(3)))
