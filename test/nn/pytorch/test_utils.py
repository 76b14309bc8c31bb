"""nn.utils: clipping, vectors of parameters, weight_norm, spectral_norm."""

import numpy as np
import pytest

import nn.pytorch as tnn
from nn.pytorch import utils


def with_gradients(*grads):
    parameters = [tnn.Parameter(np.zeros(len(g))) for g in grads]
    for p, g in zip(parameters, grads):
        p.grad = np.array(g, float)
    return parameters


def test_clipping():
    ps = with_gradients([3, 4], [12])
    assert utils.clip_grad_norm_(ps, 1.0) == 13.0
    np.testing.assert_allclose(ps[0].grad, np.array([3, 4]) / (13 + 1e-6), rtol=1e-12)
    assert utils.clip_grad_norm_(with_gradients([3, -4]), 10, norm_type=np.inf) == 4.0
    assert utils.clip_grad_norm_([], 1.0) == 0.0
    ps = with_gradients([3, np.nan])
    with pytest.raises(RuntimeError, match="non-finite"):
        utils.clip_grad_norm_(ps, 1.0, error_if_nonfinite=True)
    utils.clip_grad_norm_(ps, 1.0)
    assert np.isnan(ps[0].grad).all()
    ps = with_gradients([3, -4])
    utils.clip_grad_value_(ps, 3.5)
    np.testing.assert_array_equal(ps[0].grad, [3, -3.5])


def test_total_norm():
    assert utils.get_total_norm([np.array([3.0, 4]), np.array([[12.0]])]) == 13.0
    assert utils.get_total_norm([np.array([3.0, -4]), np.array([-12.0])], np.inf) == 12.0
    assert utils.get_total_norm([]) == 0.0
    ps = with_gradients([3, 4])
    utils.clip_grads_with_norm_(ps, 1.0, 10.0)
    np.testing.assert_allclose(ps[0].grad, [0.3, 0.4], rtol=1e-6)
    utils.clip_grads_with_norm_(ps, 1.0, 0.5)
    np.testing.assert_allclose(ps[0].grad, [0.3, 0.4], rtol=1e-6)


def normalising(layer, channels):
    bn = tnn.BatchNorm2d(channels) if "Conv" in type(layer).__name__ else tnn.BatchNorm1d(channels)
    rng = np.random.default_rng(0)
    bn.double()
    for x in (bn.running_mean, bn.weight.data, bn.bias.data):
        x[...] = rng.normal(size=channels)
    bn.running_var[...] = rng.random(channels) + 0.5
    return bn


@pytest.mark.parametrize("bias", [True, False])
def test_fusion(bias):
    x = np.random.default_rng(1).normal(size=(2, 2, 4, 4))
    for layer in (tnn.Conv2d(2, 4, 3, groups=2, bias=bias), tnn.ConvTranspose2d(2, 4, 3, bias=bias)):
        layer, bn = layer.double().eval(), normalising(layer, 4).eval()
        fused = utils.fuse_conv_bn_eval(layer, bn, "Transpose" in type(layer).__name__)
        np.testing.assert_allclose(fused(x), bn(layer(x)), atol=1e-12)
    linear = tnn.Linear(4, 3, bias=bias).double().eval()
    bn = normalising(linear, 3).eval()
    np.testing.assert_allclose(utils.fuse_linear_bn_eval(linear, bn)(x[0, 0]), bn(linear(x[0, 0])), atol=1e-12)
    with pytest.raises(ValueError, match="eval"):
        utils.fuse_linear_bn_eval(linear.train(), bn)
    with pytest.raises(ValueError, match="4 features"):
        utils.fuse_linear_bn_eval(linear.eval(), normalising(linear, 4).eval())


def test_vectors():
    ps = with_gradients([1, 2], [3])
    utils.vector_to_parameters(np.arange(4.0), ps)
    np.testing.assert_array_equal(utils.parameters_to_vector(ps), [0, 1, 2])
    with pytest.raises(ValueError, match="have 3 elements"):
        utils.vector_to_parameters(np.arange(2.0), ps)


def differences(module, x, g, p, h=1e-6):
    result = np.zeros(p.shape)
    for i in np.ndindex(p.shape):
        before, values = p.data[i], []
        for step in (h, -h):
            p.data[i] = before + step
            values.append((module(x) * g).sum())
        p.data[i] = before
        result[i] = (values[0] - values[1]) / (2 * h)
    return result


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm(dim):
    tnn.manual_seed(0)
    layer = tnn.Linear(4, 3).double()
    x, g = np.random.default_rng(0).normal(size=(2, 4)), np.random.default_rng(1).normal(size=(2, 3))
    before = layer(x).copy()
    utils.weight_norm(layer, dim=dim)
    assert [n for n, _ in layer.named_parameters()] == ["bias", "weight_g", "weight_v"]
    np.testing.assert_allclose(layer(x), before)
    layer.backward(x, g)
    for name in ("weight_g", "weight_v"):
        p = layer._parameters[name]
        np.testing.assert_allclose(p.grad, differences(layer, x, g, p), atol=1e-8)
    with pytest.raises(RuntimeError, match="two WeightNorm hooks"):
        utils.weight_norm(layer)
    utils.remove_weight_norm(layer)
    assert [n for n, _ in layer.named_parameters()] == ["bias", "weight"]
    np.testing.assert_allclose(layer(x), before)


def test_spectral_norm():
    tnn.manual_seed(0)
    layer = tnn.Linear(4, 3).double()
    utils.spectral_norm(layer, n_power_iterations=200)
    assert list(layer.state_dict()) == ["bias", "weight_orig", "weight_u", "weight_v"]
    x, g = np.random.default_rng(0).normal(size=(2, 4)), np.random.default_rng(1).normal(size=(2, 3))
    layer(x)
    assert abs(np.linalg.norm(layer.weight, 2) - 1) < 1e-10
    layer.backward(x, g)
    layer.eval()
    p = layer._parameters["weight_orig"]
    np.testing.assert_allclose(p.grad, differences(layer, x, g, p), atol=1e-7)
    u = layer.weight_u.copy()
    layer(x)
    np.testing.assert_array_equal(layer.weight_u, u)
    weight = layer.weight.data.copy()
    utils.remove_spectral_norm(layer)
    np.testing.assert_allclose(layer.weight.data, weight)
