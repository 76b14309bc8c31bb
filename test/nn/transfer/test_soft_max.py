"""SoftMax, LogSoftMax, SoftMin: extremes, shapes of gradients."""

import numpy as np
import pytest

import nn

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize("cls", [nn.SoftMax, nn.LogSoftMax, nn.SoftMin])
@pytest.mark.parametrize("group", [[-INF, -INF], [NAN, 1.0], [INF, 1.0]], ids=str)
def test_a_group_without_probabilities_is_nan(cls, group):
    group = np.array(group) * (-1 if cls is nn.SoftMin else 1)
    output = cls().forward(np.array([group, [0.0, 1.0]]))
    assert np.isnan(output[0]).all() and not np.isnan(output[1]).any()


def test_softmax_of_large_scores():
    np.testing.assert_allclose(nn.SoftMax().forward(np.array([1000.0, 1000.0])), 0.5)
    np.testing.assert_allclose(nn.LogSoftMax().forward(np.array([0.0, -INF])), [0, -INF])


@pytest.mark.parametrize("cls", [nn.SoftMax, nn.LogSoftMax, nn.SoftMin])
def test_softmax_wants_gradients_of_its_shape(cls):
    module = cls()
    module.forward(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="3x2"):
        module.updateGradInput(np.zeros((2, 3)), np.zeros((3, 2)))
