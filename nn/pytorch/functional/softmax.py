"""Softmax, its logarithm and its mirror, over any dimension."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import numpy as np

from torch7 import arrays

from ... import thnn
from ..defaults import float_dtype
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits, room


def dim_of(name: str, input: Any, dim: int | None) -> int:
    """The dimension that is normalised, at least 0; None warns and takes 0 for 0, 1 and 3 dimensions, else 1."""
    if dim is None:
        warnings.warn(f"{name}: choose dim; it was taken from the number of dimensions", stacklevel=4)
        dim = 0 if input.ndim in (0, 1, 3) else 1
    if not -max(input.ndim, 1) <= dim < max(input.ndim, 1):
        raise IndexError(f"{name}: dim {dim} of an input {input.shape}")
    return dim % max(input.ndim, 1)


def _lines(x: Any, dim: int) -> Any:
    """``x`` as [outer][classes][inner][1], which kernels normalise over their second dimension."""
    x = thnn.contiguous(x)
    n = x.shape[dim] if x.ndim else 1
    return x.reshape(prod(x.shape[:dim]), n, prod(x.shape[dim + 1 :]), 1)


def _forward(kernel: Any, name: str, input: Any, dim: int | None, dtype: Any, out: Any) -> Any:
    if dtype is not None:
        input = input.astype(float_dtype(dtype), copy=False)
    check_float(name, input)
    dim = dim_of(name, input, dim)
    y = room(out, input.shape, input.dtype, input)
    if y.size:
        kernel(_lines(input, dim), _lines(y, dim))
    return y


def _backward(kernel: Any, gradOutput: Any, input: Any, dim: int, output: Any, out: Any) -> Any:
    fits("softmax", gradOutput, output.shape)
    check_float("softmax", output, gradOutput)
    gx = room(out, output.shape, output.dtype, output)
    if gx.size:
        kernel(_lines(gradOutput, dim), _lines(gx, dim), _lines(output, dim))
    return (gx.astype(input.dtype, copy=False),)


def softmax_backward(
    gradOutput: Any, input: Any, dim: int | None = None, dtype: Any = None, *, output: Any = None, out: Any = None
) -> tuple:
    """``y * (gradOutput - sum(y * gradOutput))`` with the output ``y``."""
    dim = dim_of("softmax", input, dim)
    output = softmax(input, dim, dtype) if output is None else output
    return _backward(thnn.SoftMax_updateGradInput, gradOutput, input, dim, output, out)


@differentiable(softmax_backward)
def softmax(input: Any, dim: int | None = None, dtype: Any = None, *, out: Any = None) -> Any:
    """``exp(input) / sum(exp(input))`` along ``dim``; ``dtype`` converts first."""
    return _forward(thnn.SoftMax_updateOutput, "softmax", input, dim, dtype, out)


def log_softmax_backward(
    gradOutput: Any, input: Any, dim: int | None = None, dtype: Any = None, *, output: Any = None, out: Any = None
) -> tuple:
    """``gradOutput - exp(y) * sum(gradOutput)`` with the output ``y``."""
    dim = dim_of("log_softmax", input, dim)
    output = log_softmax(input, dim, dtype) if output is None else output
    return _backward(thnn.LogSoftMax_updateGradInput, gradOutput, input, dim, output, out)


@differentiable(log_softmax_backward)
def log_softmax(input: Any, dim: int | None = None, dtype: Any = None, *, out: Any = None) -> Any:
    """``input - log(sum(exp(input)))`` along ``dim``; ``dtype`` converts first."""
    return _forward(thnn.LogSoftMax_updateOutput, "log_softmax", input, dim, dtype, out)


def softmin_backward(
    gradOutput: Any, input: Any, dim: int | None = None, dtype: Any = None, *, output: Any = None, out: Any = None
) -> tuple:
    """The gradient of :func:`softmax` at ``-input``, negated."""
    dim = dim_of("softmin", input, dim)
    output = softmin(input, dim, dtype) if output is None else output
    gx = softmax_backward(gradOutput, input, dim, dtype, output=output, out=out)[0]
    return (np.negative(gx, out=gx),)


@differentiable(softmin_backward)
def softmin(input: Any, dim: int | None = None, dtype: Any = None, *, out: Any = None) -> Any:
    """``softmax(-input)`` along ``dim``."""
    check_float("softmin", input)
    return softmax(arrays.given(-input), dim_of("softmin", input, dim), dtype, out=out)
