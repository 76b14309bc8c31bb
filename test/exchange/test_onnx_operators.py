"""Operators as files of other exporters have them, in the forms that they allow, beside ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_cases import flat

import torch7 as torch
import torch7.onnx

TYPES = {"f": TensorProto.FLOAT, "i": TensorProto.INT64, "b": TensorProto.BOOL}


def draw(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).standard_normal(shape).astype(np.float32)


def model_of(nodes, inputs, constants, opset, free=True):
    """A model of these nodes; outputs are those of the last one."""
    infos = []
    for name, x in inputs.items():
        shape = ["N", *x.shape[1:]] if free else x.shape
        infos.append(helper.make_tensor_value_info(name, TYPES[x.dtype.kind], shape))
    outputs = [helper.make_empty_tensor_value_info(name) for name in nodes[-1].output if name]
    given = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = helper.make_graph(nodes, "net", infos, outputs, given)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def check(nodes, inputs, constants=None, opset=13, free=True):
    model = model_of(nodes, inputs, constants or {}, opset, free)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, inputs)
    for output, value in zip(model.graph.output, expected):
        output.CopyFrom(helper.make_tensor_value_info(output.name, TYPES[value.dtype.kind], [None] * value.ndim))
    net = torch.onnx.load(model).evaluate()
    x = list(inputs.values())
    found = flat(net.forward(x if len(x) > 1 else x[0]))
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    return net, x


def learns(net, x):
    """Backward runs and gives the gradient: a step against it lowers the sum of squares."""
    x = x if len(x) > 1 else x[0]
    parameters, gradients = net.evaluate().getParameters()
    if not parameters.size:
        return

    def loss():
        return sum(float((y.astype(np.float64) ** 2).sum()) for y in flat(net.forward(x)))

    before = loss()
    gradients.fill(0)
    outputs = net.output
    net.backward(x, [2 * y for y in outputs] if isinstance(outputs, list) else 2 * outputs)
    size = float((gradients.astype(np.float64) ** 2).sum())
    step = min(1.0, 1e-3 * before / size) if size else 0.0
    parameters -= np.float32(step) * gradients
    if size:
        assert loss() == pytest.approx(before - step * size, rel=1e-2) and loss() < before


def node(kind, inputs, outputs=("y",), **attributes):
    return helper.make_node(kind, inputs, list(outputs), **attributes)


X4, X3, X5 = draw(2, 3, 7, 6), draw(2, 4, 9), draw(2, 3, 5, 6, 4)
W, B = draw(4, 3, 3, 2), draw(4)
ints = lambda *v: np.array(v, np.int64)
floats = lambda *v: np.array(v, np.float32)

CASES = {
    **{kind: (node(kind, ["x"]), X3) for kind in ("Sin", "Cos")},
    # convolution
    **{f"Conv {auto} {stride}": (node("Conv", ["x", "w", "b"], auto_pad=auto, strides=[stride, stride]),
       X4, {"w": W, "b": B}) for auto in ("SAME_UPPER", "SAME_LOWER", "VALID") for stride in (1, 2)},
    "Conv over time, dilated": (node("Conv", ["x", "w"], dilations=[2], pads=[1, 2]), X3, {"w": draw(5, 4, 3)}),
    "Conv over time, groups": (node("Conv", ["x", "w", "b"], group=2), X3, {"w": draw(6, 2, 3), "b": draw(6)}),
    "Conv of volumes": (node("Conv", ["x", "w"], pads=[1, 0, 0, 0, 1, 0]), X5, {"w": draw(2, 3, 2, 3, 2)}),
    "Conv of volumes, groups": (node("Conv", ["x", "w"], group=3), X5, {"w": draw(3, 1, 2, 3, 2)}),
    "Conv, groups and dilations": (node("Conv", ["x", "w"], group=3, dilations=[2, 1]), X4, {"w": draw(6, 1, 3, 3)}),
    "ConvTranspose": (node("ConvTranspose", ["x", "w", "b"], strides=[2, 2], pads=[1, 0, 1, 0], output_padding=[1, 1]),
                      X4, {"w": draw(3, 4, 3, 2), "b": B}),
    "ConvTranspose, output_shape": (node("ConvTranspose", ["x", "w"], strides=[2, 2], output_shape=[14, 13]),
                                    X4, {"w": draw(3, 4, 3, 4)}),
    "ConvTranspose, SAME_UPPER": (node("ConvTranspose", ["x", "w"], strides=[2, 2], auto_pad="SAME_UPPER"),
                                  X4, {"w": draw(3, 4, 3, 3)}),
    "ConvTranspose, two pads": (node("ConvTranspose", ["x", "w", "b"], strides=[2, 3], pads=[0, 1, 1, 2]),
                                X4, {"w": draw(3, 4, 3, 3), "b": B}),
    "ConvTranspose, groups": (node("ConvTranspose", ["x", "w"], group=3, dilations=[2, 1]), X4, {"w": draw(3, 2, 3,
       3)}),
    "ConvTranspose over time": (node("ConvTranspose", ["x", "w"], strides=[2]), X3, {"w": draw(4, 2, 3)}),
    # pooling
    **{f"{kind} {i}": (node(kind, ["x"], **a), x) for kind in ("MaxPool", "AveragePool") for i, (a, x) in enumerate([
        ({"kernel_shape": [3, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"}, X4),
        ({"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_LOWER"}, X4),
        ({"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}, X4),
        ({"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}, X4),
        ({"kernel_shape": [3, 3], "strides": [2, 1], "pads": [0, 1, 1, 2]}, X4),
        ({"kernel_shape": [3], "strides": [2], "pads": [1, 1]}, X3),
        ({"kernel_shape": [3], "strides": [2], "ceil_mode": 1}, X3),
        ({"kernel_shape": [2, 2, 2], "strides": [2, 1, 2], "pads": [0, 1, 0, 1, 1, 0]}, X5),
    ])},
    "MaxPool, dilated": (node("MaxPool", ["x"], kernel_shape=[2, 3], dilations=[2, 2]), X4),
    "AveragePool, all counted": (node("AveragePool", ["x"], kernel_shape=[3, 3], pads=[1, 0, 1, 2],
       count_include_pad=1), X4),
    "LpPool": (node("LpPool", ["x"], kernel_shape=[2, 2], p=3), X4),
    **{f"{kind} of {x.ndim} axes": (node(kind, ["x"]), x) for kind in ("GlobalAveragePool", "GlobalMaxPool")
       for x in (X3, X5)},
    # normalisation
    **{f"BatchNormalization of {x.ndim}": (node("BatchNormalization", ["x", "s", "b", "m", "v"], epsilon=1e-3), x,
       {"s": draw(x.shape[1]), "b": draw(x.shape[1], seed=1), "m": draw(x.shape[1], seed=2),
        "v": np.abs(draw(x.shape[1], seed=3)) + 1}) for x in (X3, X4, X5, draw(3, 4))},
    "InstanceNormalization": (node("InstanceNormalization", ["x", "s", "b"]), X4, {"s": draw(3), "b": draw(3, seed=1)}),
    "LayerNormalization": (node("LayerNormalization", ["x", "s", "b"], axis=-1), X3, {"s": draw(9), "b": draw(9,
       seed=1)}, 17),
    "LayerNormalization of two axes": (node("LayerNormalization", ["x", "s"], axis=2), X4, {"s": draw(7, 6)}, 17),
    "LRN, odd": (node("LRN", ["x"], size=3, alpha=0.5), draw(2, 6, 3, 2)),
    "LpNormalization": (node("LpNormalization", ["x"], axis=1, p=2), X3),
    # products
    "Gemm, all turned": (node("Gemm", ["x", "w", "b"], transA=1, transB=1, alpha=0.5, beta=2.0), draw(3, 4),
                         {"w": draw(5, 3), "b": draw(5)}, 13, False),
    "Gemm, one number added": (node("Gemm", ["x", "w", "b"]), draw(3, 4), {"w": draw(4, 5), "b": floats(0.3)}),
    "Gemm, a row added": (node("Gemm", ["x", "w", "b"]), draw(3, 4), {"w": draw(4, 5), "b": draw(1, 5)}),
    "Gemm, rows added": (node("Gemm", ["x", "w", "b"]), draw(3, 4), {"w": draw(4, 5), "b": draw(3, 5)}, 13, False),
    "MatMul from the left": (node("MatMul", ["w", "x"]), X3, {"w": draw(5, 4)}),
    "MatMul of four axes": (node("MatMul", ["x", "w"]), X4, {"w": draw(6, 5)}),
    # activations
    **{kind: (node(kind, ["x"]), X3) for kind in ("HardSigmoid", "Erf", "Selu", "Celu", "Softsign", "ThresholdedRelu",
       "Reciprocal", "Neg", "Elu", "LeakyRelu", "Softplus", "Shrink")},
    "HardSwish": (node("HardSwish", ["x"]), X3, {}, 14),
    "Mish": (node("Mish", ["x"]), X3, {}, 18),
    **{f"Gelu {a}": (node("Gelu", ["x"], approximate=a), X3, {}, 20) for a in ("none", "tanh")},
    "Clip below": (node("Clip", ["x", "l"]), X3, {"l": np.float32(-0.2)}),
    "Clip above": (node("Clip", ["x", "", "h"]), X3, {"h": np.float32(0.3)}),
    "Clip before operator set 11": (node("Clip", ["x"], min=0.0, max=6.0), X3, {}, 9),
    "PRelu, a slope for each of the last axis": (node("PRelu", ["x", "s"]), X3, {"s": draw(9)}),
    "PRelu of planes": (node("PRelu", ["x", "s"]), X4, {"s": draw(3, 1, 1)}),
    "Dropout": (node("Dropout", ["x"], ratio=0.4), X3, {}, 10),
    # shapes
    **{f"Flatten {axis}": (node("Flatten", ["x"], axis=axis), X4, {}, 13, False) for axis in (0, 1, 2, 3, 4, -1)},
    "Reshape, axes kept": (node("Reshape", ["x", "s"]), X4, {"s": ints(0, 0, -1)}),
    "Reshape, a fixed batch": (node("Reshape", ["x", "s"]), draw(1, 3, 2), {"s": ints(1, 6)}, 13, False),
    "Squeeze": (node("Squeeze", ["x", "a"]), draw(2, 1, 3, 1), {"a": ints(1, -1)}),
    "Squeeze all": (node("Squeeze", ["x"]), draw(2, 1, 3, 1)),
    "Unsqueeze": (node("Unsqueeze", ["x", "a"]), X3, {"a": ints(0, 4)}),
    "Unsqueeze before operator set 13": (node("Unsqueeze", ["x"], axes=[1, 3]), X3, {}, 11),
    "Transpose": (node("Transpose", ["x"], perm=[0, 3, 1, 2]), X4),
    "Transpose all": (node("Transpose", ["x"]), X3),
    "Slice with steps": (node("Slice", ["x", "s", "e", "a", "t"]), X4,
                         {"s": ints(0, -1), "e": ints(6, -100), "a": ints(2, 3), "t": ints(2, -2)}),
    "Slice to the end": (node("Slice", ["x", "s", "e", "a"]), X4, {"s": ints(1), "e": ints(2**31 - 1), "a": ints(1)}),
    "Slice before operator set 10": (node("Slice", ["x"], starts=[1], ends=[3], axes=[2]), X4, {}, 9),
    "Split": (node("Split", ["x", "s"], ("y", "z"), axis=1), X4, {"s": ints(1, 2)}),
    "Split before operator set 13": (node("Split", ["x"], ("y", "z"), axis=2, split=[3, 4]), X4, {}, 11),
    "Gather of several": (node("Gather", ["x", "i"], axis=2), X4, {"i": ints(3, 0, 5)}),
    "Gather of one": (node("Gather", ["x", "i"], axis=1), X4, {"i": np.int64(-1)}),
    "Gather of a table of places": (node("Gather", ["x", "i"], axis=1), X3, {"i": ints(0, 1, 3, 2).reshape(2, 2)}),
    "Concat with a constant": (node("Concat", ["x", "c"], axis=1), X4, {"c": draw(2, 2, 7, 6)}, 13, False),
    "Expand": (node("Expand", ["x", "s"]), draw(2, 1, 3), {"s": ints(1, 4, 3)}),
    "Tile": (node("Tile", ["x", "r"]), X3, {"r": ints(1, 2, 3)}),
    **{f"Pad {mode}": (node("Pad", ["x", "p"], mode=mode), X4, {"p": ints(0, 0, 1, 2, 0, 0, 2, 1)}) for mode in
       ("constant", "reflect", "edge")},
    "Pad that cuts": (node("Pad", ["x", "p", "v"]), X4, {"p": ints(0, 1, -1, 0, 0, 0, 0, -2), "v": np.float32(0.7)}),
    "Pad before operator set 11": (node("Pad", ["x"], pads=[0, 0, 1, 1, 0, 0, 0, 0], value=0.5), X4, {}, 9),
    "Where": (node("Where", ["c", "x", "z"]), X3, {"c": draw(4, 9) > 0, "z": draw(9)}),
    "SpaceToDepth": (node("SpaceToDepth", ["x"], blocksize=2), draw(1, 2, 4, 6)),
    **{f"DepthToSpace {m}": (node("DepthToSpace", ["x"], blocksize=2, mode=m), draw(2, 8, 3, 2)) for m in ("DCR",
       "CRD")},
    # reductions
    **{f"{kind} {i}": (node(kind, ["x"], **a), X4, {}, 11) for kind in ("ReduceMean", "ReduceSum", "ReduceMax",
       "ReduceMin",
       "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp") for i, a in enumerate([
        {"axes": [2, 3]}, {"axes": [-1], "keepdims": 0}, {"keepdims": 1}, {"axes": [1, 2], "keepdims": 0}])},
    "ReduceMean since operator set 18": (node("ReduceMean", ["x", "a"]), X4, {"a": ints(2, 3)}, 18),
    # arithmetic
    **{f"{kind} {i}": (node(kind, names), X4, {"c": c}) for kind in ("Add", "Sub", "Mul", "Div") for i, (names, c) in
       enumerate([(["x", "c"], draw(3, 1, 1)), (["c", "x"], draw(6)), (["c", "x"], floats(1.5)), (["x", "c"],
          draw(1, 3, 7, 1))])},
    "Pow": (node("Pow", ["x", "c"]), np.abs(X4), {"c": floats(2, 3, 0.5, 1, 2, 2)}),
    "Max with a number": (node("Max", ["x", "c"]), X4, {"c": floats(0.2)}),
    "Min with a row": (node("Min", ["c", "x"]), X4, {"c": draw(6)}),
}  # fmt: skip

RESIZE = [
    ("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"),
    ("nearest", "half_pixel", "round_prefer_ceil"), ("nearest", "align_corners", "ceil"), ("linear", "half_pixel",
       None),
    ("linear", "align_corners", None), ("linear", "asymmetric", None), ("linear", "pytorch_half_pixel", None),
    ("cubic", "half_pixel", None), ("cubic", "align_corners", None),
]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_operator(name):
    one, x, *rest = CASES[name]
    learns(*check([one], {"x": x}, *rest))


@pytest.mark.parametrize("size", ["scales", "sizes"])
@pytest.mark.parametrize(("mode", "places", "rounding"), RESIZE)
def test_resize(mode, places, rounding, size):
    more = {"nearest_mode": rounding} if rounding else {}
    given = {"s": floats(1, 1, 2, 2.5)} if size == "scales" else {"s": ints(2, 3, 11, 4)}
    names = ["x", "", "s"] if size == "scales" else ["x", "", "", "s"]
    one = node("Resize", names, mode=mode, coordinate_transformation_mode=places, **more)
    check([one], {"x": X4}, given, free=size == "scales")
    check([node("Resize", ["x", "", "s"], mode=mode, coordinate_transformation_mode=places, **more)], {"x": X4},
          {"s": floats(1, 1, 2, 2)})  # fmt: skip


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize(("kind", "opset"), [("Upsample", 9), ("Resize", 10)])
def test_upsampling_of_old_operator_sets(kind, opset, mode):
    check([node(kind, ["x", "s"], mode=mode)], {"x": X4}, {"s": floats(1, 1, 2, 2)}, opset)
    check([node(kind, ["x", "s"], mode=mode)], {"x": X4}, {"s": floats(1, 1, 1.5, 2)}, opset)


BLOCKS = {"LSTM": 4, "GRU": 3, "RNN": 1}


@pytest.mark.parametrize("outputs", [("y",), ("y", "h"), ("", "h")])
@pytest.mark.parametrize("state", [False, True])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(("kind", "more"), [
    ("LSTM", {}), ("GRU", {}), ("GRU", {"linear_before_reset": 1}), ("RNN", {}), ("RNN", {"activations": ["Relu"]}),
])  # fmt: skip
def test_sequences(kind, more, direction, state, outputs):
    D, b, H = 1 + (direction == "bidirectional"), BLOCKS[kind], 5
    if "activations" in more:
        more = {"activations": more["activations"] * D}
    constants = {"w": draw(D, b * H, 3), "r": draw(D, b * H, H), "b": draw(D, 2 * b * H)}
    inputs, names = {"x": draw(4, 2, 3)}, ["x", "w", "r", "b"]
    if state:
        inputs["h0"], names = draw(D, 2, H, seed=4), [*names, "", "h0"]
    if kind == "LSTM" and state:
        inputs["c0"], names, outputs = (
            draw(D, 2, H, seed=5),
            [*names, "c0"],
            (*outputs, "c") if len(outputs) > 1 else outputs,
        )
    one = node(kind, names, outputs, hidden_size=H, direction=direction, **more)
    learns(*check([one], inputs, constants, 14, free=False))


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("shape", [(2, 6, 3, 2), (2, 6, 3)])
def test_local_response_by_its_formula(size, shape):
    """ONNX Runtime refuses even sizes: the window is from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2)."""
    x = draw(*shape)
    model = model_of([node("LRN", ["x"], size=size, alpha=0.5, beta=0.6, bias=1.5)], {"x": x}, {}, 13)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * x.ndim))
    sums = [
        (x[:, max(0, c - (size - 1) // 2) : c + (size - 1) - (size - 1) // 2 + 1] ** 2).sum(1)
        for c in range(x.shape[1])
    ]
    expected = x / (1.5 + 0.5 / size * np.stack(sums, 1)) ** 0.6
    np.testing.assert_allclose(torch.onnx.load(model).forward(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("attributes", [{}, {"axis": 1, "largest": 0}])
def test_the_largest(attributes):
    """Values, which train, and places; their number was an attribute before operator set 10."""
    x = {"x": draw(2, 4, 9)}
    learns(*check([node("TopK", ["x", "k"], ("y", "p"), **attributes)], x, {"k": ints(3)}))
    check([node("TopK", ["x", "k"], ("v", "p"), **attributes), node("Identity", ["p"])], x, {"k": ints(3)})
    if not attributes:
        check([node("TopK", ["x"], ("y", "p"), k=2)], x, opset=9)


@pytest.mark.parametrize("attributes", [{}, {"axis": 2, "keepdims": 0}])
def test_places_of_the_least(attributes):
    check([node("ArgMin", ["x"], **attributes)], {"x": draw(2, 4, 9)})


def test_elements_by_their_places():
    places = np.random.default_rng(1).integers(0, 4, (2, 3, 9))
    learns(*check([node("GatherElements", ["x", "p"], axis=1)], {"x": draw(2, 4, 9)}, {"p": places}))


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_pixels_between_pixels(mode):
    x = {"x": X4, "grid": draw(2, 4, 5, 2)}
    learns(*check([node("GridSample", ["x", "grid"], mode=mode, align_corners=1)], x, opset=16))


def test_two_inputs_of_other_sizes():
    x, z = draw(2, 3, 4, 5), draw(3, 1, 5)
    check([node("Add", ["x", "z"])], {"x": x, "z": z}, free=False)
    check([node("MatMul", ["x", "z"])], {"x": x, "z": draw(2, 3, 5, 6)}, free=False)
    check([node("Gemm", ["x", "z"], transB=1)], {"x": draw(3, 4), "z": draw(5, 4)}, free=False)
    check([node("Greater", ["x", "z"], ["m"]), node("Where", ["m", "x", "z"])], {"x": x, "z": z}, free=False)


def test_sizes_that_the_file_computes():
    """As exporters of networks with a free batch write them."""
    nodes = [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]), node("Unsqueeze", ["n", "zeros"], ["n1"]),
        node("Shape", ["x"], ["s2"]), node("Gather", ["s2", "one"], ["c"]), node("Div", ["c", "two"], ["half"]),
        node("Unsqueeze", ["half", "zeros"], ["h1"]), node("Concat", ["n1", "pair", "h1", "minus"], ["to"], axis=0),
        node("Reshape", ["x", "to"], ["a"]), node("Transpose", ["a"], ["t"], perm=[0, 2, 1, 3]),
        node("Shape", ["x"], ["s3"]), node("Reshape", ["t", "s3"]),
    ]  # fmt: skip
    constants = {"zero": np.int64(0), "one": np.int64(1), "two": np.int64(2), "zeros": ints(0), "pair": ints(2)}
    net, _ = check(nodes, {"x": X3}, constants | {"minus": ints(-1)})
    assert net.forward(draw(5, 4, 9)).shape == (5, 4, 9)


@pytest.mark.parametrize("free", [False, True])
def test_sizes_of_a_turned_batch(free):
    """As attention has them: heads beside the batch, which is no first axis, and a scale by the root of a size."""
    nodes = [
        node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), node("Shape", ["t"], ["s"]),
        node("Gather", ["s", "one"], ["n"]), node("Mul", ["n", "two"], ["2n"]),
        node("Unsqueeze", ["2n", "zeros"], ["h"]),
        node("Concat", ["nine", "h", "pair"], ["to"], axis=0), node("Reshape", ["t", "to"], ["heads"]),
        node("Slice", ["s", "minus", "end"], ["d"]), node("Cast", ["d"], ["float"], to=1),
        node("Sqrt", ["float"], ["root"]),
        node("Div", ["heads", "root"], ["scaled"]), node("Unsqueeze", ["n", "zeros"], ["n1"]),
        node("Concat", ["nine", "n1", "minus"], ["back"], axis=0), node("Reshape", ["scaled", "back"]),
    ]  # fmt: skip
    constants = {"one": np.int64(1), "two": np.int64(2), "zeros": ints(0), "pair": ints(2), "nine": ints(9)}
    net, _ = check(nodes, {"x": draw(3, 9, 4)}, constants | {"minus": ints(-1), "end": ints(2**63 - 1)}, free=free)
    if free:
        assert net.forward(draw(5, 9, 4)).shape == (9, 5, 4)


@pytest.mark.parametrize("free", [False, True])
def test_sizes_that_end_a_slice(free):
    nodes = [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "ones"], ["c"]), node("Div", ["c", "two"], ["half"]),
        node("Slice", ["x", "zeros", "half", "ones"], ["a"]), node("Slice", ["x", "half", "c", "ones"], ["b"]),
        node("Sigmoid", ["b"], ["g"]), node("Mul", ["a", "g"]),
    ]  # fmt: skip
    learns(*check(nodes, {"x": X3}, {"ones": ints(1), "two": ints(2), "zeros": ints(0)}, free=free))


def test_a_vector_in_the_size_of_the_batch():
    """x + expand(y, shape(x)): what grows with the batch already keeps its size."""
    nodes = [node("Shape", ["x"], ["s"]), node("ReduceMax", ["x"], ["m"], axes=[2]), node("Expand", ["m", "s"])]
    net, _ = check(nodes, {"x": X3})
    assert net.forward(draw(5, 4, 9)).shape == (5, 4, 9)


def test_first_states_of_zeros_in_the_size_of_the_batch():
    nodes = [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "one"], ["n"]), node("Unsqueeze", ["n", "zeros"], ["n1"]),
        node("Concat", ["unit", "n1", "five"], ["to"], axis=0), node("ConstantOfShape", ["to"], ["h0"]),
        node("LSTM", ["x", "w", "r", "b", "", "h0", "h0"], ["o", "h", "c"], hidden_size=5),
        node("Squeeze", ["o", "unit"]),
    ]  # fmt: skip
    constants = {"one": np.int64(1), "zeros": ints(0), "unit": ints(1), "five": ints(5), "w": draw(1, 20, 3),
                 "r": draw(1, 20, 5), "b": draw(1, 40)}  # fmt: skip
    learns(*check(nodes, {"x": draw(4, 2, 3)}, constants, free=False))


@pytest.mark.parametrize(("one", "words"), [
    (node("LSTM", ["x", "w", "r"], hidden_size=5, clip=1.0), "clipping"),
    (node("LSTM", ["x", "w", "r", "", "", "", "", "p"], hidden_size=5), "peepholes"),
    (node("Einsum", ["x"], equation="abc->cba"), "Einsum"),
])  # fmt: skip
def test_what_is_refused(one, words):
    constants = {"w": draw(1, 20, 3), "r": draw(1, 20, 5), "p": draw(1, 15)}
    model = model_of([one], {"x": draw(4, 2, 3)}, constants, 13)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, [None]))
    with pytest.raises(torch.onnx.NotReadable, match=words):
        torch.onnx.load(model)
