"""PairwiseDistance."""

import numpy as np
import pytest

import nn
import torch7 as torch


class TestPairwiseDistance:
    a, b = np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0, 3.0])

    @pytest.mark.parametrize(("p", "distance"), [(None, 5), (1, 7), (3, 91 ** (1 / 3)), (0.5, (3**0.5 + 2) ** 2)])
    def test_values(self, p, distance):
        m = nn.PairwiseDistance(p)
        assert m.forward([self.a, self.b]).shape == (1,)
        np.testing.assert_allclose(m.output, distance, rtol=1e-12)
        out = m.forward([np.stack([self.a, self.b]), np.stack([self.b, self.b])])
        np.testing.assert_allclose(out, [distance, 0], rtol=1e-12)

    def test_gradient_at_equal_elements_is_a_random_sign(self):
        m = nn.PairwiseDistance(1)
        x = np.ones((2, 3))
        m.forward([x, x])
        torch.manualSeed(5)
        gradA, gradB = m.backward([x, x], np.array([1.0, 2.0]))
        torch.manualSeed(5)
        signs = np.array([2 * torch.random(2) - 3 for _ in range(6)], float).reshape(2, 3)
        assert np.array_equal(gradA, signs * [[1], [2]]) and np.array_equal(gradB, -gradA)

    @pytest.mark.parametrize("p", [2, 3, 1.5, 0.5])
    def test_gradient_at_equal_vectors_is_finite(self, p):
        m = nn.PairwiseDistance(p)
        m.forward([self.a, self.a])
        assert not np.any(m.backward([self.a, self.a], np.ones(1)))

    @pytest.mark.parametrize("p", [0, -1, float("inf")])
    def test_other_norms_are_refused(self, p):
        with pytest.raises(ValueError, match="positive and finite"):
            nn.PairwiseDistance(p)
