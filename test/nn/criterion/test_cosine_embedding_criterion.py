"""CosineEmbeddingCriterion: labels, matches, plain zeros."""

import numpy as np
import pytest

import nn


def test_rows_of_the_cosine_loss_that_are_far_enough_have_plain_zeros():
    a, b = np.array([[1.0, -2.0], [1.0, 1.0]]), np.array([[-1.0, 2.0], [1.0, 1.0]])
    for g in nn.CosineEmbeddingCriterion().backward([a, b], np.array([-1.0, -1.0])):
        assert g[0].tolist() == [0, 0] and not np.signbit(g[0]).any()
        np.testing.assert_allclose(g[1], 0, atol=1e-12)


def test_cosine_embedding_of_other_labels_and_exact_matches():
    criterion = nn.CosineEmbeddingCriterion()
    pair = [np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([[4.0, 3.0], [0.0, 2.0]])]
    assert criterion.forward(pair, np.array([0, 1])) == pytest.approx((0.96 + 1) / 2)
    zero = [np.zeros(2), np.ones(2)]
    assert criterion.forward(zero, -1) == 0
    assert not criterion.backward(zero, -1)[0].any()
