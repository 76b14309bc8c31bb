"""Kernels made from the formula of one element: every size, address and number of threads, memory past the caches."""

import numba
import numpy as np
import pytest

from nn.thnn.cpu.runtime.partition import LAUNCH
from nn.thnn.cpu.simd import registers as simd
from nn.thnn.cpu.simd.elementwise import elementwise, reduction

LARGE = LAUNCH + 37


@elementwise(1.0, inputs=2)
def sloped(x, dy, slope):
    return simd.select(x > 0, dy, slope * dy)


@reduction(1.0, inputs=2)
def hinge(x, t, margin):
    return simd.maximum(margin - x * t, 0)


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request):
    return request.param


def at_address(values, offset):
    """A copy that begins so many elements behind the start of an array, with a guard of 7 around it."""
    guarded = np.full(values.size + offset + 64, 7, values.dtype)
    copy = guarded[offset : offset + values.size]
    copy[...] = values
    return copy, guarded


def with_threads(n, function):
    threads = numba.get_num_threads()
    numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
    try:
        return function()
    finally:
        numba.set_num_threads(threads)


@pytest.mark.parametrize("size", [0, 1, 5, 16, 17, 100, LARGE])
@pytest.mark.parametrize("offset", [0, 1, 3])
def test_map_writes_every_element_and_no_other(size, offset, dtype):
    rng = np.random.default_rng(size)
    x, dy = (rng.normal(size=size).astype(dtype) for _ in range(2))
    dx, guarded = at_address(np.zeros(size, dtype), offset)
    for n in (1, 2):
        dx.fill(0)
        with_threads(n, lambda: sloped(x, dy, dx, 0.5))
        np.testing.assert_array_equal(dx, np.where(x > 0, dy, dy / 2))
        assert (guarded[:offset] == 7).all() and (guarded[offset + size :] == 7).all()


def test_map_past_the_caches(dtype, monkeypatch):
    monkeypatch.setattr("nn.thnn.cpu.simd.elementwise.CACHES", 0)
    x, dy = (np.random.default_rng(n).normal(size=LARGE).astype(dtype) for n in (0, 1))
    dx, guarded = at_address(np.zeros(LARGE, dtype), 1)
    sloped(x, dy, dx, 0.5)
    np.testing.assert_array_equal(dx, np.where(x > 0, dy, dy / 2))
    assert guarded[0] == 7 and (guarded[1 + LARGE :] == 7).all()


def test_map_in_place_and_of_several_dimensions(dtype):
    x = np.random.default_rng(0).normal(size=(3, 5, 7)).astype(dtype)
    dy = np.ones_like(x)
    sloped(x, dy, dy, 2)
    np.testing.assert_array_equal(dy, np.where(x > 0, 1, 2))


@pytest.mark.parametrize("size", [0, 1, 5, 16, 17, 100, LARGE])
def test_sum_leaves_out_what_is_behind_the_end(size, dtype):
    rng = np.random.default_rng(size)
    x, t = (rng.normal(size=size).astype(dtype) for _ in range(2))
    totals = [with_threads(n, lambda: hinge(x, t, 1)) for n in (1, 2)]
    assert totals[0] == totals[1]
    exact = np.maximum(1 - x.astype(np.float64) * t, 0).sum()
    assert totals[0] == pytest.approx(exact, rel=1e-6 if dtype == np.float32 else 1e-13)


def test_documentation_is_that_of_the_formula():
    from nn import thnn

    assert thnn.Tanh_updateOutput.__doc__ == "``output = tanh(input)``"
