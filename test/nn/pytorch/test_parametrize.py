"""Parametrized weights: names, values, gradients by differences, copies, removal, refusals."""

import copy

import numpy as np
import pytest

import nn.pytorch as tnn
from nn.pytorch.utils import parametrizations, parametrize
from nn.testing import Case, check_module

X = np.random.default_rng(0).normal(size=(4, 3))


class Symmetric(tnn.Module):
    def forward(self, w):
        return w + w.T


class Scaled(tnn.Module):
    """Twice a tanh; its inverse says what a weight is made of."""

    def forward(self, w):
        return np.tanh(w) * 2

    def right_inverse(self, w):
        return np.arctanh(w / 2)


def linear():
    tnn.manual_seed(0)
    return tnn.Linear(3, 3).double()


def agrees(layer):
    """Gradients by every parameter against differences; the weight is made anew by each call."""
    g = np.random.default_rng(1).normal(size=(4, 3))
    layer.zero_grad()
    layer(X)
    layer.backward(X, g)
    for name, p in layer.named_parameters():
        for i in np.ndindex(p.shape):
            values = []
            for step in (1e-6, -1e-6):
                p.data[i] += step
                values.append(float((layer(X) * g).sum()))
                p.data[i] -= step
            np.testing.assert_allclose((values[0] - values[1]) / 2e-6, p.grad[i], atol=1e-6, err_msg=name)


def test_one_and_two():
    layer, plain = linear(), linear()
    parametrize.register_parametrization(layer, "weight", Scaled())
    assert repr(layer).startswith(
        "ParametrizedLinear(\n  in_features=3, out_features=3, bias=True\n  (parametrizations)"
    )
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    np.testing.assert_allclose(layer(X), plain(X))
    agrees(layer)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    agrees(layer)
    layer(X)  # renews the weight
    np.testing.assert_allclose(layer.weight, plain.weight + plain.weight.T)
    other = copy.deepcopy(layer)
    other.parametrizations.weight.original.data[...] += 1
    assert not np.allclose(other(X), layer(X).copy())
    agrees(other)
    parametrize.remove_parametrizations(layer, "weight")
    assert repr(layer) == repr(plain) and [n for n, _ in layer.named_parameters()] == ["bias", "weight"]
    np.testing.assert_allclose(layer.weight.data, plain.weight + plain.weight.T)
    assert not parametrize.is_parametrized(layer)


def test_weight_norm():
    for dim in (0, 1, None):
        layer = parametrizations.weight_norm(linear(), dim=dim)
        names = ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]
        assert list(layer.state_dict()) == names
        np.testing.assert_allclose(layer(X), linear()(X))
        agrees(layer)


def test_spectral_norm():
    layer = parametrizations.spectral_norm(linear(), n_power_iterations=100)
    assert list(layer.state_dict())[1:] == [f"parametrizations.weight.{n}" for n in ("original", "0._u", "0._v")]
    layer(X)
    np.testing.assert_allclose(np.linalg.norm(layer.weight.data, 2), 1)
    layer.eval()
    u = layer.parametrizations.weight[0]._u.copy()
    agrees(layer)
    np.testing.assert_array_equal(layer.parametrizations.weight[0]._u, u)


def test_inside_a_network():
    """On a tape too; the battery calls it twice in one forward."""
    made = lambda: tnn.Sequential(parametrizations.weight_norm(tnn.Linear(3, 3)), tnn.Tanh())
    check_module(Case(made, (4, 3)))


def test_refusals():
    class Wide(tnn.Module):
        def forward(self, w):
            return np.concatenate([w, w])

    with pytest.raises(ValueError, match=r"\(6, 3\)"):
        parametrize.register_parametrization(linear(), "weight", Wide())
    with pytest.raises(ValueError, match="no parameter 'gain'"):
        parametrize.register_parametrization(linear(), "gain", Wide())
    with pytest.raises(ValueError, match="no parametrization"):
        parametrize.remove_parametrizations(linear(), "weight")
    layer = parametrizations.weight_norm(linear())
    with pytest.raises(ValueError, match="several"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
