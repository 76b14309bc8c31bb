"""GradientReversal and its relatives: gradients that are reversed or stopped."""

import numpy as np

import nn


def row(*values):
    return np.array(values, float)


def test_gradient_is_reversed_or_stopped():
    m = nn.GradientReversal()
    m.forward(row(1, 2))
    np.testing.assert_array_equal(m.setLambda(3).backward(row(1, 2), row(1, -1)), [-3, 3])
    zero = nn.ZeroGrad()
    x = [row(1), {"a": row(2, 3)}]
    assert zero.forward(x) is x
    gradient = zero.backward(x, x)
    assert not gradient[0].any()
    assert not gradient[1]["a"].any()
