"""RReLU: what it draws."""

import numpy as np

import nn
import torch7 as torch

NAN, INF = np.nan, np.inf


def test_rrelu_draws_for_elements_that_are_not_positive():
    torch.manualSeed(123)
    module = nn.RReLU()
    output = module.forward(np.array([-1, 2, -1, 0, NAN]))
    np.testing.assert_allclose(output, [-0.270097747, 2, -0.273532359, 0, NAN], rtol=1e-8)
    np.testing.assert_allclose(module.noise, [0.270097747, 1, 0.273532359, module.noise[3], 1], rtol=1e-8)


def test_rrelu_draws_the_same_numbers_in_single_precision():
    x = torch.randn(50)
    torch.manualSeed(7)
    double = nn.RReLU().forward(x)
    torch.manualSeed(7)
    single = nn.RReLU().float().forward(x.astype(np.float32))
    np.testing.assert_allclose(single, double, rtol=1e-6)
    assert torch.uniform() != 0
