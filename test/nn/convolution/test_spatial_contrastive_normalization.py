"""SpatialContrastiveNormalization: kernels."""

import numpy as np

import nn


def test_the_caller_s_kernel_is_left_alone():
    kernel = np.full(3, 2.0)
    module = nn.SpatialContrastiveNormalization(4, kernel)
    assert (kernel == 2).all()
    np.testing.assert_allclose(module.kernel, np.full(3, 1 / 6))
    assert module.normalizer.get(1).kernel is module.kernel
