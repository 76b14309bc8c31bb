"""Transfer functions, and what works element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import kind_of, rule, walk

PLAIN = {"Tanh": "Tanh", "Sigmoid": "Sigmoid", "Abs": "Abs", "Exp": "Exp", "Log": "Log", "Sqrt": "Sqrt", "ReLU": "Relu"}


@rule(*PLAIN)
def plain(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op(PLAIN[kind_of(m)], x)


@walk(
    "Identity", "TotalDropout", "GradientReversal", "L1Penalty", "Contiguous", "PrintSize", "ZeroGrad",
    "NormStabilizer", "CategoricalEntropy", "SimpleColorTransform", "PCAColorTransform",
    "SpatialRegionDropout",
)  # fmt: skip
def same(g: Graph, m: Any, x: Any) -> Any:
    """What evaluation passes on."""
    return x


@rule("Copy")
def copied(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Another type is a Cast."""
    if x.array.dtype.kind == y.array.dtype.kind:
        return x.name
    return g.op("Cast", x, to=7 if y.array.dtype.kind in "iu" else 1)


@rule("Dropout", "MapDropout")
def dropout(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Version 1 of Dropout, and those of whole planes, scale what evaluation passes on."""
    if m.stochastic_inference:
        raise g.refuse(f"{m}, which also draws in evaluation,")
    scales = kind_of(m) != "Dropout" or not m.v2
    if g.training and not scales:
        return g.op("Dropout", x, ratio=m.p)
    return g.op("Mul", x, 1 - m.p) if scales else g.op("Identity", x)


@rule("WhiteNoise")
def white_noise(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Add", x, m.mean)


@rule("Square")
def square(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Mul", x, x)


@rule("Power")
def power(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Pow", x, m.pow)


@rule("HardTanh", "Clamp", "Clip", "ReLU6")
def clipped(g: Graph, m: Any, x: Value, y: Value) -> str:
    low, high = (0, 6) if kind_of(m) == "ReLU6" else bounds(m)
    return g.op("Clip", x, low, high)


def bounds(m: Any) -> tuple[float, float]:
    return (m.minval, m.maxval) if hasattr(m, "minval") else (m.min_val, m.max_val)


@rule("ELU")
def elu(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Elu", x, alpha=float(m.alpha))


@rule("LeakyReLU", "RReLU", "nnx.waifu2x.leaky_relu.LeakyReLU")
def leaky(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("LeakyRelu", x, alpha=float(m.negval if hasattr(m, "negval") else (m.lower + m.upper) / 2))


@rule("PReLU")
def prelu(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The slopes have an axis for each behind the planes."""
    shape = m.planes(x.array)
    if len(m.weight) == 1:
        return g.op("PRelu", x, g.parameter("weight", m.weight.reshape(1), m.weight))
    behind = next(n for n in range(x.ndim) if np.prod(x.shape[x.ndim - n :]) == shape[2])
    return g.op("PRelu", x, g.parameter("weight", m.weight.reshape(-1, *[1] * behind), m.weight))


@rule("Threshold")
def threshold(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Where", g.op("Greater", x, m.threshold), x, m.val)


@rule("SoftPlus")
def soft_plus(g: Graph, m: Any, x: Value, y: Value) -> str:
    scaled = x if m.beta == 1 else g.op("Mul", x, m.beta)
    result = g.op("Add", g.op("Relu", scaled), log1p_exp_of_minus_abs(g, scaled))
    return result if m.beta == 1 else g.op("Div", result, m.beta)


@rule("LogSigmoid")
def log_sigmoid(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Sub", g.op("Min", x, 0), log1p_exp_of_minus_abs(g, x))


def log1p_exp_of_minus_abs(g: Graph, x: Any) -> str:
    """log(1 + exp(-|x|)), which never overflows; the Softplus and Sigmoid of some runtimes do."""
    return g.op("Log", g.op("Add", g.op("Exp", g.op("Neg", g.op("Abs", x))), 1))


@rule("SoftSign")
def soft_sign(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Div", x, g.op("Add", g.op("Abs", x), 1))


@rule("SoftShrink")
def soft_shrink(g: Graph, m: Any, x: Value, y: Value) -> str:
    above = g.op("Relu", g.op("Sub", x, _lambda(m)))
    return g.op("Sub", above, g.op("Relu", g.op("Sub", -_lambda(m), x)))


@rule("HardShrink")
def hard_shrink(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Where", g.op("Greater", g.op("Abs", x), _lambda(m)), x, 0)


def _lambda(m: Any) -> float:
    return vars(m).get("lambda", vars(m).get("lambda_", 0.5))


@rule("TanhShrink")
def tanh_shrink(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Sub", x, g.op("Tanh", x))


@rule("GatedLinearUnit")
def gated_linear_unit(g: Graph, m: Any, x: Value, y: Value) -> str:
    (axis,) = (i for i in range(x.ndim) if x.shape[i] != y.shape[i])
    first, second = (g.slice(x, axis, n * y.shape[axis], (n + 1) * y.shape[axis]) for n in (0, 1))
    return g.op("Mul", first, g.op("Sigmoid", second))


@rule("SoftMax", "LogSoftMax", "SpatialSoftMax", "SpatialLogSoftMax", "SoftMin")
def soft_max(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Over planes: the axis in front of rows and columns, or the last one."""
    name = kind_of(m)
    axis = 0 if x.ndim in (1, 3) else 1
    x = g.op("Neg", x) if name == "SoftMin" else x
    return g.op("LogSoftmax" if "Log" in name else "Softmax", x, axis=axis)


@rule("MulConstant")
def mul_constant(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Mul", x, m.constant_scalar)


@rule("AddConstant")
def add_constant(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Add", x, m.constant_scalar)


@rule("Mul")
def mul(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Mul", x, g.parameter("weight", m.weight))


@rule("CReLU")
def crelu(g: Graph, m: Any, x: Value, y: Value) -> str:
    (axis,) = (i for i in range(x.ndim) if x.shape[i] != y.shape[i])
    return g.op("Relu", g.op("Concat", x, g.op("Neg", x), axis=axis))
