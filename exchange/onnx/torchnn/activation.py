"""Activations and softmax."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np

from ..graph import Graph
from ..rules.transfer import log1p_exp_of_minus_abs
from .registry import Arguments, function

PLAIN = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


@function(*PLAIN)
def plain(g: Graph, a: Arguments, y: Any) -> str:
    return g.op(PLAIN[a.name], a.input)


@function("relu6", "hardtanh")
def clipped(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Clip", a.input, a.get("min_val", 0.0), a.get("max_val", 6.0))


@function("hardsigmoid", "hardswish")
def hard_sigmoid(g: Graph, a: Arguments, y: Any) -> str:
    sixth = g.op("Div", g.op("Clip", g.op("Add", a.input, 3), 0, 6), 6)
    return sixth if a.name == "hardsigmoid" else g.op("Mul", a.input, sixth)


@function("threshold")
def threshold(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Where", g.op("Greater", a.input, a.threshold), a.input, a.value)


@function("hardshrink")
def hard_shrink(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Where", g.op("Greater", g.op("Abs", a.input), a.lambd), a.input, 0)


@function("softshrink")
def soft_shrink(g: Graph, a: Arguments, y: Any) -> str:
    above = g.op("Relu", g.op("Sub", a.input, a.lambd))
    return g.op("Sub", above, g.op("Relu", g.op("Sub", -a.lambd, a.input)))


@function("leaky_relu")
def leaky(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("LeakyRelu", a.input, alpha=float(a.negative_slope))


@function("rrelu")
def randomised(g: Graph, a: Arguments, y: Any) -> str:
    if a.training:
        raise g.refuse("rrelu, which draws its slopes,")
    return g.op("LeakyRelu", a.input, alpha=(a.lower + a.upper) / 2)


@function("prelu")
def prelu(g: Graph, a: Arguments, y: Any) -> str:
    """The slopes have an axis for each behind the channels."""
    shape = a.weight.shape if a.weight.shape == (1,) else (*a.weight.shape, *[1] * max(a.input.ndim - 2, 0))
    return g.op("PRelu", a.input, a.weight if shape == a.weight.shape else g.reshape(a.weight, shape))


@function("elu")
def elu(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Elu", a.input, alpha=float(a.alpha))


@function("celu", "selu")
def celu(g: Graph, a: Arguments, y: Any) -> str:
    """max(x, 0) and a (exp(min(x, 0) / a) - 1), the latter of SELU without the division, both scaled."""
    selu = a.name == "selu"
    alpha, scale = (1.6732632423543772, 1.0507009873554805) if selu else (a.alpha, 1.0)
    below = g.op("Min", a.input, 0)
    below = below if selu else g.op("Div", below, alpha)
    below = g.op("Mul", g.op("Sub", g.op("Exp", below), 1), alpha)
    total = g.op("Add", g.op("Relu", a.input), below)
    return g.op("Mul", total, scale) if selu else total


@function("gelu")
def gelu(g: Graph, a: Arguments, y: Any) -> str:
    x = a.input
    if a.approximate == "tanh":
        cube = g.op("Mul", g.op("Mul", g.op("Mul", x, x), x), 0.044715)
        share = g.op("Tanh", g.op("Mul", g.op("Add", x, cube), sqrt(2 / pi)))
    else:
        share = g.op("Erf", g.op("Div", x, sqrt(2)))
    return g.op("Mul", g.op("Mul", x, g.op("Add", share, 1)), 0.5)


@function("silu")
def silu(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Mul", a.input, g.op("Sigmoid", a.input))


@function("mish")
def mish(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Mul", a.input, g.op("Tanh", _soft_plus(g, a.input)))


def _soft_plus(g: Graph, x: Any) -> str:
    return g.op("Add", g.op("Relu", x), log1p_exp_of_minus_abs(g, x))


@function("softplus")
def soft_plus(g: Graph, a: Arguments, y: Any) -> str:
    scaled = g.op("Mul", a.input, a.beta)
    smooth = g.op("Div", _soft_plus(g, scaled), a.beta)
    return g.op("Where", g.op("Greater", scaled, a.threshold), a.input, smooth)


@function("logsigmoid")
def log_sigmoid(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Sub", g.op("Min", a.input, 0), log1p_exp_of_minus_abs(g, a.input))


@function("softsign")
def soft_sign(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Div", a.input, g.op("Add", g.op("Abs", a.input), 1))


@function("tanhshrink")
def tanh_shrink(g: Graph, a: Arguments, y: Any) -> str:
    return g.op("Sub", a.input, g.op("Tanh", a.input))


@function("glu")
def glu(g: Graph, a: Arguments, y: Any) -> str:
    axis = a.dim % a.input.ndim
    half = a.input.shape[axis] // 2
    first, second = (g.slice(a.input, axis, n * half, (n + 1) * half) for n in (0, 1))
    return g.op("Mul", first, g.op("Sigmoid", second))


@function("softmax", "log_softmax", "softmin")
def soft_max(g: Graph, a: Arguments, y: Any) -> str:
    ndim = a.input.ndim
    axis = a.dim if a.dim is not None else 0 if ndim in (0, 1, 3) else 1
    x = g.op("Neg", a.input) if a.name == "softmin" else a.input
    return g.op("LogSoftmax" if a.name == "log_softmax" else "Softmax", x, axis=axis % max(ndim, 1))


DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")


@function(*DROPOUTS)
def dropped(g: Graph, a: Arguments, y: Any) -> str:
    if a.training:
        raise g.refuse(f"{a.name} in training")
    return g.op("Identity", a.input)


@function("one_hot")
def one_hot(g: Graph, a: Arguments, y: Any) -> str:
    if a.num_classes < 0:
        raise g.refuse("one_hot without num_classes")
    return g.op("Gather", g.constant(np.eye(a.num_classes), np.int64), a.tensor)
