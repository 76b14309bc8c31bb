"""Operators that no module of nn computes, as modules of nn.pytorch whose backward is the tape's.

Each is a function of the operator's inputs, constants among them, and of its attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import Any

import numpy as np

import nn
import nn.pytorch as tnn
import nn.pytorch.functional as F

from .operators import Operation, Read

#: ``function(inputs, attributes)`` by operator; inputs that are left out are None.
OPERATORS: dict[str, Callable] = {}


#: Operators of several results.
SEVERAL = {"Split", "TopK"}
#: Operators whose constants of several floats are trained.
TRAINED = {"Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "PRelu", "Gather"}
TRAINED |= {"InstanceNormalization", "LayerNormalization", "GroupNormalization"}


class Operator(tnn.Module):
    """The operator ``kind`` of an ONNX file with its constants, some of which are parameters."""

    def __init__(self, kind: str, constants: dict[int, np.ndarray], attributes: dict, count: int) -> None:
        super().__init__()
        self.kind, self.attributes, self.count = kind, attributes, count
        self.places = list(constants)
        for i, x in constants.items():
            if x.dtype.kind == "f" and x.size > 1 and kind in TRAINED:
                setattr(self, f"constant_{i}", tnn.Parameter(x.copy()))  # what a file gives is read-only
            else:
                self.register_buffer(f"constant_{i}", np.array(x))

    def forward(self, *inputs: Any) -> Any:
        rest = iter(inputs)
        held = (getattr(self, f"constant_{i}") if i in self.places else None for i in range(self.count))
        given = self.attributes["given"]
        x = [c if c is not None else next(rest) if i in given else None for i, c in enumerate(held)]
        return OPERATORS[self.kind](x, self.attributes)

    def extra_repr(self) -> str:
        return self.kind


def by_tape(o: Operation) -> Read | None:
    """The operator as one module, where there is a function for it."""
    if o.node.op_type not in OPERATORS:
        return None
    constants = {i: np.asarray(o.constants[n]) for i, n in enumerate(o.inputs) if n and n in o.constants}
    given = [i for i, n in enumerate(o.inputs) if n and n not in o.constants]
    if not given:
        return None
    kept = {name: o.get(name) for name in o.attributes} | {"given": given, "opset": o.opset}
    module = Operator(o.node.op_type, constants, kept, len(o.inputs)).as_nn()
    names = [o.inputs[i] for i in given]
    if o.node.op_type not in SEVERAL:
        return [(o.output, [module], names)] if not any(o.node.output[1:]) else None
    whole = f"{o.node.output[0] or o.node.output[-1]}:all"
    parts = [(name, [nn.SelectTable(i + 1)], [whole]) for i, name in enumerate(o.node.output) if name]
    return [(whole, [module], names), *parts]


def operator(*names: str) -> Callable:
    def put(function: Callable) -> Callable:
        OPERATORS.update(dict.fromkeys(names, function))
        return function

    return put


def integers(x: Any) -> list[int]:
    return [int(n) for n in np.asarray(x).reshape(-1)]


# -- element by element


class Erf(tnn.Module):
    """The error function, by GELU, which holds it: gelu(z) = z (1 + erf(z / sqrt 2)) / 2."""

    def forward(self, x: Any) -> Any:
        z = np.where(x == 0, 1, x) * x.dtype.type(sqrt(2))
        return np.where(x == 0, 0, 2 * F.gelu(z) / z - 1).astype(x.dtype)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return gradOutput * np.exp(-input * input) * input.dtype.type(2 / sqrt(pi))


ELEMENTS: dict[str, Callable] = {
    "Erf": lambda x, a: Erf()(x[0]),
    "Gelu": lambda x, a: F.gelu(x[0], a.get("approximate", "none")),
    "HardSwish": lambda x, a: F.hardswish(x[0]),
    "HardSigmoid": lambda x, a: np.clip(a.get("alpha", 0.2) * x[0] + a.get("beta", 0.5), 0, 1),
    "Mish": lambda x, a: F.mish(x[0]),
    "Celu": lambda x, a: F.celu(x[0], a.get("alpha", 1.0)),
    "Selu": lambda x, a: _selu(x[0], a.get("alpha", 1.6732632), a.get("gamma", 1.050701)),
    "Swish": lambda x, a: x[0] * F.sigmoid(a.get("alpha", 1.0) * x[0]),
    "ThresholdedRelu": lambda x, a: F.threshold(x[0], a.get("alpha", 1.0), 0.0),
    "Shrink": lambda x, a: _shrunk(x[0], a.get("bias", 0.0), a.get("lambd", 0.5)),
    "Reciprocal": lambda x, a: 1 / x[0],
    "Neg": lambda x, a: -x[0],
    "Identity": lambda x, a: x[0],
    "PRelu": lambda x, a: np.maximum(x[0], 0) + x[1] * np.minimum(x[0], 0),
    "Add": lambda x, a: x[0] + x[1],
    "Sub": lambda x, a: x[0] - x[1],
    "Mul": lambda x, a: x[0] * x[1],
    "Div": lambda x, a: x[0] / x[1],
    "Pow": lambda x, a: x[0] ** x[1],
    "Where": lambda x, a: np.where(_bools(x[0]), x[1], x[2]),
    "Greater": lambda x, a: x[0] > x[1],
    "Less": lambda x, a: x[0] < x[1],
    "GreaterOrEqual": lambda x, a: x[0] >= x[1],
    "LessOrEqual": lambda x, a: x[0] <= x[1],
    "Equal": lambda x, a: x[0] == x[1],
    "Not": lambda x, a: np.logical_not(_bools(x[0])),
    "And": lambda x, a: np.logical_and(_bools(x[0]), _bools(x[1])),
    "Or": lambda x, a: np.logical_or(_bools(x[0]), _bools(x[1])),
    "MatMul": lambda x, a: x[0] @ x[1],
}
OPERATORS |= ELEMENTS


def _bools(x: Any) -> np.ndarray:
    return np.asarray(getattr(x, "data", x), bool)


def _selu(x: Any, alpha: float, gamma: float) -> Any:
    return gamma * (np.maximum(x, 0) + alpha * (np.exp(np.minimum(x, 0)) - 1))


def _shrunk(x: Any, bias: float, edge: float) -> Any:
    return np.where(x < -edge, x + bias, np.where(x > edge, x - bias, 0 * x))


@operator("Cast")
def cast(x: list, a: dict) -> Any:
    """Floats stay as they are; places and truths become floats, or whole numbers."""
    data = np.asarray(getattr(x[0], "data", x[0]))
    if a["to"] in (1, 10, 11, 16):
        return x[0] if data.dtype.kind == "f" else data.astype(np.float32)
    return data.astype(np.bool_ if a["to"] == 9 else np.int64)


@operator("ArgMax")
def arg_max(x: list, a: dict) -> Any:
    data, axis = np.asarray(getattr(x[0], "data", x[0])), a.get("axis", 0)
    places = data.argmax(axis)
    return np.expand_dims(places, axis) if a.get("keepdims", 1) else places


@operator("Clip")
def clip(x: list, a: dict) -> Any:
    low, high = (*x[1:], None, None)[:2]
    low, high = a.get("min", low), a.get("max", high)
    result = x[0] if low is None else np.maximum(x[0], low)
    return result if high is None else np.minimum(result, high)


def _fold(function: Callable, mean: bool = False) -> Callable:
    def fold(x: list, a: dict) -> Any:
        total = x[0]
        for y in x[1:]:
            total = function(total, y)
        return total / len(x) if mean else total

    return fold


OPERATORS |= {"Sum": _fold(np.add), "Mean": _fold(np.add, True), "Max": _fold(np.maximum), "Min": _fold(np.minimum)}


@operator("Gemm")
def gemm(x: list, a: dict) -> Any:
    left, right = (v.swapaxes(0, 1) if a.get(t, 0) else v for v, t in zip(x, ("transA", "transB")))
    product = a.get("alpha", 1.0) * (left @ right)
    return product if len(x) < 3 or x[2] is None else product + a.get("beta", 1.0) * x[2]


def _soft(function: Callable) -> Callable:
    """Before operator set 13 everything behind the axis is one axis."""

    def soft(x: list, a: dict) -> Any:
        axis = a.get("axis", -1 if a["opset"] >= 13 else 1) % x[0].ndim
        if a["opset"] >= 13:
            return function(x[0], axis)
        return function(x[0].reshape(-1, int(np.prod(x[0].shape[axis:]))), 1).reshape(x[0].shape)

    return soft


OPERATORS |= {"Softmax": _soft(F.softmax), "LogSoftmax": _soft(F.log_softmax)}


# -- reductions


def _reduced(function: Callable) -> Callable:
    def reduce(x: list, a: dict) -> Any:
        axes = a.get("axes", x[1] if len(x) > 1 else None)
        if axes is None and a.get("noop_with_empty_axes", 0):
            return x[0]
        axes = range(x[0].ndim) if axes is None else integers(axes)
        value = x[0]
        return function(value, tuple(i % value.ndim for i in axes), bool(a.get("keepdims", 1)))

    return reduce


def _along(name: str) -> Callable:
    """The largest or least along one axis after the other."""

    def extreme(x: Any, axes: tuple, keep: bool) -> Any:
        for axis in sorted(axes, reverse=True):
            x = getattr(x, name)(axis=axis, keepdims=keep)
        return x

    return extreme


def _sum(x: Any, axes: tuple, keep: bool) -> Any:
    return x.sum(axis=axes, keepdims=keep)


def _log_sum_exp(x: Any, axes: tuple, keep: bool) -> Any:
    most = np.max(np.asarray(x.data), axis=axes, keepdims=True)
    total = np.log(_sum(np.exp(x - most), axes, True)) + most
    return total if keep else np.squeeze(total, axes)


OPERATORS |= {
    "ReduceMean": _reduced(lambda x, axes, keep: x.mean(axis=axes, keepdims=keep)),
    "ReduceSum": _reduced(_sum),
    "ReduceMax": _reduced(_along("max")),
    "ReduceMin": _reduced(_along("min")),
    "ReduceL1": _reduced(lambda x, axes, keep: _sum(abs(x), axes, keep)),
    "ReduceL2": _reduced(lambda x, axes, keep: np.sqrt(_sum(x * x, axes, keep))),
    "ReduceSumSquare": _reduced(lambda x, axes, keep: _sum(x * x, axes, keep)),
    "ReduceLogSum": _reduced(lambda x, axes, keep: np.log(_sum(x, axes, keep))),
    "ReduceLogSumExp": _reduced(_log_sum_exp),
    "GlobalAveragePool": lambda x, a: x[0].mean(axis=tuple(range(2, x[0].ndim)), keepdims=True),
    "GlobalMaxPool": lambda x, a: _along("max")(x[0], tuple(range(2, x[0].ndim)), True),
}


# -- normalisation


@operator("InstanceNormalization")
def instance_normalization(x: list, a: dict) -> Any:
    return F.instance_norm(x[0], weight=x[1], bias=x[2], eps=a.get("epsilon", 1e-5))


@operator("LayerNormalization")
def layer_normalization(x: list, a: dict) -> Any:
    shape = x[0].shape[a.get("axis", -1) % x[0].ndim :]
    bias = x[2].reshape(shape) if len(x) > 2 and x[2] is not None else None
    return F.layer_norm(x[0], shape, x[1].reshape(shape), bias, a.get("epsilon", 1e-5))


@operator("GroupNormalization")
def group_normalization(x: list, a: dict) -> Any:
    """Before operator set 21 there is a weight for each group."""
    groups, channels = a["num_groups"], x[0].shape[1]
    weight, bias = x[1], x[2]
    if weight.shape[0] != channels:
        rows = np.repeat(np.arange(groups), channels // groups)
        weight, bias = weight[rows], bias[rows]
    return F.group_norm(x[0], groups, weight, bias, a.get("epsilon", 1e-5))


@operator("LpNormalization")
def power_normalization(x: list, a: dict) -> Any:
    return F.normalize(x[0], a.get("p", 2), a.get("axis", -1), 0.0)


@operator("LRN")
def local_response(x: list, a: dict) -> Any:
    """Even sizes reach further up, unlike in PyTorch: a channel of zeros moves the window."""
    size, value = a["size"], x[0]
    before, planes = (size - 1) // 2, value.shape[1]
    square = value * value
    around = [(0, 0) if i != 1 else (before, size - 1 - before) for i in range(value.ndim)]
    rows = [np.zeros((value.shape[0], n, *value.shape[2:]), value.dtype) for n in around[1]]
    padded = np.concatenate([rows[0], square, rows[1]], 1)
    total = padded[:, 0:planes]
    for i in range(1, size):
        total = total + padded[:, i : i + planes]
    return value * (a.get("bias", 1.0) + a.get("alpha", 1e-4) / size * total) ** -a.get("beta", 0.75)
