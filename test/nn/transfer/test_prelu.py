"""PReLU: its slopes."""

import numpy as np
import pytest

import nn
import torch7 as torch


def test_prelu_learns_its_slopes():
    torch.manualSeed(3)
    net, criterion = nn.PReLU(2), nn.MSECriterion()
    slopes = np.array([0.7, -0.2])
    for _ in range(300):
        x = torch.randn(20, 2)
        target = np.where(x > 0, x, slopes * x)
        criterion.forward(net.forward(x), target)
        net.zeroGradParameters()
        net.backward(x, criterion.backward(net.output, target))
        net.updateParameters(0.5)
    np.testing.assert_allclose(net.weight, slopes, atol=1e-6)


@pytest.mark.parametrize("name", ["weight", "gradWeight"])
def test_slopes_that_do_not_fit(name):
    module, x = nn.PReLU(3), np.ones((2, 3, 4))
    setattr(module, name, np.ones(40))
    with pytest.raises(ValueError, match=name):
        module.forward(x)
        module.backward(x, x)


def test_slopes_without_gradients_go_forward():
    module, x = nn.PReLU(3), np.ones((2, 3, 4))
    module.gradWeight = np.empty(0)
    assert module.forward(x).sum() == x.sum()
