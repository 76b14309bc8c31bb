"""HingeEmbeddingCriterion: its edges."""

import numpy as np

import nn


def test_hinge_embedding_edges():
    criterion = nn.HingeEmbeddingCriterion(1)
    criterion.sizeAverage = None
    x, y = np.array([0.5, 1.0, 1.5, 0.25]), np.array([1, -1, -1, 0])
    assert criterion.forward(x, y) == 0.5 + 0 + 0 + (0.25 + 0.75)
    assert criterion.backward(x, y).tolist() == [1, -1, 0, 0]
