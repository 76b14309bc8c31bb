"""Max pooling against the definition, window by window."""

import numpy as np
import pytest

from nn import thnn


def reference(x, kH, kW, dH, dW, padH, padW, shape):
    y, places = np.empty(shape, x.dtype), np.zeros(shape, np.int64)
    for n, c, i, j in np.ndindex(*shape):
        best, place = np.finfo(x.dtype).min, 0
        for a in range(max(i * dH - padH, 0), min(i * dH - padH + kH, x.shape[2])):
            for b in range(max(j * dW - padW, 0), min(j * dW - padW + kW, x.shape[3])):
                if x[n, c, a, b] > best:
                    best, place = x[n, c, a, b], a * x.shape[3] + b + 1
        y[n, c, i, j], places[n, c, i, j] = best, place
    return y, places


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "size, kernel, stride, pad, ceil",
    [
        ((8, 8), (2, 2), (2, 2), (0, 0), 0),
        ((7, 71), (2, 2), (2, 2), (0, 0), 0),
        ((7, 9), (2, 2), (2, 2), (0, 0), 1),
        ((9, 70), (3, 3), (2, 2), (0, 0), 0),
        ((7, 37), (3, 2), (1, 1), (1, 1), 0),
        ((10, 41), (3, 3), (2, 2), (1, 1), 1),
        ((5, 33), (2, 4), (3, 3), (0, 2), 1),
        ((6, 19), (6, 19), (1, 1), (0, 0), 0),
        ((1, 1), (1, 1), (2, 2), (0, 0), 0),
    ],
)
def test_maxima_and_places(size, kernel, stride, pad, ceil, dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (2, 3, *size)).astype(dtype)  # many equal maxima: the first one counts
    x[0, 0, 0, 0], x[1, 2, -2:, -2:] = np.nan, -np.inf
    out = tuple((n + 2 * p - k + (s - 1) * ceil) // s + 1 for n, k, s, p in zip(size, kernel, stride, pad))
    y, places = np.full((2, 3, *out), np.nan, dtype), np.full((2, 3, *out), -7)
    thnn.SpatialMaxPooling_updateOutput(x, y, places, (*kernel[::-1], *stride[::-1], *pad[::-1]))
    expected = reference(x, *kernel, *stride, *pad, y.shape)
    assert np.array_equal(y, expected[0]) and np.array_equal(places, expected[1])
    dy, dx = rng.normal(size=y.shape).astype(dtype), np.full_like(x, np.nan)
    geometry = *kernel[::-1], *stride[::-1], *pad[::-1]
    assert not thnn.SpatialMaxPooling_updateGradInput(dy, dx, places, geometry)
    flat = np.zeros((6, size[0] * size[1]), dtype)
    for plane, where, flow in zip(flat, places.reshape(6, -1), dy.reshape(6, -1)):
        np.add.at(plane, where[where > 0] - 1, flow[where > 0])
    np.testing.assert_allclose(dx.reshape(6, -1), flat, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_places_outside_their_windows_count_all_the_same(dtype):
    """Places that a user has changed: every gradient goes to the place it names, if the plane has it."""
    geometry, places = (2, 2, 2, 2, 0, 0), np.array([[[[1, 3], [16, 1]], [[1, 3], [9, 17]], [[0, 4], [9, 11]]]])
    dy, dx = np.arange(1, 13, dtype=dtype).reshape(1, 3, 2, 2), np.full((1, 3, 4, 4), np.nan, dtype)
    assert thnn.SpatialMaxPooling_updateGradInput(dy, dx, places, geometry)
    expected = np.zeros((3, 16))
    expected[0, [0, 2, 15]], expected[1, [0, 2, 8]], expected[2, [3, 8, 10]] = [5, 2, 3], [5, 6, 7], [10, 11, 12]
    assert np.array_equal(dx.reshape(3, 16), expected)


def test_places_in_rows_longer_than_floats_count():
    """An offset in a window of three rows of 9 million columns is no float32."""
    width, places = 9_000_001, np.array([3, 8_999_990, 8_999_995, 8_999_998])
    x, y = np.zeros((1, 1, 3, width), np.float32), np.empty((1, 1, 1, width - 1), np.float32)
    x[0, 0, 2, places] = 1
    found = np.empty(y.shape, np.int64)
    thnn.SpatialMaxPooling_updateOutput(x, y, found, (2, 3, 1, 1, 0, 0))
    for first in (places, places - 1):
        assert (found[0, 0, 0, first] == 2 * width + places + 1).all()
