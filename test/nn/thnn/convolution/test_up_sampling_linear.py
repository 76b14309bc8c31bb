"""Linear interpolation against the matrices of its axes."""

import numpy as np
import pytest

from nn import thnn


def axis(size, out, dtype):
    """Neighbours and weights as kernels take them, and the same as a matrix."""
    places = np.arange(out) * ((size - 1) / max(out - 1, 1))
    below = places.astype(np.int64)
    above, weights = np.minimum(below + 1, size - 1), (places - below).astype(dtype)
    matrix = np.zeros((out, size))
    for k in range(out):
        matrix[k, below[k]] += 1 - weights[k]
        matrix[k, above[k]] += weights[k]
    return (below, above, weights), matrix


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "sizes, outs",
    [
        ((1, 5, 7), (1, 10, 14)),
        ((3, 4, 20), (6, 8, 40)),
        ((2, 9, 33), (3, 4, 17)),  # fewer rows and columns than before
        ((1, 1, 1), (2, 3, 35)),
        ((4, 3, 5), (1, 3, 1)),
    ],
)
def test_interpolation(sizes, outs, dtype):
    rng = np.random.default_rng(0)
    axes, (T, H, W) = zip(*(axis(s, o, dtype) for s, o in zip(sizes, outs)))
    x, y = rng.normal(size=(3, *sizes)).astype(dtype), np.full((3, *outs), np.nan, dtype)
    dy, dx = rng.normal(size=y.shape).astype(dtype), np.full_like(x, np.nan)
    arrays = [array for triple in axes for array in triple]
    thnn.UpSamplingLinear_updateOutput(x, y, *arrays)
    thnn.UpSamplingLinear_updateGradInput(dy, dx, *arrays)
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(y, np.einsum("ntij,at,bi,cj->nabc", x, T, H, W), atol=tolerance)
    np.testing.assert_allclose(dx, np.einsum("nabc,at,bi,cj->ntij", dy, T, H, W), atol=tolerance)
