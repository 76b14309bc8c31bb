"""Tanh, Sigmoid, SoftMax and LogSoftMax against float64 NumPy."""

import numba
import numpy as np
import pytest

from nn import thnn

SIZES = [(1,), (5,), (16,), (37,), (3, 1024), (2, 3, 5, 7), (300, 257)]
TOLERANCE = {np.dtype(np.float32): 3e-7, np.dtype(np.float64): 4e-16}


def tanh(x):
    return np.tanh(x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


MAPS = {"Tanh": (tanh, lambda y: 1 - y * y), "Sigmoid": (sigmoid, lambda y: y * (1 - y))}


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    return request.param


def same_bits_for_any_thread_count(function, output):
    threads = numba.get_num_threads()
    results = []
    for n in (1, 2):
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
        output.fill(np.nan)
        function()
        results.append(output.copy())
    numba.set_num_threads(threads)
    assert np.array_equal(*results)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("shape", SIZES)
def test_map(name, shape, dtype):
    rng = np.random.default_rng(0)
    x, g = (rng.normal(size=shape).astype(dtype) for _ in range(2))
    y, dx = np.empty_like(x), np.empty_like(x)
    function, slope = MAPS[name]
    same_bits_for_any_thread_count(lambda: getattr(thnn, name + "_updateOutput")(x, y), y)
    np.testing.assert_allclose(y, function(x.astype(np.float64)), rtol=TOLERANCE[x.dtype])
    same_bits_for_any_thread_count(lambda: getattr(thnn, name + "_updateGradInput")(y, g, dx), dx)
    expected = g.astype(np.float64) * slope(y.astype(np.float64))
    np.testing.assert_allclose(dx, expected, rtol=1e-5, atol=TOLERANCE[x.dtype])


def classes_axis(x):
    return {1: 0, 2: 1, 3: 0, 4: 1}[x.ndim]


@pytest.mark.parametrize("logarithm", [False, True], ids=["SoftMax", "LogSoftMax"])
@pytest.mark.parametrize("shape", [(1,), (7,), (33,), (2, 10), (3, 16), (5, 1000), (40, 777), (3, 4, 5), (2, 21, 9, 7)])
def test_softmax(logarithm, shape, dtype):
    rng = np.random.default_rng(0)
    x, g = (rng.normal(size=shape).astype(dtype) * 5 for _ in range(2))
    y, dx = np.empty_like(x), np.empty_like(x)
    name, axis = ("LogSoftMax" if logarithm else "SoftMax"), classes_axis(x)
    e = x.astype(np.float64)
    e -= e.max(axis, keepdims=True)
    p = np.exp(e) / np.exp(e).sum(axis, keepdims=True)
    scale = TOLERANCE[x.dtype] * 10
    same_bits_for_any_thread_count(lambda: getattr(thnn, name + "_updateOutput")(x, y), y)
    np.testing.assert_allclose(y, np.log(p) if logarithm else p, rtol=scale, atol=scale)
    same_bits_for_any_thread_count(lambda: getattr(thnn, name + "_updateGradInput")(g, dx, y), dx)
    if logarithm:
        expected = g - p * g.sum(axis, keepdims=True, dtype=np.float64)
    else:
        expected = p * (g - (p * g).sum(axis, keepdims=True))
    np.testing.assert_allclose(dx, expected, atol=20 * scale * np.abs(g).max() * np.sqrt(x.shape[axis]))


@pytest.mark.parametrize("name", ["SoftMax", "LogSoftMax"])
def test_large_values_do_not_overflow(name, dtype):
    x = np.array([[1000, 1000, -1000]], dtype)
    y = np.empty_like(x)
    getattr(thnn, name + "_updateOutput")(x, y)
    expected = [[0.5, 0.5, 0]] if name == "SoftMax" else [[-np.log(2), -np.log(2), -2000 - np.log(2)]]
    np.testing.assert_allclose(y, expected, rtol=1e-6)
