"""Buffers and parameters that were replaced."""

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


@pytest.mark.parametrize("name", ["gradBias", "gradWeight", "bias"])
def test_shorter_parameters_of_a_tree_are_refused(name):
    layer = nn.SoftMaxTree(3, {1: [2, 3], 2: [4, 5]})
    x, g = [torch.randn(2, 3), np.array([4, 3])], torch.randn(2)
    layer.forward(x)
    setattr(layer, name, getattr(layer, name)[:-1].copy())
    with pytest.raises(ValueError, match=name):
        layer.backward(x, g)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_dim", lambda layer: 7),
        ("hidden_dim", lambda layer: -1),
        ("weight", lambda layer: layer.weight[:-1].copy()),
        ("_rx", lambda layer: layer._rx[::-1]),
        ("_rx", lambda layer: layer._rx.astype(">f8")),
        ("_a", lambda layer: layer._a[:, ::-1]),
    ],
)
def test_what_a_grid_gru_keeps_is_proved(name, value):
    layer = nn.GRIDGRU(4, 3)
    x = torch.randn(2, 5, 4)
    layer.forward(x)
    setattr(layer, name, value(layer))
    with pytest.raises(ValueError, match=r"GRIDGRU|weight|hidden_dim"):
        layer.backward(x, torch.randn(2, 5, 4))


def test_gradients_of_another_type_are_refused_by_partial_linear():
    layer, x = nn.PartialLinear(4, 5), torch.randn(2, 4)
    layer.forward(x)
    layer.gradBias = layer.gradBias.astype("int64")
    with pytest.raises(TypeError, match="gradBias"):
        layer.backward(x, torch.randn(2, 5))
