"""Cosine: a vector beside itself."""

import numpy as np

import nn


def test_cosine_of_itself_is_one():
    m = nn.Cosine(3, 2)
    np.testing.assert_allclose(np.diag(m.forward(m.weight * 5)), 1)
