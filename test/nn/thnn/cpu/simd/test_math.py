"""Accuracy of the vector functions, and their edge cases, against extended precision."""

import numba
import numpy as np
import pytest

from nn.thnn.cpu.simd import math as vecmath
from nn.thnn.cpu.simd import registers as simd

FLAGS = {"error_model": "numpy", "fastmath": {"contract", "nsz"}}


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x > 0, 1 / (1 + e), e / (1 + e))


REFERENCE = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": lambda x: np.logaddexp(0, x),
}


def compiled(name):
    """The function over an array, with vectors and with plain floats."""
    function = getattr(vecmath, name)

    @numba.njit(**FLAGS)
    def vectors(x, y):
        width = simd.lanes(x)
        rest = x.size % width
        for i in range(0, x.size - rest, width):
            simd.store(y, i, function(simd.load(x, i)))
        if rest:
            i = x.size - rest
            simd.store_first(y, i, function(simd.load_first(x, i, rest)), rest)

    @numba.njit(**FLAGS)
    def scalars(x, y):
        for i in range(x.size):
            y[i] = function(x[i])

    return vectors, scalars


def samples(name, dtype):
    rng = np.random.default_rng(1)
    low, high = (-103.9, 88.7) if dtype == np.float32 else (-745, 709.7)
    parts = [rng.uniform(low, high, 20003), rng.normal(size=20000), rng.normal(size=20000) * 1e-3]
    parts.append(10.0 ** rng.uniform(-30, -3, 5000))
    x = np.concatenate(parts).astype(dtype)
    if name == "log":
        edge = np.finfo(dtype).minexp
        x = np.concatenate([np.abs(x), np.exp2(rng.uniform(edge - 20, -edge, 20000)).astype(dtype)])
    return x[x > -1] if name == "log1p" else x


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REFERENCE)
def test_within_two_units_in_the_last_place(name, dtype):
    x = samples(name, dtype)
    vectors, scalars = compiled(name)
    y, z = np.empty_like(x), np.empty_like(x)
    vectors(x, y)
    scalars(x, z)
    assert np.array_equal(y, z, equal_nan=True)
    exact = REFERENCE[name](x.astype(np.longdouble))
    unit = np.spacing(np.abs(exact.astype(dtype))).astype(np.longdouble)
    error = np.abs(y.astype(np.longdouble) - exact) / unit
    assert error.max() < (2.4 if name == "sigmoid" else 2.0), x[error.argmax()]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", REFERENCE)
def test_edges(name, dtype):
    info = np.finfo(dtype)
    tiny = [info.smallest_subnormal, -info.smallest_subnormal, info.tiny / 2, info.tiny]
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, info.max, -info.max, 1000, -1000, -1, *tiny], dtype)
    vectors, scalars = compiled(name)
    with np.errstate(all="ignore"):
        expected = REFERENCE[name](x)
    for function in (vectors, scalars):
        y = np.empty_like(x)
        function(x, y)
        np.testing.assert_array_almost_equal_nulp(y[np.isfinite(y)], expected[np.isfinite(y)], 2)
        assert np.array_equal(np.where(np.isfinite(y), 0, y), np.where(np.isfinite(expected), 0, expected), True)
        if name in ("tanh", "expm1", "log1p"):
            assert np.signbit(y[1]) and not np.signbit(y[0])
