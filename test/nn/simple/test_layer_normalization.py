"""LayerNormalization treats every sample alone."""

import numpy as np

import nn


def test_layer_normalization_treats_every_sample_alone():
    x = np.random.default_rng(0).standard_normal((4, 6))
    centered = x - x.mean(1, keepdims=True)
    expected = centered / np.sqrt((centered**2).mean(1, keepdims=True))
    m = nn.LayerNormalization(6)
    np.testing.assert_allclose(m.forward(x), expected, rtol=1e-8)
    np.testing.assert_allclose(m.forward(x[1]), expected[1], rtol=1e-8)
    assert [p.shape for p in m.parameters()[0]] == [(6,), (6,)]
    assert nn.LayerNormalization(6, 0.5).forward(np.eye(6)).min() < 0.5
