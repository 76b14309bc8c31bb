"""TemporalDynamicKMaxPooling keeps the order of time."""

import numpy as np
import pytest

import nn


def test_dynamic_pooling_keeps_time():
    m = nn.TemporalDynamicKMaxPooling(2)
    x = np.array([[1.0, 5], [4, 5], [3, 5], [2, 5]])
    np.testing.assert_array_equal(m.forward(x), [[4, 5], [3, 5]])
    np.testing.assert_array_equal(m.indices, [[2, 1], [3, 2]])
    with pytest.raises(ValueError, match="too small"):
        m.forward(x[:1])
