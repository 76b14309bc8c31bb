"""Layers of style transfer: buffers that were replaced."""

import numpy as np
import pytest

import nn
import nnx  # noqa: F401
import torch7 as torch


@pytest.mark.parametrize("name", ["_flow", "_sums", "_saved"])
@pytest.mark.parametrize("form", [lambda x: x[::-1], lambda x: x.astype(">f8"), lambda x: x.tolist()])
def test_replaced_buffers_of_instance_normalization_are_let_go_or_refused(name, form):
    layer, x = nn.InstanceNormalization(2), torch.randn(3, 2, 4, 4)
    g = torch.randn(3, 2, 4, 4)
    layer.zeroGradParameters()
    layer.forward(x)
    layer.backward(x, g)
    expected = layer.gradInput.copy(), layer.gradWeight.copy()
    setattr(layer, name, form(getattr(layer, name)))
    layer.zeroGradParameters()
    if name == "_saved":
        with pytest.raises(ValueError, match="call forward before backward"):
            layer.backward(x, g)
        layer.forward(x)
    layer.backward(x, g)
    for a, b in zip((layer.gradInput, layer.gradWeight), expected):
        assert np.array_equal(a, b)
