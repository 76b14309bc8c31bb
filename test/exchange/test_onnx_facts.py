"""Layers whose operators runtimes compute differently, and examples that are refused; see also ``alike.py``."""

import numpy as np
import pytest
from runtimes import run

import nn
import nn.pytorch as tnn
import torch7 as torch
import torch7.onnx


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (nn.LogSigmoid, lambda x: -np.logaddexp(0, -x)), (nn.SoftPlus, lambda x: np.logaddexp(0, x)),
        (tnn.LogSigmoid, lambda x: -np.logaddexp(0, -x)), (tnn.Softplus, lambda x: np.logaddexp(0, x)),
        (tnn.Mish, lambda x: x * np.tanh(np.logaddexp(0, x))),
    ],
)  # fmt: skip
def test_far_from_zero(module, function):
    x = np.array([[-1000, -200, -100, -1, 0, 1, 100, 200, 1000]], np.float32)
    (found,) = run(torch.onnx.export(module(), x), x)
    np.testing.assert_allclose(found, function(x.astype(np.float64)), rtol=1e-6, atol=1e-6)


def test_the_slopes_of_planes_have_an_axis_for_each_behind_them():
    model = torch.onnx.export(nn.PReLU(3), torch.randn(2, 3, 4, 5))
    assert [list(c.dims) for c in model.graph.initializer] == [[3, 1, 1]]


def test_an_empty_example_is_refused():
    for net in (nn.SeqLSTM(3, 4), tnn.LSTM(3, 4)):
        with pytest.raises(torch.onnx.NotExportable, match="without elements"):
            torch.onnx.export(net, np.zeros((5, 0, 3), np.float32))


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("border", [(3, 2, 1), (2, 3, 0), (4, 3, 2), (3, 3, 1)])
@pytest.mark.parametrize("size", [5, 6, 7, 8, 9])
def test_pooling_with_ceil(size, border, dims):
    k, d, p = border
    names = ("Spatial", "Volumetric")[dims - 2]
    x = torch.randn(2, 2, *[size] * dims) - 3
    for kind in ("MaxPooling", "AveragePooling")[: 4 - dims]:
        net = getattr(nn, names + kind)(*[k] * dims, *[d] * dims, *[p] * dims).ceil()
        (found,) = run(torch.onnx.export(net, x), x)
        np.testing.assert_allclose(found, net.float().forward(x.astype(np.float32)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", [
    lambda: tnn.LSTM(3, 4, 2, bidirectional=True), lambda: tnn.GRU(3, 4, batch_first=True),
    lambda: tnn.RNN(3, 4, nonlinearity="relu"), lambda: tnn.LSTM(3, 4, proj_size=2),
])  # fmt: skip
def test_one_sequence_without_a_batch(make, recwarn):
    net, x = make(), np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    output, last = net(x)
    found = run(torch.onnx.export(net, x), x)
    expected = [output, *(last if isinstance(last, tuple) else [last])]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cls", [tnn.LSTMCell, tnn.GRUCell, tnn.RNNCell])
def test_one_step_without_a_batch(cls):
    net, x = cls(3, 4), np.array([0.3, -1.0, 2.0], np.float32)
    expected = net(x)
    for a, b in zip(run(torch.onnx.export(net, x), x), expected if isinstance(expected, tuple) else [expected]):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_attention_without_a_batch(recwarn):
    net = tnn.MultiheadAttention(4, 2)
    q, k = (np.random.default_rng(i).standard_normal((n, 4)).astype(np.float32) for i, n in enumerate((3, 5)))
    found = run(torch.onnx.export(net, [q, k, k.copy()]), [q, k, k.copy()])
    for a, b in zip(found, net(q, k, k.copy()), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
