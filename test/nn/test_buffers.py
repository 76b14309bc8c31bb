"""gradOutput in the output's shape: what passes, what is reshaped, what is refused with both shapes."""

import numpy as np
import pytest

import nn


def test_grad_output_in_a_shape():
    module, g = nn.Tanh(), np.arange(6.0)
    assert module.gradOutputAs(g, (6,)) is g
    assert module.gradOutputAs(g, (2, 3)).base is g
    with pytest.raises(ValueError, match=r"gradOutput is 6 .*it must be 2x4"):
        module.gradOutputAs(g, (2, 4))
    with pytest.raises(TypeError, match=r"float32|FloatTensor"):
        module.gradOutputAs(g.astype(np.float32), (6,))


def test_grad_output_like_a_tensor_may_have_its_type():
    module, g = nn.View(6), np.arange(6, dtype=np.float32)
    assert module.gradOutputAs(g, np.ones((2, 3), np.float32)).shape == (2, 3)
    with pytest.raises(ValueError, match="last forward"):
        module.gradOutputAs(g, np.ones(7))
    with pytest.raises(TypeError, match="must be a tensor"):
        module.gradOutputAs([1, 2], np.ones(2))


def test_grad_output_of_exact_sizes():
    module, g = nn.SpatialSubSampling(2, 1, 1), np.ones((2, 3, 4))
    assert module.gradOutputAs(g, (1, 2, 3, 4), exact=True).shape == (1, 2, 3, 4)
    with pytest.raises(ValueError, match=r"gradOutput is 2x3x4"):
        module.gradOutputAs(g, (1, 2, 4, 3), exact=True)
    x = np.ones((1, 2, 3, 4))
    module.forward(x)
    with pytest.raises(ValueError, match="gradOutput"):
        module.backward(x, np.ones((1, 2, 4, 3)))
