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


@pytest.mark.parametrize("shape", [(3, 3), (3, 2), (2, 3)])
@pytest.mark.parametrize("how", ["matrix_exp", "cayley", "householder"])
def test_orthogonal(how, shape):
    """Orthonormal columns, or rows, also after a step; zeros below the diagonal give what there was."""
    tnn.manual_seed(0)
    layer = tnn.Linear(*shape[::-1], dtype="float64")
    q = np.linalg.qr(layer.weight.data.reshape(max(shape), -1))[0].reshape(shape)
    q = np.linalg.qr(q if shape[0] >= shape[1] else q.T)[0]
    layer.weight.data = q = q if shape[0] >= shape[1] else q.T
    parametrizations.orthogonal(layer, orthogonal_map=how)
    assert list(layer.state_dict())[1:] == [f"parametrizations.weight.{n}" for n in ("original", "0.base")]
    np.testing.assert_allclose(np.abs(layer.weight.data), np.abs(q), atol=1e-12)
    original = layer.parametrizations.weight.original
    move = np.random.default_rng(2).normal(size=shape) * 0.3
    original.data = original + (np.tril(move, -1) if shape[0] >= shape[1] else np.triu(move, 1))
    x = X[:, : shape[1]]
    layer(x)
    w = layer.weight.data
    one = w.T @ w if shape[0] >= shape[1] else w @ w.T
    np.testing.assert_allclose(one, np.eye(min(shape)), atol=1e-12)
    g = np.random.default_rng(1).normal(size=(4, shape[0]))
    layer.zero_grad()
    layer(x)
    layer.backward(x, g)
    for i in zip(
        *(np.tril_indices(shape[0], -1, shape[1]) if shape[0] >= shape[1] else np.triu_indices(*shape[:1], 1, shape[1]))
    ):
        values = []
        for step in (1e-6, -1e-6):
            original.data[i] += step
            values.append(float((layer(x) * g).sum()))
            original.data[i] -= step
        np.testing.assert_allclose((values[0] - values[1]) / 2e-6, original.grad[i], atol=1e-7)


def test_orthogonal_weights_are_assigned():
    layer = parametrizations.orthogonal(tnn.Linear(3, 3, dtype="float64"), orthogonal_map="cayley")
    turned = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    layer.weight = turned
    np.testing.assert_allclose(layer(np.eye(3)) - layer.bias.data, turned.T, atol=1e-14)
    layer = parametrizations.orthogonal(tnn.Linear(3, 3), use_trivialization=False)
    assert list(layer.state_dict()) == ["bias", "parametrizations.weight.original"]
    with pytest.raises(NotImplementedError, match="has no inverse"):
        layer.weight = turned.astype(np.float32)
    with pytest.raises(ValueError, match="matrix or batch"):
        parametrizations.orthogonal(tnn.Linear(3, 3), "bias")
    with pytest.raises(ValueError, match="has to be one of"):
        parametrizations.orthogonal(tnn.Linear(3, 3), orthogonal_map="qr")


def test_assigned_and_handed_on():
    layer, other = linear(), tnn.Linear(3, 3).double()
    parametrize.register_parametrization(layer, "weight", Scaled())
    layer.weight = np.full((3, 3), 0.5)
    np.testing.assert_allclose(layer.parametrizations.weight.original.data, np.arctanh(0.25))
    np.testing.assert_allclose(layer(X)[:, 0] - layer.bias.data[0], X.sum(1) / 2)
    parametrize.transfer_parametrizations_and_params(layer, other)
    assert other.parametrizations.weight.original is layer.parametrizations.weight.original
    np.testing.assert_allclose(other(X) - other.bias.data, layer(X) - layer.bias.data)
    with pytest.raises(AssertionError, match="no parametrized"):
        parametrize.transfer_parametrizations_and_params(tnn.ReLU(), other)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    with pytest.raises(RuntimeError, match="does not implement right_inverse"):
        layer.weight = np.ones((3, 3))


class Shifted(tnn.Module):
    def forward(self, w):
        return w * 0.5 + 1


LAYERS = [
    ("LayerNorm", (3,), 1), ("GroupNorm", (1, 3), 1), ("RMSNorm", (3,), 1), ("BatchNorm1d", (3,), 1),
    ("Bilinear", (3, 3, 2), 2), ("PReLU", (3,), 1), ("RNN", (3, 2), 1), ("LSTM", (3, 2), 1), ("GRUCell", (3, 2), 1),
    ("LSTMCell", (3, 2), 1), ("MultiheadAttention", (3, 1), 3),
]  # fmt: skip


@pytest.mark.parametrize("name, arguments, inputs", LAYERS)
def test_every_parameter_of_a_layer_may_be_computed(name, arguments, inputs):
    """The output is that of a layer whose parameter has the computed value, and the gradients are half of its own."""
    plain = getattr(tnn, name)(*arguments, dtype="float64")
    xs = [X] * inputs
    for p in [n for n, _ in plain.named_parameters() if "." not in n]:
        layer, other = copy.deepcopy(plain), copy.deepcopy(plain)
        parametrize.register_parametrization(layer, p, Shifted())
        repr(layer)
        other._parameters[p].data = other._parameters[p] * 0.5 + 1
        y, z = flat(layer(*xs)), flat(other(*xs))
        for a, b in zip(y, z):
            np.testing.assert_array_equal(a, b)
        gradients = [np.cos(v) for v in z]
        for module in (layer, other):
            module.backward(xs if inputs > 1 else X, gradients if len(z) > 1 else gradients[0])
        np.testing.assert_allclose(layer.parametrizations[p].original.grad, other._parameters[p].grad / 2, atol=1e-14)


def flat(y):
    return [a.copy() for part in y for a in flat(part)] if isinstance(y, tuple) else [y.copy()]
