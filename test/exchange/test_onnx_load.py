"""Files read as networks: round trips of the batteries, files as other exporters write them, training on."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_cases import cases, flat, narrow
from runtimes import agree, run

import nn
import optim
import rnn  # noqa: F401
import torch7 as torch
import torch7.onnx


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_round_trips(case, recwarn):
    """What is exported and read again is the same, or the operator that is missing is named."""
    module, x = case.module(), narrow(case.data())
    try:
        model = torch.onnx.export(module, x)
        net = torch.onnx.load(model).evaluate()
    except torch.onnx.NotExportable:
        return
    except torch.onnx.NotReadable as error:
        assert any(word in str(error) for word in UNREAD), error
        return
    inputs = flat(x)
    agree(flat(net.forward(inputs if len(inputs) > 1 else inputs[0])), run(model, x))


#: The operators and forms that no module computes, in the reader's whole words: another refusal is a fault.
UNREAD = (
    "operator ArgMin (", "operator TopK (", "does not depend on an input", "leads to no output", "with a constant part",
)  # fmt: skip


def model_of(nodes, inputs, outputs, constants, opset=13):
    def info(name, shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes, "net", [info(*i) for i in inputs.items()], [info(*o) for o in outputs.items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def check(model, *inputs, atol=1e-5):
    """ONNX's own evaluator normalises by the batch before operator set 14: a runtime judges."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, dict(zip((i.name for i in model.graph.input), inputs)))
    net = torch.onnx.load(model).evaluate()
    found = flat(net.forward(list(inputs) if len(inputs) > 1 else inputs[0]))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=atol)
    return net


def draw(*shape):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


def test_a_block_with_a_way_around():
    """As residual networks are exported: BatchNormalization, Relu, Add, GlobalAveragePool, Flatten, Gemm."""
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("BatchNormalization", ["a", "s", "b", "m", "v"], ["c"], epsilon=1e-5),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("Conv", ["x", "w2"], ["e"], kernel_shape=[1, 1], strides=[2, 2]),
        helper.make_node("Add", ["d", "e"], ["f"]),
        helper.make_node("GlobalAveragePool", ["f"], ["g"]),
        helper.make_node("Flatten", ["g"], ["h"]),
        helper.make_node("Gemm", ["h", "w3", "b3"], ["y"], transB=1),
    ]
    constants = {
        "w1": draw(8, 3, 3, 3), "w2": draw(8, 3, 1, 1), "w3": draw(5, 8), "b3": draw(5),
        "s": draw(8), "b": draw(8), "m": draw(8), "v": np.abs(draw(8)) + 1,
    }  # fmt: skip
    net = check(model_of(nodes, {"x": ["N", 3, 9, 9]}, {"y": ["N", 5]}, constants), draw(2, 3, 9, 9))
    assert isinstance(net, nn.gModule)
    x, target, criterion = draw(6, 3, 9, 9), np.arange(6) % 5 + 1, nn.CrossEntropyCriterion().float()
    parameters, gradients = net.training().getParameters()
    losses = []

    def evaluate(_):
        gradients.fill(0)
        losses.append(criterion.forward(net.forward(x), target))
        net.backward(x, criterion.backward(net.output, target))
        return losses[-1], gradients

    for _ in range(60):
        optim.sgd(evaluate, parameters, {"learningRate": 0.2})
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("group", [3, 6])
def test_groups(group):
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], group=group, pads=[1, 0, 1, 0])]
    constants = {"w": draw(12, 6 // group, 3, 3), "b": draw(12)}
    check(model_of(nodes, {"x": ["N", 6, 7, 7]}, {"y": ["N", 12, 7, 5]}, constants), draw(2, 6, 7, 7))


def test_pads_of_two_sizes():
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[3, 3], pads=[0, 1, 2, 0]),
        helper.make_node("MaxPool", ["a"], ["y"], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1]),
    ]
    check(model_of(nodes, {"x": ["N", 2, 7, 7]}, {"y": ["N", 3, 4, 3]}, {"w": draw(3, 2, 3, 3)}), draw(2, 2, 7, 7))


@pytest.mark.parametrize(("kind", "axis"), [("Softmax", 1), ("LogSoftmax", 2), ("Softmax", -1)])
def test_softmax_before_operator_set_13_takes_all_axes_behind(kind, axis):
    nodes = [helper.make_node(kind, ["x"], ["y"], axis=axis)]
    check(model_of(nodes, {"x": [2, 3, 4]}, {"y": [2, 3, 4]}, {}, opset=11), draw(2, 3, 4))
    check(model_of(nodes, {"x": ["N", 3, 4]}, {"y": ["N", 3, 4]}, {}), draw(2, 3, 4))


def test_a_look_up_counts_from_0():
    nodes = [helper.make_node("Gather", ["w", "x"], ["y"])]
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", TensorProto.INT64, ["N"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3])], [numpy_helper.from_array(draw(5, 3), "w")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    check(model, np.array([0, 4, 2]))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_sequences(kind):
    """The bias of both sides, the axis of directions and the order of blocks."""
    blocks = {"LSTM": 4, "GRU": 3}[kind]
    nodes = [helper.make_node(kind, ["x", "w", "r", "b"], ["y"], hidden_size=5)]
    constants = {"w": draw(1, 5 * blocks, 3), "r": draw(1, 5 * blocks, 5), "b": draw(1, 10 * blocks)}
    check(model_of(nodes, {"x": [4, 2, 3]}, {"y": [4, 1, 2, 5]}, constants), draw(4, 2, 3))


def test_constants_are_computed():
    nodes = [
        helper.make_node("Shape", ["w"], ["s"]),
        helper.make_node("Reshape", ["v", "s"], ["u"]),
        helper.make_node("MatMul", ["x", "u"], ["y"]),
    ]
    constants = {"w": draw(3, 4), "v": draw(12)}
    check(model_of(nodes, {"x": ["N", 3]}, {"y": ["N", 4]}, constants), draw(2, 3))


def test_what_is_not_read_is_named():
    nodes = [helper.make_node("Einsum", ["x"], ["y"], equation="ij->ji", name="turn")]
    with pytest.raises(torch.onnx.NotReadable, match=r"operator Einsum \(node 'turn'\)"):
        torch.onnx.load(model_of(nodes, {"x": [2, 3]}, {"y": [3, 2]}, {}))


def test_a_file(tmp_path):
    net, x = nn.Sequential().add(nn.Linear(4, 3)).add(nn.Tanh()), torch.randn(2, 4).astype(np.float32)
    torch.onnx.export(net, x, tmp_path / "net.onnx")
    assert np.allclose(torch.onnx.load(tmp_path / "net.onnx").forward(x), net.float().forward(x), atol=1e-6)
    assert onnx.load(tmp_path / "net.onnx").producer_name == "torch7"


@pytest.mark.parametrize("module", [nn.SpatialUpSamplingBilinear(2), nn.SpatialAdaptiveAveragePooling(2, 3)], ids=str)
def test_constants_of_a_file_are_trained(module):
    """They lay in the file's memory, which nothing may write."""
    x = draw(2, 2, 4, 5)
    net = torch.onnx.load(torch.onnx.export(nn.Sequential(nn.SpatialConvolution(2, 2, 1, 1), module).float(), x))
    y = net.forward(x).copy()
    net.zeroGradParameters()
    net.backward(x, np.ones_like(y))
    net.updateParameters(0.01)
    assert not np.allclose(net.forward(x), y)
