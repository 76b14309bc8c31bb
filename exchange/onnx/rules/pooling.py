"""Poolings, with explicit borders: runtimes disagree on ceil mode and on automatic ones; and upsampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import rule
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
    dims = 3 if type(m).__name__.startswith("Vol") else 2
    name, single = batched(g, x, dims)
    window = kernel, stride, pad, dilation = windows(m, dims)
    end = end_pads(x.shape[-dims:], y.shape[-dims:], window)
    if any(e >= k for e, k in zip(end, kernel)):
        raise g.refuse("a pooling window that lies beyond the image")
    result = g.op(
        "MaxPool", name, kernel_shape=kernel, strides=stride, pads=[*pad, *end], dilations=dilation,
    )  # fmt: skip
    return unbatched(g, result, single)


@rule("TemporalMaxPooling")
def temporal_max_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 1)
    pooled = g.op("MaxPool", g.op("Transpose", name, perm=[0, 2, 1]), kernel_shape=[m.kW], strides=[m.dW])
    return unbatched(g, g.op("Transpose", pooled, perm=[0, 2, 1]), single)


@rule("SpatialAveragePooling", "VolumetricAveragePooling")
def average_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Zeros around, means of whole windows, times what makes them means of the pixels that Torch counts."""
    dims = 3 if type(m).__name__.startswith("Vol") else 2
    kernel, stride, pad, dilation = windows(m, dims)
    end = end_pads(x.shape[-dims:], y.shape[-dims:], (kernel, stride, pad, dilation))
    padded = Value(g.pad(x, list(zip(pad, end))), x.array)
    name, single = batched(g, padded, dims)
    pooled = g.op("AveragePool", name, kernel_shape=kernel, strides=stride)
    share = np.ones(y.shape[-dims:])
    for axis in range(dims):
        counts = _counted(m, x.shape[axis - dims], y.shape[axis - dims], *(v[axis] for v in (kernel, stride, pad)))
        share *= (kernel[axis] / counts).reshape([-1 if i == axis else 1 for i in range(dims)])
    if (share != 1).any():
        pooled = g.op("Mul", pooled, g.constant(share))
    return unbatched(g, pooled, single)


def _counted(m: Any, size: int, outputs: int, k: int, d: int, p: int) -> np.ndarray:
    """How many pixels along an axis the mean of each window divides by."""
    if not getattr(m, "divide", True):
        return np.ones(outputs)
    start = np.arange(outputs) * d - p
    end = np.minimum(start + k, size + p)
    if getattr(m, "count_include_pad", True):
        return end - start
    return np.minimum(end, size) - np.maximum(start, 0)


@rule("SpatialAdaptiveAveragePooling")
def adaptive_average(g: Graph, m: Any, x: Value, y: Value) -> str:
    return along_both(g, x, *(_means(x.shape[i], y.shape[i]) for i in (-2, -1)))


def spans(size: int, outputs: int) -> list[tuple[int, int]]:
    """Where each window of an adaptive pooling begins and ends."""
    return [(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]


def _means(size: int, outputs: int) -> np.ndarray:
    rows = np.zeros((outputs, size))
    for row, (start, end) in zip(rows, spans(size, outputs)):
        row[start:end] = 1 / (end - start)
    return rows


def along_both(g: Graph, x: Any, rows: np.ndarray, columns: np.ndarray) -> str:
    """rows x columns^T for every plane: all that is linear along both axes."""
    return g.op("MatMul", g.op("MatMul", g.constant(rows), x), g.constant(columns.T))


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
        if x.ndim == 5:
            raise g.refuse("nn.UpSampling of volumes by interpolation")
        return bilinear(g, m, x, y)
    dims = 3 if x.ndim == 5 else 2
    front, apart, factors = x.sizes[:-dims], [], []
    for size, enlarged in zip(x.shape[-dims:], y.shape[-dims:]):
        apart += [size, 1]
        factors += [1, enlarged // size]
    return g.reshape(g.op("Expand", g.reshape(x, [*front, *apart]), g.integers(*[1] * len(front), *factors)), y.sizes)


@rule("SpatialUpSamplingBilinear")
def bilinear(g: Graph, m: Any, x: Value, y: Value) -> str:
    return along_both(g, x, *(_interpolation(x.shape[i], y.shape[i]) for i in (-2, -1)))


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
