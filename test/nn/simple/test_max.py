"""Max and Min: the first extremum, NaN, whole rows."""

from math import inf, nan

import numpy as np
import pytest

import nn


def row(*values):
    return np.array(values, float)


def test_first_extremum_wins_and_nan_is_one():
    m = nn.Max(2)
    x = np.array([[1.0, 3, 3], [nan, 5, nan]])
    np.testing.assert_array_equal(m.forward(x), [3, nan])
    np.testing.assert_array_equal(m._indices, [[2], [1]])
    np.testing.assert_array_equal(m.backward(x, row(1, 1)), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(nn.Min().forward(row(2, 1, 1)), [1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 7, 16, 40, 133])
@pytest.mark.parametrize("special", [0, inf, -inf, nan])
def test_extrema_of_rows_as_numpy_finds_them(n, dtype, special):
    x = np.random.default_rng(n).integers(-3, 4, (3, n)).astype(dtype)
    x[1, n // 2] = special
    x[2] = special
    for module, argument in ((nn.Max(2), x.argmax(1)), (nn.Min(2), x.argmin(1))):
        y = module.type("torch.FloatTensor" if dtype == np.float32 else "torch.DoubleTensor").forward(x)
        np.testing.assert_array_equal(module._indices[:, 0] - 1, argument)
        np.testing.assert_array_equal(y, x[range(3), argument])
