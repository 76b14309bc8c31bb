"""TemporalRowConvolution: worked numbers, printed forms."""

import numpy as np
import pytest
from filling import counting, filled

import nn


@pytest.mark.parametrize("featFirst", [False, True])
def test_temporal_row_convolution_of_a_square_output(featFirst):
    """As many frames as features: where an original that transposed in place went wrong at the second forward."""
    module = nn.TemporalRowConvolution(2, 2, 1, featFirst)
    filled(module, [[1, 10], [100, 1000]])
    x = counting(3, 2)
    expected = np.array([[31.5, 4200.5], [53.5, 6400.5]])
    for _ in range(3):
        output = module.forward(x.T if featFirst else x)
        np.testing.assert_allclose(output.T if featFirst else output, expected)


def test_no_bias_of_rows():
    module = nn.TemporalRowConvolution(3, 2, 2).noBias()
    assert repr(module) == "nn.TemporalRowConvolution(3, 2, 2) without bias"
    assert module.reset().bias is None
