"""L1Penalty: the loss, and what is added to the gradient."""

import numpy as np

import nn


def row(*values):
    return np.array(values, float)


def test_penalty():
    x = row(1, -2, 0)
    m = nn.L1Penalty(0.5)
    assert m.forward(x) is x
    assert m.loss == 1.5
    np.testing.assert_array_equal(m.backward(x, row(1, 1, 1)), [1.5, 0.5, 1])
    np.testing.assert_allclose(nn.L1Penalty(0.6, True, False).backward(x, row(1, 1, 1)), [0.2, -0.2, 0])
    m.clearState()
    assert x.size == 3
