"""Linear, Bilinear and the modules that reshape."""

import numpy as np
import pytest
from gradients import agrees

import nn.pytorch as tnn


def sample(*shape):
    return np.random.default_rng(1).normal(size=shape)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3), (2, 0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_of_any_rank(shape, bias):
    layer = tnn.Linear(3, 2, bias).double()
    x = sample(*shape)
    expected = x @ layer.weight.T + (layer.bias if bias else 0)
    np.testing.assert_allclose(layer.forward(x), expected, atol=1e-12)
    agrees(layer, x)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("frozen", [(), ("weight",), ("bias",), ("weight", "bias")])
def test_gradients_of_linear_add_up(order, frozen):
    layer, x, g = tnn.Linear(3, 2).double(), sample(4, 3), sample(4, 2)
    layer.weight.grad = np.asarray(np.ones((2, 3)), order=order)
    for name in frozen:
        getattr(layer, name).requires_grad_(False)
    for scale in (1.0, 0.5):
        layer.forward(x)
        layer.backward(x, g, scale)
    expected = {"weight": 1 + 1.5 * (g.T @ x), "bias": 1.5 * g.sum(0)}
    for name, before in (("weight", 1.0), ("bias", 0.0)):
        wanted = before if name in frozen else expected[name]
        np.testing.assert_allclose(getattr(layer, name).grad, np.broadcast_to(wanted, getattr(layer, name).shape))


def test_linear_on_a_strided_input():
    layer = tnn.Linear(3, 2).double()
    agrees(layer, sample(3, 5)[::-1].T)


def test_linear_refuses():
    layer = tnn.Linear(3, 2)
    with pytest.raises(ValueError, match=r"last size of the input must be 3, got \(2, 4\)"):
        layer(np.zeros((2, 4), np.float32))
    with pytest.raises(TypeError, match=r"float32, its input is float64.*astype.*double"):
        layer(np.zeros((2, 3)))
    with pytest.raises(TypeError, match="must be an array"):
        layer([1.0, 2.0, 3.0])


@pytest.mark.parametrize("bias", [True, False])
def test_bilinear(bias):
    layer = tnn.Bilinear(3, 4, 5, bias).double()
    a, b = sample(2, 6, 3), sample(2, 6, 4) + 1
    expected = np.einsum("...i,oij,...j->...o", a, layer.weight.data, b) + (layer.bias.data if bias else 0)
    np.testing.assert_allclose(layer.forward(a, b), expected, atol=1e-12)
    agrees(layer, [a, b])


def test_flatten_and_unflatten():
    x = sample(2, 3, 4)
    assert tnn.Flatten().forward(x).shape == (2, 12) and tnn.Flatten(0, 1).forward(x).shape == (6, 4)
    m = tnn.Unflatten(1, (-1, 3))
    assert m.forward(x).shape == (2, 1, 3, 4) and m.backward(x, m.output).shape == x.shape
    with pytest.raises(ValueError, match="has no"):
        tnn.Unflatten(1, (2, 2)).forward(x)
    assert repr(m) == "Unflatten(dim=1, unflattened_size=(-1, 3))"
    assert tnn.Flatten().forward(np.zeros((0, 3, 2))).shape == (0, 6)
    assert repr(tnn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)" and repr(tnn.Identity(3, a=1)) == "Identity()"
