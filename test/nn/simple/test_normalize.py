"""Normalize: gradients by hand, rows of zeros, printed form."""

from math import inf

import numpy as np
import pytest

import nn


def row(*values):
    return np.array(values, float)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (1, (-0.081632653, 0.0612244898)),
        (2, (-0.064, 0.048)),
        (1.5, (-0.0794728899, 0.0596046674)),
        (3, (-0.0195449605, 0.0146587204)),
        (inf, (0.25, -0.1875)),
    ],
)
def test_normalize_gradient(p, expected):
    m = nn.Normalize(p)
    m.forward(row(3, 4))
    np.testing.assert_allclose(m.backward(row(3, 4), row(1, 2)), expected, rtol=1e-7)


def test_normalize_zero_row_and_print():
    m = nn.Normalize(2)
    m.forward(row(0, 0))
    np.testing.assert_allclose(m.backward(row(0, 0), row(1, 2)), row(1, 2) / np.sqrt(1e-10))
    assert [repr(nn.Normalize(p)) for p in (2, 1.5, inf)] == [
        "nn.Normalize(2)",
        "nn.Normalize(1.500000)",
        "nn.Normalize(inf)",
    ]
    for p in (None, 0, -1):
        with pytest.raises(ValueError, match="norm"):
            nn.Normalize(p)
