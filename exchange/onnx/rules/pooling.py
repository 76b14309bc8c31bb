"""Poolings, with explicit borders: runtimes disagree on ceil mode and on automatic ones; and upsampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import kind_of, rule
from .convolution import batched, unbatched


def windows(m: Any, dims: int) -> tuple[tuple[int, ...], ...]:
    """Kernel, stride, pad and dilation in the order of the axes."""
    axes = "THW"[-dims:]
    kernel, stride = (tuple(getattr(m, f"{letter}{axis}") for axis in axes) for letter in "kd")
    return (
        kernel,
        stride,
        tuple(getattr(m, f"pad{a}", 0) for a in axes),
        tuple(getattr(m, f"dilation{a}", 1) for a in axes),
    )


def end_pads(sizes: Sequence, outputs: Sequence, window: tuple) -> list[int]:
    """What is added behind so that so many windows fit with sizes rounded down."""
    zipped = zip(sizes, outputs, *window)
    return [max(0, (out - 1) * d + (k - 1) * dilation + 1 - size - p) for size, out, k, d, p, dilation in zipped]


@rule("SpatialMaxPooling", "SpatialDilatedMaxPooling", "VolumetricMaxPooling", "VolumetricDilatedMaxPooling")
def max_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    dims = 3 if kind_of(m).startswith("Vol") else 2
    result = largest(g, x, y, windows(m, dims))
    g.pools[id(m)] = next(n for n in reversed(g.nodes) if n.op_type == "MaxPool"), x
    return result


def largest(g: Graph, x: Value, y: Value, window: tuple) -> str:
    """Maxima of windows: kernel, stride, pad and dilation. Runtimes take no border as wide as the kernel."""
    kernel, stride, pad, dilation = window
    dims = len(kernel)
    end = end_pads(x.shape[-dims:], y.shape[-dims:], window)
    wide = [e if e >= k else 0 for e, k in zip(end, kernel)]
    if any(wide):  # what is put around never wins
        lowest = float(np.finfo(np.float32).min)
        x, end = Value(g.pad(x, [(0, w) for w in wide], lowest), x.array), [e - w for e, w in zip(end, wide)]
    name, single = batched(g, x, dims)
    result = g.op("MaxPool", name, kernel_shape=kernel, strides=stride, pads=[*pad, *end], dilations=dilation)
    return unbatched(g, result, single)


@rule("TemporalMaxPooling")
def temporal_max_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 1)
    pooled = g.op("MaxPool", g.op("Transpose", name, perm=[0, 2, 1]), kernel_shape=[m.kW], strides=[m.dW])
    return unbatched(g, g.op("Transpose", pooled, perm=[0, 2, 1]), single)


@rule("SpatialAveragePooling", "VolumetricAveragePooling")
def average_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Zeros around, means of whole windows, times what makes them means of the pixels that Torch counts."""
    dims = 3 if kind_of(m).startswith("Vol") else 2
    counts = {"divide": getattr(m, "divide", True), "count_include_pad": getattr(m, "count_include_pad", True)}
    return averaged(g, x, y, windows(m, dims), **counts)


def averaged(
    g: Graph, x: Value, y: Value, window: tuple, *, divide: bool = True, count_include_pad: bool = True
) -> str:
    """``window``: kernel, stride, pad and dilation; sums where ``divide`` is off."""
    kernel, stride, pad, _ = window
    dims = len(kernel)
    end = end_pads(x.shape[-dims:], y.shape[-dims:], window)
    padded = Value(g.pad(x, list(zip(pad, end))), x.array)
    name, single = batched(g, padded, dims)
    pooled = g.op("AveragePool", name, kernel_shape=kernel, strides=stride)
    share = np.ones(y.shape[-dims:])
    for axis in range(dims):
        own = x.shape[axis - dims], y.shape[axis - dims], *(v[axis] for v in (kernel, stride, pad))
        counts = _counted(*own, count_include_pad) if divide else 1
        share *= (kernel[axis] / np.broadcast_to(counts, own[1])).reshape([-1 if i == axis else 1 for i in range(dims)])
    if (share != 1).any():
        pooled = g.op("Mul", pooled, g.constant(share))
    return unbatched(g, pooled, single)


def _counted(size: int, outputs: int, k: int, d: int, p: int, border: bool) -> np.ndarray:
    """How many pixels along an axis the mean of each window divides by."""
    start = np.arange(outputs) * d - p
    end = np.minimum(start + k, size + p)
    return end - start if border else np.minimum(end, size) - np.maximum(start, 0)


