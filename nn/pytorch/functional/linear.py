"""linear and bilinear maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..checks import is_float, together
from .differentiable import differentiable
from .geometry import fits, matrix, room


def check_linear(input: Any, weight: Any, bias: Any) -> None:
    """``ValueError`` unless the shapes fit, ``TypeError`` unless the types are one."""
    if input.ndim == 0 or weight.ndim != 2 or input.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear: input {input.shape} and weight {weight.shape} do not fit: the last size must be one")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"linear: weight {weight.shape} and bias {bias.shape} do not fit")
    if arrays.cuda_is_used():
        together("linear", input, weight, bias)
    if input.dtype != weight.dtype or not is_float(input):
        raise TypeError(f"linear: input is {input.dtype}, weight {weight.dtype}: use x.astype({weight.dtype.name!r})")


def _rows(x: Any) -> Any:
    """``x`` as kernels take it, a vector or the rows of a matrix."""
    x = thnn.contiguous(x)
    return x if x.ndim in (1, 2) else matrix(x)


def linear_backward(
    gradOutput: Any, input: Any, weight: Any, bias: Any = None, *, needs: tuple = (True, True, True), out: Any = None
) -> tuple:
    """Gradients by input, weight and bias of :func:`linear`."""
    if (
        weight.ndim != 2
        or input.shape[-1:] != weight.shape[1:]
        or (bias is not None and bias.shape != weight.shape[:1])
    ):
        check_linear(input, weight, bias)
    fits("linear", gradOutput, (*input.shape[:-1], weight.shape[0]))
    x, g, w = _rows(input), _rows(gradOutput), thnn.contiguous(weight)
    gx = gw = gb = None
    if needs[0]:
        gx = room(out, input.shape, input.dtype, input)
        if gx.size and g.size:
            thnn.Linear_updateGradInput(g, gx if gx.ndim <= 2 else gx.reshape(x.shape), w)
        else:
            gx.fill(0)
    if needs[1] or (bias is not None and needs[2]):
        gw = np.zeros(weight.shape, x.dtype, like=x)
        gb = None if bias is None else np.zeros(weight.shape[0], x.dtype, like=x)
        linear_add(g, x, gw, gb, 1)
    return gx, gw if needs[1] else None, gb if needs[2] else None


def linear_add(gradOutput: Any, input: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    """Add ``scale`` times the gradients by weight and bias, which may be None, to arrays that have some already."""
    x, g = _rows(input), _rows(gradOutput)
    if x.size and g.size:
        thnn.Linear_accGradParameters(x, g, gradWeight, gradBias, scale)
    elif gradBias is not None and g.size:
        gradBias += scale * matrix(g).sum(0)


@differentiable(linear_backward, "input", "weight", "bias")
def linear(input: Any, weight: Any, bias: Any = None, *, out: Any = None) -> Any:
    """``y = x W^T + b`` over the last dimension: input (*, in), weight (out, in), bias (out); output (*, out)."""
    check_linear(input, weight, bias)
    shape = (*input.shape[:-1], weight.shape[0])
    return linear_into(room(out, shape, input.dtype, input), input, weight, bias)


def linear_into(output: Any, input: Any, weight: Any, bias: Any) -> Any:
    """:func:`linear` of arrays that are known to fit, written to ``output``."""
    if input.size and output.size:
        y = output if output.ndim <= 2 else matrix(output)
        thnn.Linear_updateOutput(_rows(input), y, thnn.contiguous(weight), thnn.contiguous(bias))
    else:
        output[...] = 0 if bias is None else bias
    return output


def bilinear_backward(
    gradOutput: Any, input1: Any, input2: Any, weight: Any, bias: Any = None, *, needs: tuple = (True,) * 4
) -> tuple:
    """Gradients by both inputs, weight and bias of :func:`bilinear`."""
    outputs, n1, n2 = weight.shape
    fits("bilinear", gradOutput, (*input1.shape[:-1], outputs))
    g, x1, x2 = matrix(gradOutput), matrix(input1), matrix(input2)
    products = (g[:, :, None] * x1[:, None, :]).reshape(len(g), outputs * n1)  # of gradOutput and input1
    g1 = g2 = gw = None
    if needs[0]:
        both = (g[:, :, None] * x2[:, None, :]).reshape(len(g), outputs * n2)
        g1 = (both @ weight.transpose(0, 2, 1).reshape(outputs * n2, n1)).reshape(input1.shape)
    if needs[1]:
        g2 = (products @ weight.reshape(outputs * n1, n2)).reshape(input2.shape)
    if needs[2]:
        gw = (products.T @ x2).reshape(weight.shape)
    return g1, g2, gw, g.sum(0) if bias is not None and needs[3] else None


@differentiable(bilinear_backward, "input1", "input2", "weight", "bias")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """``y_o = sum_ij x1_i W_oij x2_j + b_o``: inputs (*, in1), (*, in2), weight (out, in1, in2), bias (out)."""
    if input1.shape[:-1] != input2.shape[:-1] or (input1.shape[-1], input2.shape[-1]) != weight.shape[1:]:
        raise ValueError(f"bilinear: inputs {input1.shape}, {input2.shape} and weight {weight.shape} do not fit")
    outputs, n1, n2 = weight.shape
    x1, x2 = matrix(input1), matrix(input2)
    half = (x1 @ weight.transpose(1, 0, 2).reshape(n1, outputs * n2)).reshape(len(x1), outputs, n2)
    output = (half * x2[:, None, :]).sum(2)
    if bias is not None:
        output += bias
    return output.reshape(*input1.shape[:-1], outputs)
