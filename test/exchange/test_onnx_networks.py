"""Known networks as other exporters write them: read, compared with ONNX Runtime, trained on, exported again."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import nn
import optim
import torch7 as torch
import torch7.onnx


class Writer:
    """Nodes and weights of a file, one layer after the other; widths are small."""

    def __init__(self, opset=13):
        self.nodes, self.constants, self.opset = [], {}, opset
        self.random = np.random.default_rng(1)

    def weight(self, *shape, scale=None):
        name = f"weight_{len(self.constants)}"
        scale = scale or np.sqrt(2 / max(1, np.prod(shape[1:])))
        self.constants[name] = (self.random.standard_normal(shape) * scale).astype(np.float32)
        return name

    def given(self, x):
        name = f"given_{len(self.constants)}"
        self.constants[name] = np.asarray(x)
        return name

    def op(self, kind, *inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def conv(self, x, inputs, outputs, k=3, stride=1, pad=None, group=1, bias=True):
        pad = k // 2 if pad is None else pad
        more = [self.weight(outputs, scale=0.1)] if bias else []
        return self.op(
            "Conv", x, self.weight(outputs, inputs // group, k, k), *more, kernel_shape=[k, k], strides=[stride] * 2,
            pads=[pad] * 4, group=group, dilations=[1, 1],
        )  # fmt: skip

    def norm(self, x, planes):
        ones, zeros = np.ones(planes, np.float32), np.zeros(planes, np.float32)
        parts = (self.given(v) for v in (ones, zeros, zeros + 0.1, ones * 1.5))
        return self.op("BatchNormalization", x, *parts, epsilon=1e-5, momentum=0.9)

    def gemm(self, x, inputs, outputs):
        return self.op("Gemm", x, self.weight(outputs, inputs), self.weight(outputs, scale=0.1), transB=1)

    def model(self, y, size, outputs, kind=TensorProto.FLOAT):
        self.nodes.append(helper.make_node("Identity", [y], ["y"]))
        graph = helper.make_graph(
            self.nodes, "net", [helper.make_tensor_value_info("x", kind, ["batch", *size])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", *outputs])],
            [numpy_helper.from_array(v, k) for k, v in self.constants.items()],
        )  # fmt: skip
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


def resnet_18():
    w = Writer()
    x = w.op("Relu", w.norm(w.conv("x", 3, 8, 7, 2, bias=False), 8))
    x, planes = w.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), 8
    for stage in range(4):
        for block in range(2):
            width, stride = 8 * 2**stage, 2 if stage and not block else 1
            y = w.op("Relu", w.norm(w.conv(x, planes, width, 3, stride, bias=False), width))
            y = w.norm(w.conv(y, width, width, bias=False), width)
            if stride != 1:
                x = w.norm(w.conv(x, planes, width, 1, stride, bias=False), width)
            x, planes = w.op("Relu", w.op("Add", y, x)), width
    x = w.op("Flatten", w.op("GlobalAveragePool", x), axis=1)
    return w.model(w.gemm(x, planes, 10), (3, 64, 64), (10,))


def vgg_11():
    """With an AveragePool to 2 x 2, Flatten and Dropout in the classifier."""
    w, x, planes = Writer(), "x", 3
    for width in (8, "M", 16, "M", 16, 16, "M", 32, 32, "M"):
        if width == "M":
            x = w.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
        else:
            x, planes = w.op("Relu", w.conv(x, planes, width)), width
    x = w.op("Flatten", w.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2]))
    ratio = w.given(np.float32(0.5))
    x = w.op("Dropout", w.op("Relu", w.gemm(x, 32 * 4, 24)), ratio)
    return w.model(w.gemm(x, 24, 10), (3, 64, 64), (10,))


def squeezenet():
    """Fire modules joined along the planes, pooling with ceil, a convolution at the end, a computed Reshape."""
    w = Writer()
    x = w.op("Relu", w.conv("x", 3, 16, 3, 2, 0))
    planes = 16
    for i, (squeeze, expand) in enumerate([(4, 8), (4, 8), (6, 12), (8, 16)]):
        if i in (0, 2):
            x = w.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        s = w.op("Relu", w.conv(x, planes, squeeze, 1))
        parts = [w.op("Relu", w.conv(s, squeeze, expand, k)) for k in (1, 3)]
        x, planes = w.op("Concat", *parts, axis=1), 2 * expand
    x = w.op("GlobalAveragePool", w.op("Relu", w.conv(x, planes, 10, 1)))
    samples = w.op("Unsqueeze", w.op("Gather", w.op("Shape", x), w.given(np.int64(0))), w.given(np.array([0])))
    sizes = w.op("Concat", samples, w.given(np.array([-1])), axis=0)
    return w.model(w.op("Reshape", x, sizes), (3, 64, 64), (10,))


def mobilenet_v2():
    """Depth-wise convolutions, Clip from 0 to 6, sums around blocks, ReduceMean at the end."""
    w = Writer()
    low, high = w.given(np.float32(0)), w.given(np.float32(6))

    def clipped(x, *numbers, **more):
        return w.op("Clip", w.norm(w.conv(x, *numbers, bias=False, **more), numbers[1]), low, high)

    x, planes = clipped("x", 3, 8, 3, 2), 8
    for width, stride, times in ((8, 1, 1), (12, 2, 2), (16, 2, 2)):
        for i in range(times):
            inner = planes * 3
            y = clipped(x, planes, inner, 1)
            y = clipped(y, inner, inner, 3, stride if i == 0 else 1, group=inner)
            y = w.norm(w.conv(y, inner, width, 1, bias=False), width)
            x, planes = w.op("Add", x, y) if width == planes and (i or stride == 1) else y, width
    x = w.op("ReduceMean", clipped(x, planes, 32, 1), axes=[2, 3], keepdims=0)
    return w.model(w.gemm(x, 32, 10), (3, 32, 32), (10,))


def transformer():
    """An encoder layer with heads by Reshape and Transpose, GELU by Erf, LayerNormalization, a mean over time."""
    w, T, D, H = Writer(17), 6, 8, 2
    x = "x"
    q, k, v = (w.op("Add", w.op("MatMul", x, w.weight(D, D)), w.weight(D, scale=0.1)) for _ in range(3))
    sizes = w.given(np.array([0, 0, H, D // H]))
    q, k, v = (
        w.op("Transpose", w.op("Reshape", z, sizes), perm=p)
        for z, p in ((q, [0, 2, 1, 3]), (k, [0, 2, 3, 1]), (v, [0, 2, 1, 3]))
    )
    scores = w.op("Softmax", w.op("Div", w.op("MatMul", q, k), w.given(np.float32(2))), axis=-1)
    mixed = w.op("Transpose", w.op("MatMul", scores, v), perm=[0, 2, 1, 3])
    mixed = w.op("Reshape", mixed, w.given(np.array([0, 0, D])))
    ones, zeros = np.ones(D, np.float32), np.zeros(D, np.float32)
    x = w.op("LayerNormalization", w.op("Add", x, mixed), w.given(ones), w.given(zeros), axis=-1)
    h = w.op("Add", w.op("MatMul", x, w.weight(D, 16)), w.weight(16, scale=0.1))
    erf = w.op("Add", w.op("Erf", w.op("Div", h, w.given(np.float32(np.sqrt(2))))), w.given(np.float32(1)))
    h = w.op("Mul", w.op("Mul", h, erf), w.given(np.float32(0.5)))
    x = w.op("Add", x, w.op("MatMul", h, w.weight(16, D)))
    return w.model(w.gemm(w.op("ReduceMean", x, axes=[1], keepdims=0), D, 10), (T, D), (10,))


NETWORKS = {
    "resnet-18": (resnet_18, (3, 64, 64)), "vgg-11": (vgg_11, (3, 64, 64)), "squeezenet": (squeezenet, (3, 64, 64)),
    "mobilenet-v2": (mobilenet_v2, (3, 32, 32)), "transformer": (transformer, (6, 8)),
}  # fmt: skip


def ran(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def trained(net, steps, rate, loss):
    """The losses of so many steps; ``loss(net)`` runs it forward and backward."""
    parameters, gradients = net.training().getParameters()
    losses, state = [], {"learningRate": rate}

    def evaluate(_):
        gradients.fill(0)
        losses.append(loss(net))
        return losses[-1], gradients

    for _ in range(steps):
        optim.adam(evaluate, parameters, state)
    return losses


@pytest.mark.parametrize("name", NETWORKS)
def test_network(name):
    make, size = NETWORKS[name]
    model = make()
    net = torch.onnx.load(model)
    x = np.random.default_rng(2).standard_normal((3, *size)).astype(np.float32)
    expected = ran(model, x)
    np.testing.assert_allclose(net.evaluate().forward(x), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    for m in net.listModules():  # training is to be sure
        if isinstance(m, nn.Dropout):
            m.p = 0.1
    criterion, target = nn.CrossEntropyCriterion().float(), np.array([1, 5, 9])

    def loss(net):
        value = criterion.forward(net.forward(x), target)
        net.backward(x, criterion.backward(net.output, target))
        return value

    losses = trained(net, 15, 0.01, loss)
    assert losses[-1] < losses[0] / 2, losses
    again = torch.onnx.export(net.evaluate(), x)
    found = onnxruntime.InferenceSession(again.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        None, {"input": x}
    )[0]
    np.testing.assert_allclose(found, net.forward(x), rtol=1e-4, atol=1e-4)


def char_lstm(layers=2, vocabulary=11, width=8):
    """Characters as numbers, embedding, LSTMs whose first states follow the batch, scores of each step."""
    w = Writer()
    x = w.op("Transpose", w.op("Gather", w.weight(vocabulary, width, scale=0.5), "x"), perm=[1, 0, 2])
    samples = w.op("Unsqueeze", w.op("Gather", w.op("Shape", "x"), w.given(np.int64(0))), w.given(np.array([0])))
    sizes = w.op("Concat", w.given(np.array([1])), samples, w.given(np.array([width])), axis=0)
    zeros = w.op("ConstantOfShape", sizes, value=numpy_helper.from_array(np.zeros(1, np.float32)))
    for _ in range(layers):
        weights = w.weight(1, 4 * width, width, scale=0.4), w.weight(1, 4 * width, width, scale=0.4)
        x = w.op("LSTM", x, *weights, w.weight(1, 8 * width, scale=0.1), "", zeros, zeros, hidden_size=width)
        x = w.op("Squeeze", x, w.given(np.array([1])))
    scores = w.op("Add", w.op("MatMul", x, w.weight(width, vocabulary)), w.weight(vocabulary, scale=0.1))
    return w.model(w.op("Transpose", scores, perm=[1, 0, 2]), (7,), (7, vocabulary), TensorProto.INT64)


def test_a_character_lstm_trains_on():
    model = char_lstm()
    net = torch.onnx.load(model)
    x = np.random.default_rng(2).integers(0, 11, (4, 7))
    np.testing.assert_allclose(net.evaluate().forward(x), ran(model, x), rtol=1e-5, atol=1e-5)
    target = np.roll(x, -1, 1).reshape(-1) + 1
    criterion = nn.CrossEntropyCriterion().float()

    def loss(net):
        scores = net.forward(x)
        value = criterion.forward(scores.reshape(-1, 11), target)
        net.backward(x, criterion.backward(scores.reshape(-1, 11), target).reshape(scores.shape))
        return value

    losses = trained(net, 60, 0.02, loss)
    assert losses[-1] < losses[0] / 3, losses[::10]
    again = torch.onnx.export(net.evaluate(), x)
    session = onnxruntime.InferenceSession(again.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"input": x})[0], net.forward(x), rtol=1e-4, atol=1e-4)
