"""Products with a packed matrix are those of NumPy."""

import numpy as np
import pytest

from nn.thnn.packed import Packed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("m, n, K", [(2, 3, 4), (5, 70, 90), (33, 129, 257), (200, 64, 600), (7, 1000, 300)])
def test_product(m, n, K, transposed, dtype):
    generator = np.random.default_rng(1)
    A = generator.standard_normal((m, K + 3)).astype(dtype)[:, :K]
    B = generator.standard_normal((n, K + 2) if transposed else (K, n + 2)).astype(dtype)
    B = B[:, :K] if transposed else B[:, :n]
    whole = generator.standard_normal((m, n + 5)).astype(dtype)
    C, before = whole[:, :n], whole.copy()
    packed = Packed(B, transposed, m, "test")
    product = A.astype(np.float64) @ (B.T if transposed else B)
    tolerance = 1e-12 if dtype == np.float64 else 1e-4
    packed.times(A, C, True)
    np.testing.assert_allclose(C, before[:, :n] + product, rtol=tolerance, atol=tolerance * K)
    packed.times(A, C, False)
    np.testing.assert_allclose(C, product, rtol=tolerance, atol=tolerance * K)
    assert (whole[:, n:] == before[:, n:]).all()
