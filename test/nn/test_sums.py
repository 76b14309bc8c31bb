"""Sums, products, copies and joins of large tensors by kernels: the bits of NumPy's."""

import numpy as np
import pytest

from nn import sums, thnn


@pytest.fixture(autouse=True)
def by_kernels():
    with sums.by_kernels():
        yield


def arrays(count, dtype=np.float32, shape=(150, 131)):
    random = np.random.default_rng(0)
    found = [random.standard_normal(shape).astype(dtype) for _ in range(count)]
    for x in found:
        x[0, :4] = np.nan, np.inf, -0.0, 0.0
    return found


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_functions_of_every_element(dtype):
    x, y, output = arrays(3, dtype)
    for ours, theirs in ((sums.add, np.add), (sums.subtract, np.subtract), (sums.multiply, np.multiply)):
        ours(x, y, output)
        np.testing.assert_array_equal(output, theirs(x, y))
    sums.negate(x, output)
    assert output[1:].tobytes() == (-x[1:]).tobytes()
    assert np.signbit(output[0, 3])
    sums.copy(x, output)
    assert output.tobytes() == x.tobytes()
    sums.copy(None, output)
    assert not output.any()


def test_what_kernels_do_not_take():
    """Overlapping, turned and other tensors, and several at once."""
    (x,) = arrays(1)
    flat = np.nan_to_num(x).ravel()
    expected = flat.copy()
    expected[1:] += expected[:-1].copy()
    sums.add(flat[1:], flat[:-1], flat[1:])
    np.testing.assert_array_equal(flat, expected)
    turned, output = x.T, np.empty(x.T.shape, np.float32)
    sums.add(turned, turned, output)
    np.testing.assert_array_equal(output, turned + turned)
    whole = np.arange(20000)
    sums.add(whole, whole, whole)
    assert whole[3] == 6
    sums.zero(whole)
    assert not whole.any()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_joins_and_parts(axis):
    random = np.random.default_rng(0)
    sizes = [[20, 40, 30], [20, 40, 30], [20, 40, 30]]
    for n, size in enumerate((7, 0, 5)):
        sizes[n][axis] = size
    table = [random.standard_normal(size) for size in sizes]
    whole = np.concatenate(table, axis)
    big = np.full(whole.shape, np.nan)
    sums.join(table, axis, big)
    parts = [np.full_like(x, np.nan) for x in table]
    sums.split(whole, axis, parts)
    assert big.tobytes() == whole.tobytes()
    assert all(map(np.array_equal, parts, table))


def test_large_gradient_steps():
    """Threads share them."""
    random = np.random.default_rng(0)
    x, y = (random.standard_normal((1200, 700)).astype(np.float32) for _ in range(2))
    expected = x + np.float32(-0.3) * y
    thnn.cadd(x, -0.3, y)
    np.testing.assert_allclose(x, expected, 1e-6, 1e-7)
    thnn.clear(x)
    assert not x.any()
