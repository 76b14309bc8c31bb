"""Average pooling against the definition, window by window."""

import numpy as np
import pytest

from nn import thnn


def matrix(size, k, d, pad, out):
    """The windows of one axis as rows of ones, and their extents up to the padded border."""
    rows, extents = np.zeros((out, size)), np.zeros(out)
    for i in range(out):
        start, end = i * d - pad, min(i * d - pad + k, size + pad)
        rows[i, max(start, 0) : min(end, size)] = 1
        extents[i] = end - start
    return rows, extents


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("include, divide", [(True, True), (False, True), (True, False)])
@pytest.mark.parametrize(
    "size, kernel, stride, pad, ceil",
    [
        ((8, 34), (2, 2), (2, 2), (0, 0), 0),
        ((9, 70), (3, 3), (2, 2), (1, 1), 0),
        ((7, 37), (3, 2), (1, 1), (1, 1), 0),
        ((10, 41), (3, 3), (2, 2), (1, 1), 1),
        ((5, 33), (2, 4), (3, 3), (0, 2), 1),
        ((6, 19), (6, 19), (1, 1), (0, 0), 0),
    ],
)
def test_averages(size, kernel, stride, pad, ceil, include, divide, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    out = tuple((n + 2 * p - k + (s - 1) * ceil) // s + 1 for n, k, s, p in zip(size, kernel, stride, pad))
    (H, eH), (W, eW) = (matrix(*a) for a in zip(size, kernel, stride, pad, out))
    divisor = np.outer(eH, eW) if include else np.outer(H.sum(1), W.sum(1))
    divisor = divisor if divide else np.ones(out)
    geometry = (*kernel[::-1], *stride[::-1], *pad[::-1], include, divide)
    y, dx = np.full((2, 3, *out), np.nan, dtype), np.full_like(x, np.nan)
    dy = rng.normal(size=y.shape).astype(dtype)
    thnn.SpatialAveragePooling_updateOutput(x, y, *geometry)
    thnn.SpatialAveragePooling_updateGradInput(dy, dx, *geometry)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(y, H @ x @ W.T / divisor, atol=tolerance)
    np.testing.assert_allclose(dx, H.T @ (dy / divisor) @ W, atol=tolerance)
