"""Rectifiers whose negative slope is learnt or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import thnn
from .. import random as stream
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits, room


def _planes(name: str, x: Any, weight: Any) -> Any:
    """``x`` as N x planes x elements; ``ValueError`` unless there is a slope for all or one for each channel."""
    check_float(name, x, weight)
    if weight.size == 1:
        return thnn.contiguous(x).reshape(1, 1, -1)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim != 1 or weight.size != channels or x.ndim == 0:
        raise ValueError(f"{name}: {weight.size} slopes for an input {x.shape} of channel size = {channels}")
    return thnn.contiguous(x).reshape(x.shape[0], channels, int(np.prod(x.shape[2:])))


def prelu_backward(gradOutput: Any, input: Any, weight: Any, *, needs: tuple = (True, True), out: Any = None) -> tuple:
    """By the input: ``gradOutput``, times the slope where ``input <= 0``; by the slopes: ``sum input * gradOutput``."""
    fits("prelu", gradOutput, input.shape)
    x, w = _planes("prelu", input, weight), weight.reshape(-1)
    g, gx, gw = thnn.contiguous(gradOutput).reshape(x.shape), None, None
    if needs[0]:
        gx = room(out, input.shape, input.dtype, input)
        if gx.size:
            thnn.PReLU_updateGradInput(x, g, gx.reshape(x.shape), w)
    if needs[1]:
        gw = np.zeros(w.shape, w.dtype, like=w)
        if x.size:
            thnn.PReLU_accGradParameters(x, g, gw, 1)
        gw = gw.reshape(weight.shape)
    return gx, gw


@differentiable(prelu_backward, "input", "weight")
def prelu(input: Any, weight: Any, *, out: Any = None) -> Any:
    """``input > 0 ? input : weight * input``: one slope for all, or one for each channel, dimension 1."""
    x = _planes("prelu", input, weight)
    y = room(out, input.shape, input.dtype, input)
    if y.size:
        thnn.PReLU_updateOutput(x, y.reshape(x.shape), weight.reshape(-1))
    return y


def rrelu_forward(
    input: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False
) -> tuple:
    """:func:`rrelu` and, as ``slopes``, what every element was multiplied by."""
    check_float("rrelu", input)
    if not lower <= upper:
        raise ValueError(f"rrelu: lower {lower} must not exceed upper {upper}")
    slopes = np.ones(input.shape, input.dtype, like=input)
    below = input <= 0
    if training and stream.there(input):
        slopes = np.where(below, stream.uniform_(slopes, lower, upper), slopes.dtype.type(1))
    elif training:  # one number of float64 for each such element, in order
        slopes[below] = np.asarray(stream.uniform_(np.empty(int(below.sum())), lower, upper), input.dtype, like=input)
    else:
        slopes[below] = (lower + upper) / 2
    return input * slopes, {"slopes": slopes}


def rrelu_backward(
    gradOutput: Any,
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
    *,
    slopes: Any = None,
) -> tuple:
    """``gradOutput`` times the slopes; without them they are those of evaluation, ``ValueError`` in training."""
    if slopes is None:
        if training:
            raise ValueError("rrelu_backward: give the slopes that forward drew, those of rrelu_forward")
        slopes = rrelu_forward(input, lower, upper)[1]["slopes"]
    fits("rrelu", gradOutput, input.shape)
    return (gradOutput * slopes,)


@differentiable(rrelu_backward, saving=rrelu_forward)
def rrelu(input: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False) -> Any:
    """``input > 0 ? input : a * input``: ``a`` from U(lower, upper) in training, else their mean."""
    y = rrelu_forward(input, lower, upper, training)[0]
    if inplace:
        input[...] = y
    return input if inplace else y
