"""Pooling of volumes against the definition, window by window."""

import numpy as np
import pytest

from nn import thnn

SIZES = [
    ((4, 6, 34), (2, 2, 2), (2, 2, 2), (0, 0, 0), (1, 1, 1)),
    ((5, 7, 39), (3, 3, 3), (2, 2, 2), (1, 1, 1), (1, 1, 1)),
    ((5, 4, 37), (2, 3, 2), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    ((7, 8, 40), (3, 2, 3), (2, 1, 1), (1, 1, 1), (2, 3, 2)),
    ((4, 5, 23), (2, 2, 4), (3, 2, 3), (0, 1, 2), (1, 1, 1)),
]


def windows(size, kernel, stride, pad, gap, out):
    """Of every output the places of its window that are inside, and their offsets in it."""
    for place in np.ndindex(*out):
        inside = []
        for tap in np.ndindex(*kernel):
            at = tuple(o * s - p + k * g for o, s, p, k, g in zip(place, stride, pad, tap, gap))
            if all(0 <= a < n for a, n in zip(at, size)):
                inside.append((at, tap))
        yield place, inside


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size, kernel, stride, pad, gap", SIZES)
def test_maxima_and_places(size, kernel, stride, pad, gap, dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (3, *size)).astype(dtype)  # many equal maxima: the first one counts
    x[0, 0, 0, :9] = -np.inf, np.nan, np.inf, 1, -np.inf, np.nan, np.nan, np.nan, np.nan
    zipped = zip(size, kernel, stride, pad, gap)
    out = tuple((n + 2 * p - g * (k - 1) - 1) // s + 1 for n, k, s, p, g in zipped)
    y, places = np.full((3, *out), np.nan, dtype), np.full((3, *out), -7)
    thnn.VolumetricMaxPooling_updateOutput(x, y, places, kernel, stride, pad, gap)
    dy, dx = rng.normal(size=y.shape).astype(dtype), np.full_like(x, np.nan)
    assert not thnn.VolumetricMaxPooling_updateGradInput(dy, dx, places, stride, pad, gap)
    expected, gradient = np.full_like(y, np.finfo(dtype).min), np.zeros_like(x)
    for n in range(3):
        for place, inside in windows(size, kernel, stride, pad, gap, out):
            found = -1
            for at, (t, i, j) in inside:
                if x[n][at] > expected[n][place]:
                    expected[n][place], found, source = x[n][at], t + 256 * i + 65536 * j, at
            assert places[n][place] == found
            if found >= 0:
                gradient[n][source] += dy[n][place]
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_allclose(dx, gradient, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size, kernel, stride", [case[:3] for case in SIZES])
def test_averages(size, kernel, stride, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, *size)).astype(dtype)
    out = tuple((n - k) // s + 1 for n, k, s in zip(size, kernel, stride))
    y, dx = np.full((3, *out), np.nan, dtype), np.full_like(x, np.nan)
    dy = rng.normal(size=y.shape).astype(dtype)
    thnn.VolumetricAveragePooling_updateOutput(x, y, kernel, stride)
    thnn.VolumetricAveragePooling_updateGradInput(dy, dx, kernel, stride)
    expected, gradient = np.zeros_like(y), np.zeros_like(x)
    for place, inside in windows(size, kernel, stride, (0, 0, 0), (1, 1, 1), out):
        for at, _ in inside:
            expected[:, *place] += x[:, *at] / np.prod(kernel)
            gradient[:, *at] += dy[:, *place] / np.prod(kernel)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(y, expected, atol=tolerance)
    np.testing.assert_allclose(dx, gradient, atol=tolerance)
