"""DotProduct, CosineDistance."""

import numpy as np

import nn


def test_dot_product_and_cosine_values():
    a, b = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    assert nn.DotProduct().forward([a, b]).tolist() == [32]
    m = nn.CosineDistance()
    np.testing.assert_allclose(m.forward([a, b]), [0.9746318462], rtol=1e-9)
    assert m.forward([0 * a, b]) == 0
    assert np.isfinite(m.backward([0 * a, b], np.ones(1))[0]).all()
