"""F.gumbel_softmax: PyTorch's draw for a seed, one at the largest, the gradient of the softmax behind it."""

import numpy as np
from gradients import numeric

import nn.pytorch as tnn
import nn.pytorch.functional as F


def test_draw_of_a_seed():
    tnn.manual_seed(2)
    expected = [0.008632291070216732, 0.959934524527547, 0.031433184402236344]
    np.testing.assert_allclose(F.gumbel_softmax(np.array([0.1, 0.2, 0.3]), 0.7), expected, rtol=1e-12)


def test_hard_is_the_largest_with_the_soft_gradient():
    logits = np.random.default_rng(0).normal(size=(3, 4))
    tnn.manual_seed(1)
    hard, kept = F.gumbel_softmax_forward(logits, 0.7, hard=True, dim=0)
    assert hard.sum(0).tolist() == [1] * 4 and (hard.argmax(0) == kept["soft"].argmax(0)).all()
    g = np.random.default_rng(1).normal(size=(3, 4))

    def soft():
        tnn.manual_seed(1)
        return float((F.gumbel_softmax(logits, 0.7, dim=0) * g).sum())

    given = F.gumbel_softmax_backward(g, logits, 0.7, True, dim=0, **kept)[0]
    np.testing.assert_allclose(given, numeric(soft, logits), atol=1e-8)
