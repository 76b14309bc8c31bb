"""Transposed convolution in 1 to 3 dimensions: the gradient of a convolution by its input, taken as a function."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import thnn
from .convolution import check_weight
from .differentiable import pair
from .geometry import at_least, batched, fits, room, sizes


def _resolved(dims: int, input: Any, weight: Any, bias: Any, settings: tuple) -> tuple:
    """The batched input, the kernels' geometry and the output's sizes, from stride, padding, output_padding ..."""
    name = f"conv_transpose{dims}d"
    if weight.ndim != dims + 2:
        raise ValueError(f"{name}: weight must have {dims + 2} dimensions, got {weight.shape}")
    x = batched(name, input, dims)
    stride, padding, extra, groups, dilation = settings
    check_weight(name, x, weight, bias, groups, True)
    stride, padding = sizes("stride", stride, dims), sizes("padding", padding, dims)
    extra, dilation = sizes("output_padding", extra, dims), sizes("dilation", dilation, dims)
    for what, value, least in (("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1)):
        at_least(what, value, least)
    if any(not 0 <= e < max(s, d) for e, s, d in zip(extra, stride, dilation)):
        raise ValueError(f"{name}: output_padding {extra} must be smaller than stride {stride} or dilation {dilation}")
    parts = zip(x.shape[2:], stride, padding, dilation, weight.shape[2:], extra)
    output = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, s, p, d, k, e in parts)
    if min(x.shape[2:]) < 1 or min(output) < (1 if len(x) else 0):
        raise ValueError(f"{name}: the output of an input {input.shape} would have the sizes {output}")
    return lengthened(x, [e // s for e, s in zip(extra, stride)]), (stride, padding, dilation, groups), output


def lengthened(x: Any, places: list) -> Any:
    """``x`` with zeros behind each axis: an output padding of whole strides is what zeros there would give."""
    if any(places):
        x = np.pad(x, [(0, 0), (0, 0), *((0, n) for n in places)])  # in the order of memory that x has
    return thnn.contiguous(x)


def convolve_transposed(dims: int, input: Any, weight: Any, bias: Any, settings: tuple, out: Any = None) -> Any:
    """``settings``: stride, padding, output_padding, groups, dilation."""
    x, geometry, spatial = _resolved(dims, input, weight, bias, settings)
    shape = (len(x), weight.shape[1] * geometry[3], *spatial)
    shape = shape if input.ndim == dims + 2 else shape[1:]
    y = room(out, shape, input.dtype, input)
    whole = y.reshape(len(x), *shape[-dims - 1 :])
    if x.size and y.size:
        thnn.Convolution_updateGradInput(x, whole, thnn.contiguous(weight), geometry, thnn.contiguous(bias))
    return y


def convolve_transposed_backward(
    dims: int,
    gradOutput: Any,
    input: Any,
    weight: Any,
    bias: Any,
    settings: tuple,
    needs: tuple,
    out: Any = None,
) -> tuple:
    """Gradients by input, weight and bias of :func:`convolve_transposed`."""
    x, geometry, spatial = _resolved(dims, input, weight, bias, settings)
    shape = (weight.shape[1] * geometry[3], *spatial)
    fits(f"conv_transpose{dims}d", gradOutput, (*input.shape[: -dims - 1], *shape))
    g = thnn.contiguous(gradOutput).reshape(len(x), *shape)
    gx = gw = gb = None
    if needs[0]:
        gx = room(out if x.size == input.size else None, x.shape, x.dtype, x)
        gx.fill(0)
        if x.size and g.size:
            thnn.Convolution_updateOutput(g, gx, thnn.contiguous(weight), None, geometry)
        gx = gx[(..., *(slice(n) for n in input.shape[-dims:]))].reshape(input.shape)
    if needs[1]:
        gw = np.zeros(weight.shape, x.dtype, like=x)
        if x.size and g.size:
            thnn.Convolution_accGradParameters(g, x, gw, None, geometry, 1)
    if needs[2] and bias is not None:
        gb = g.sum((0, *range(2, g.ndim)))
    return gx, gw, gb


def _made(dims: int) -> tuple:
    def backward(
        gradOutput: Any, input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
        output_padding: Any = 0, groups: int = 1, dilation: Any = 1, *, needs: tuple = (True, True, True),
    ) -> tuple:  # fmt: skip
        settings = stride, padding, output_padding, groups, dilation
        return convolve_transposed_backward(dims, gradOutput, input, weight, bias, settings, needs)

    def conv(
        input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
        groups: int = 1, dilation: Any = 1, *, out: Any = None,
    ) -> Any:  # fmt: skip
        settings = stride, padding, output_padding, groups, dilation
        return convolve_transposed(dims, input, weight, bias, settings, out)

    sizes = ("L", "H, W", "D, H, W")[dims - 1]
    doc = f"""Input (N, C, {sizes}) or (C, {sizes}), weight (C, O / groups, kernel sizes); output of O channels.

    Each size becomes ``(n - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1``.

    ``output_padding``, the extra cells at the end, must be smaller than stride or dilation: else ``ValueError``.
    """
    return pair(f"conv_transpose{dims}d", doc, conv, backward, "input", "weight", "bias")


conv_transpose1d, conv_transpose1d_backward = _made(1)
conv_transpose2d, conv_transpose2d_backward = _made(2)
conv_transpose3d, conv_transpose3d_backward = _made(3)
