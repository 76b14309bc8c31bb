"""FeatureLPPooling: windows of features by hand."""

import numpy as np
import pytest

import nn


def row(*values):
    return np.array(values, float)


def test_feature_pooling():
    m = nn.FeatureLPPooling(2, 1, 2, False)
    np.testing.assert_allclose(m.forward(row(3, 4, 0, 0)), [5, 4, 0])
    np.testing.assert_allclose(m.backward(row(3, 4, 0, 0), np.ones(3)), [0.6, 1.8, 0, 0])
    assert repr(m) == "nn.FeatureLPPooling(2, 1, 2, false)"
    for arguments in ((1, 1, 2, True), (2, 5, 2, True)):
        with pytest.raises(ValueError, match="must be within"):
            nn.FeatureLPPooling(*arguments)
