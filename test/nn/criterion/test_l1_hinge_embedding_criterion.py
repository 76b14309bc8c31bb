"""L1HingeEmbeddingCriterion draws the signs of zeros."""

import numpy as np

import nn
import torch7 as torch


def test_l1_hinge_draws_signs_of_zeros():
    pair = [np.array([1.0, 5, 1, 1, 0]), np.array([1.0, 4, 1, 1, 2])]
    criterion = nn.L1HingeEmbeddingCriterion()
    torch.manualSeed(5)
    expected = [2 * torch.random(2) - 3 for _ in range(3)]
    torch.manualSeed(5)
    a, b = criterion.backward(pair, 1)
    assert a.tolist() == [expected[0], 1, expected[1], expected[2], -1]
    assert (a == -b).all()
