"""ClassSimplexCriterion: corners and predictions."""

import numpy as np
import pytest

import nn


def test_simplex():
    for n in (2, 3, 6):
        s = nn.ClassSimplexCriterion(n).simplex
        np.testing.assert_allclose(s @ s.T, np.full((n, n), -1 / (n - 1)) + np.eye(n) * n / (n - 1), atol=1e-14)
        assert not s[:, -1].any()
    np.testing.assert_allclose(nn.ClassSimplexCriterion(3).simplex[1], [-0.5, np.sqrt(0.75), 0])
    criterion = nn.ClassSimplexCriterion(4)
    assert criterion.getTopPrediction(criterion.simplex[[2, 0, 3]] + 0.1).tolist() == [3, 1, 4]
    assert criterion.getPredictions(criterion.simplex[1]).shape == (1, 4)
    for n in (1, 2.5, None):
        with pytest.raises(ValueError, match="above 1"):
            nn.ClassSimplexCriterion(n)