@rule("SpatialAdaptiveAveragePooling")
def adaptive_average(g: Graph, m: Any, x: Value, y: Value) -> str:
    return along(g, x, [means(x.shape[i], y.shape[i]) for i in (-2, -1)])


def spans(size: int, outputs: int) -> list[tuple[int, int]]:
    """Where each window of an adaptive pooling begins and ends."""
    return [(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]


def means(size: int, outputs: int) -> np.ndarray:
    rows = np.zeros((outputs, size))
    for row, (start, end) in zip(rows, spans(size, outputs)):
        row[start:end] = 1 / (end - start)
    return rows


def along(g: Graph, x: Value, matrices: Sequence[np.ndarray]) -> str:
    """Each of the last axes times a matrix (outputs, inputs): all that is linear along axes."""
    name, ndim = x.name, x.ndim
    for axis, matrix in enumerate(matrices, ndim - len(matrices)):
        if np.array_equal(matrix, np.eye(*matrix.shape)) and len(matrix) == matrix.shape[1]:
            continue
        if ((matrix == 0) | (matrix == 1)).all() and (matrix.sum(1) == 1).all():
            name = g.op("Gather", name, g.constant(matrix.argmax(1), np.int64), axis=axis)
        elif axis == ndim - 1:
            name = g.op("MatMul", name, g.constant(matrix.T))
        elif axis == ndim - 2:
            name = g.op("MatMul", g.constant(matrix), name)
        else:
            turned = [*(i for i in range(ndim) if i != axis), axis]
            name = g.op("MatMul", g.op("Transpose", name, perm=turned), g.constant(matrix.T))
            name = g.op("Transpose", name, perm=[int(i) for i in np.argsort(turned)])
    return name


@rule("SpatialAdaptiveMaxPooling")
def adaptive_max(g: Graph, m: Any, x: Value, y: Value) -> str:
    name: Any = x.name
    for axis in (x.ndim - 2, x.ndim - 1):
        parts = [
            g.reduce("ReduceMax", g.slice(name, axis, *span), axis) for span in spans(x.shape[axis], y.shape[axis])
        ]
        name = g.op("Concat", *parts, axis=axis)
    return name


@rule("SpatialUpSamplingNearest", "UpSampling")
def nearest(g: Graph, m: Any, x: Value, y: Value) -> str:
    if getattr(m, "mode", "nearest") == "linear":
        return bilinear(g, m, x, y)
    dims = 3 if x.ndim == 5 else 2
    front, apart, factors = x.sizes[:-dims], [], []
    for size, enlarged in zip(x.shape[-dims:], y.shape[-dims:]):
        apart += [size, 1]
        factors += [1, enlarged // size]
    return g.reshape(g.op("Expand", g.reshape(x, [*front, *apart]), g.integers(*[1] * len(front), *factors)), y.sizes)


@rule("SpatialUpSamplingBilinear")
def bilinear(g: Graph, m: Any, x: Value, y: Value) -> str:
    dims = (-3, -2, -1) if x.ndim == 5 else (-2, -1)
    return along(g, x, [_interpolation(x.shape[i], y.shape[i]) for i in dims])


def _interpolation(size: int, outputs: int) -> np.ndarray:
    """Weights of a linear interpolation whose corners meet."""
    at = np.arange(outputs) * ((size - 1) / (outputs - 1) if outputs > 1 else 0)
    low = np.minimum(at.astype(int), size - 1)
    rows = np.zeros((outputs, size))
    np.add.at(rows, (np.arange(outputs), low), 1 - (at - low))
    np.add.at(rows, (np.arange(outputs), np.minimum(low + 1, size - 1)), at - low)
    return rows


@rule("SpatialSubSampling")
def sub_sampling(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The sum of every window, times a weight of each plane."""
    name, single = batched(g, x, 2)
    means = g.op("AveragePool", name, kernel_shape=[m.kH, m.kW], strides=[m.dH, m.dW])
    sums = g.op("Mul", means, m.kH * m.kW)
    weight, bias = (g.parameter(n, getattr(m, n).reshape(-1, 1, 1), getattr(m, n)) for n in ("weight", "bias"))
    return unbatched(g, g.op("Add", g.op("Mul", sums, weight), bias), single)


@rule("PixelShuffle")
def pixel_shuffle(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 2)
    factor = y.shape[-1] // x.shape[-1]
    return unbatched(g, g.op("DepthToSpace", name, blocksize=factor, mode="CRD"), single)
