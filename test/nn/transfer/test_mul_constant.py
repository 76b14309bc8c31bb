"""MulConstant without gradInput."""

import numpy as np

import nn


def test_mul_constant_without_gradient():
    module = nn.MulConstant(2)
    module.gradInput = None
    module.forward(np.ones(3))
    assert module.updateGradInput(np.ones(3), np.ones(3)) is None
