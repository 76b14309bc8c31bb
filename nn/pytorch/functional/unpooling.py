"""Max unpooling: values go back to the places of maxima."""

from __future__ import annotations

from math import prod
from typing import Any, NoReturn

import numpy as np

from ... import thnn
from .differentiable import pair
from .geometry import fits, sizes
from .max_pooling import check_pooled


def _sizes(dims: int, input: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> tuple:
    """The sizes of the output; ``ValueError`` unless each is less than a stride away from its default."""
    name = f"max_unpool{dims}d"
    check_pooled(name, input, dims)
    kernel, padding = sizes("kernel_size", kernel_size, dims), sizes("padding", padding, dims)
    stride = kernel if stride is None else sizes("stride", stride, dims)
    usual = [(n - 1) * s - 2 * p + k for n, s, p, k in zip(input.shape[-dims:], stride, padding, kernel)]
    if output_size is None:
        return tuple(usual)
    wanted = list(output_size)
    wanted = wanted[-dims:] if len(wanted) == dims + 2 else wanted
    if len(wanted) != dims or any(not n - s < o < n + s for n, s, o in zip(usual, stride, wanted)):
        raise ValueError(f"{name}: output_size {output_size} must be less than {stride} away from {usual}")
    return tuple(map(int, wanted))


def _places(dims: int, input: Any, indices: Any, spatial: tuple) -> tuple:
    """Planes and flat places; ``TypeError`` for no integers, ``ValueError`` for others than the input's sizes."""
    name = f"max_unpool{dims}d"
    if indices.dtype.kind not in "iu":
        raise TypeError(f"{name}: indices must be integers, got {indices.dtype}")
    if indices.shape != input.shape:
        raise ValueError(f"{name}: indices are {indices.shape}, the input {input.shape}")
    size = prod(spatial)

    def refuse(place: int) -> NoReturn:
        raise ValueError(f"{name}: indices must lie between 0 and {size - 1}, the output has the sizes {spatial}")

    if not isinstance(indices, np.ndarray):  # on a GPU it is told later
        wrong = (indices < 0) | (indices >= size)
        thnn.suspect(wrong, refuse)
        indices = np.where(wrong, 0, indices)
    elif indices.size and (indices.min() < 0 or indices.max() >= size):
        refuse(0)
    planes = prod(input.shape[: input.ndim - dims])
    return planes, indices.reshape(planes, prod(input.shape[-dims:])).astype(np.int64, copy=False)


def unpooled(dims: int, input: Any, indices: Any, settings: tuple) -> Any:
    """Every value at its place, the last one where several have the same; zeros elsewhere."""
    spatial = _sizes(dims, input, *settings)
    planes, places = _places(dims, input, indices, spatial)
    y = np.zeros((planes, prod(spatial)), input.dtype, like=input)
    np.put_along_axis(y, places, input.reshape(places.shape), 1)
    return y.reshape(*input.shape[: input.ndim - dims], *spatial)


def unpooled_backward(dims: int, gradOutput: Any, input: Any, indices: Any, settings: tuple) -> tuple:
    """Every place's gradient, for each of the values that went there; nothing for the indices."""
    sizes = _sizes(dims, input, *settings)
    planes, places = _places(dims, input, indices, sizes)
    fits(f"max_unpool{dims}d", gradOutput, (*input.shape[:-dims], *sizes))
    g = gradOutput.reshape(planes, prod(gradOutput.shape[-dims:]))
    return (np.take_along_axis(g, places, 1).reshape(input.shape),)


def _made(dims: int) -> tuple:
    def backward(
        gradOutput: Any, input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
        output_size: Any = None,
    ) -> tuple:  # fmt: skip
        return unpooled_backward(dims, gradOutput, input, indices, (kernel_size, stride, padding, output_size))

    def unpool(
        input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Any:
        return unpooled(dims, input, indices, (kernel_size, stride, padding, output_size))

    doc = f"""Every value goes to the flat place that ``max_pool{dims}d`` gave; zeros elsewhere.

    Sizes ``(n - 1) stride - 2 padding + kernel_size``, or ``output_size``, less than a stride away from them.
    """
    return pair(f"max_unpool{dims}d", doc, unpool, backward)


max_unpool1d, max_unpool1d_backward = _made(1)
max_unpool2d, max_unpool2d_backward = _made(2)
max_unpool3d, max_unpool3d_backward = _made(3)
