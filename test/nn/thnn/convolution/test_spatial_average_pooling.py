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
@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize(
    "size, kernel, stride, pad, ceil",
    [
        ((8, 34), (2, 2), (2, 2), (0, 0), 0),
        ((9, 70), (3, 3), (2, 2), (1, 1), 0),
        ((7, 37), (3, 2), (1, 1), (1, 1), 0),
        ((10, 41), (3, 3), (2, 2), (1, 1), 1),
        ((5, 33), (2, 4), (3, 3), (0, 2), 1),
        ((6, 19), (6, 19), (1, 1), (0, 0), 0),
        ((14, 40), (3, 5), (4, 3), (1, 2), 0),
        ((13, 9), (5, 5), (2, 2), (2, 1), 1),
        ((11, 50), (2, 2), (5, 5), (0, 0), 0),
    ],
)
def test_averages(size, kernel, stride, pad, ceil, include, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    out = tuple((n + 2 * p - k + (s - 1) * ceil) // s + 1 for n, k, s, p in zip(size, kernel, stride, pad))
    (H, eH), (W, eW) = (matrix(*a) for a in zip(size, kernel, stride, pad, out))
    divisor = np.outer(eH, eW) if include else np.outer(H.sum(1), W.sum(1))
    geometry = (*kernel[::-1], *stride[::-1], *pad[::-1]), include
    y, dx = np.full((2, 3, *out), np.nan, dtype), np.full_like(x, np.nan)
    dy = rng.normal(size=y.shape).astype(dtype)
    thnn.SpatialAveragePooling_updateOutput(x, y, *geometry)
    thnn.SpatialAveragePooling_updateGradInput(dy, dx, *geometry)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(y, H @ x @ W.T / divisor, atol=tolerance)
    np.testing.assert_allclose(dx, H.T @ (dy / divisor) @ W, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size, out", [((9, 33), (1, 1)), ((9, 33), (4, 7)), ((5, 3), (7, 4)), ((20, 40), (20, 1))])
def test_adaptive_averages(size, out, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    bounds = [np.array([[i * n // o, -(-(i + 1) * n // o)] for i in range(o)]).T.copy() for n, o in zip(size, out)]
    H, W = (np.zeros((o, n)) for n, o in zip(size, out))
    for rows, (first, last) in zip((H, W), bounds):
        for i in range(len(rows)):
            rows[i, first[i] : last[i]] = 1 / (last[i] - first[i])
    y, dx = np.full((2, 3, *out), np.nan, dtype), np.full_like(x, np.nan)
    dy = rng.normal(size=y.shape).astype(dtype)
    thnn.SpatialAdaptiveAveragePooling_updateOutput(x, y, *bounds)
    thnn.SpatialAdaptiveAveragePooling_updateGradInput(dy, dx, *bounds)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(y, H @ x @ W.T, atol=tolerance)
    np.testing.assert_allclose(dx, H.T @ dy @ W, atol=tolerance)
