"""Convolutions over one, two and three dimensions, transposed ones, and maps of connections."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import kind_of, rule


def batched(g: Graph, x: Value, dims: int) -> tuple[Any, bool]:
    """The name of ``x`` as a batch, and whether it was a single sample."""
    single = x.ndim == dims + 1
    return (g.op("Unsqueeze", x, g.integers(0)) if single else x.name), single


def unbatched(g: Graph, name: str, single: bool) -> str:
    return g.op("Squeeze", name, g.integers(0)) if single else name


def bias_of(g: Graph, m: Any) -> list[str]:
    return [] if m.bias is None else [g.parameter("bias", m.bias.reshape(-1), m.bias)]


@rule(
    "SpatialConvolution", "SpatialConvolutionMM", "SpatialDilatedConvolution", "VolumetricConvolution",
    "VolumetricDilatedConvolution", "nnx.cudnn.grouped_convolution.SpatialConvolution",
    "nnx.cudnn.grouped_convolution.VolumetricConvolution",
)  # fmt: skip
def convolution(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, m.dims)
    shape = m.kernelShape()
    weight = g.parameter("weight", m.weight.reshape(shape), m.weight)
    result = g.op(
        "Conv", name, weight, *bias_of(g, m), kernel_shape=m.kernel(), strides=m.stride(), pads=[*m.pad(), *m.pad()],
        dilations=m.dilation(), group=x.shape[-m.dims - 1] // shape[1],
    )  # fmt: skip
    return unbatched(g, result, single)


@rule("SpatialDepthWiseConvolution")
def depth_wise(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 2)
    outputs, planes = m.nOutputPlane, m.nInputPlane
    weight = m.weight.reshape(outputs, planes, 1, m.kH, m.kW).swapaxes(0, 1).reshape(-1, 1, m.kH, m.kW)
    weight = g.parameter("weight", weight, m.weight)
    bias = [] if m.bias is None else [g.parameter("bias", m.bias.reshape(outputs, planes).T.reshape(-1), m.bias)]
    pads = [*m.pad(), *m.pad()]
    result = g.op("Conv", name, weight, *bias, kernel_shape=m.kernel(), strides=m.stride(), pads=pads, group=planes)
    return unbatched(g, result, single)


@rule("SpatialFullConvolution", "VolumetricFullConvolution")
def full_convolution(g: Graph, m: Any, x: Any, y: Value) -> str:
    """Sizes as explicit pads and output_padding, which all runtimes read alike; a second input only tells its sizes."""
    extra = m.adj()
    if isinstance(x, list):
        x = x[0]
        zipped = zip(x.shape[-m.dims :], y.shape[-m.dims :], m.stride(), m.pad(), m.kernel())
        extra = [out - ((n - 1) * d - 2 * p + k) for n, out, d, p, k in zipped]
    name, single = batched(g, x, m.dims)
    weight = g.parameter("weight", m.weight.reshape(m.kernelShape()), m.weight)
    result = g.op(
        "ConvTranspose", name, weight, *bias_of(g, m),
        kernel_shape=m.kernel(), strides=m.stride(), pads=[*m.pad(), *m.pad()], output_padding=extra,
    )  # fmt: skip
    return unbatched(g, result, single)


@rule("TemporalConvolution", "TemporalRowConvolution", "nnx.cudnn.temporal_convolution.TemporalConvolution")
def temporal(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Frames are the columns of an image of one row; weights lie as outputs x (time x features)."""
    rows = kind_of(m) == "TemporalRowConvolution"
    first = rows and m.featFirst
    name, single = batched(g, x, 1)
    features = x.shape[-2 if first else -1]
    kW, dW, pad = (m.kH, m.dH, m.padH) if hasattr(m, "padH") else (m.kW, m.dW, 0)
    if rows:
        weight, group = m.weight.reshape(features, 1, kW), features
    else:
        weight, group = m.weight.reshape(-1, kW, features).swapaxes(1, 2), 1
    swapped = name if first else g.op("Transpose", name, perm=[0, 2, 1])
    result = g.op(
        "Conv", swapped, g.parameter("weight", weight, m.weight), *bias_of(g, m),
        kernel_shape=[kW], strides=[dW], pads=[pad, pad], group=group,
    )  # fmt: skip
    return unbatched(g, result if first else g.op("Transpose", result, perm=[0, 2, 1]), single)


@rule("SpatialConvolutionMap", "SpatialFullConvolutionMap")
def convolution_map(g: Graph, m: Any, x: Value, y: Value) -> str:
    """A convolution whose weights are zero where the table connects nothing."""
    name, single = batched(g, x, 2)
    full = kind_of(m) == "SpatialFullConvolutionMap"
    weight = np.zeros((y.shape[-3], x.shape[-3], m.kH, m.kW), np.float32)
    for (source, target), kernel in zip(np.asarray(m.connTable, int), m.weight):
        weight[target - 1, source - 1] += kernel
    weight = g.parameter("weight", weight.swapaxes(0, 1) if full else weight, m.weight)
    kind = "ConvTranspose" if full else "Conv"
    result = g.op(kind, name, weight, *bias_of(g, m), kernel_shape=[m.kH, m.kW], strides=[m.dH, m.dW])
    return unbatched(g, result, single)


@rule("TemporalSubSampling")
def temporal_sub_sampling(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 1)
    swapped = g.op("Transpose", name, perm=[0, 2, 1])
    means = g.op("AveragePool", swapped, kernel_shape=[m.kW], strides=[m.dW])
    frames = g.op("Transpose", g.op("Mul", means, m.kW), perm=[0, 2, 1])
    weighted = g.op("Mul", frames, g.parameter("weight", m.weight))
    return unbatched(g, g.op("Add", weighted, g.parameter("bias", m.bias)), single)


@rule("SpatialBinaryConvolution")
def binary_convolution(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The signs of the weights times the mean size of those of each output plane."""
    name, single = batched(g, x, 2)
    weight = m.weight.reshape(m.kernelShape())
    sizes = np.abs(weight).mean((1, 2, 3), keepdims=True)
    signs = g.parameter("weight", np.where(weight < 0, -sizes, sizes), m.weight)
    pads = [*m.pad(), *m.pad()]
    return unbatched(g, g.op("Conv", name, signs, kernel_shape=m.kernel(), strides=m.stride(), pads=pads), single)


@rule("SpatialConvolutionLocal")
def local_convolution(g: Graph, m: Any, x: Value, y: Value) -> str:
    """One product for each place of the kernel: of all pixels with their own weights, summed over input planes."""
    (kH, kW), (dH, dW), (padH, padW) = m.kernel(), m.stride(), m.pad()
    padded, axis = g.pad(x, [(padH, padH), (padW, padW)]), x.ndim - 2
    weight = np.moveaxis(m.weight.reshape(m.kernelShape()), (0, 1), (2, 3))  # planes, pixels, places of the kernel
    parts = []
    for i in range(kH):
        for j in range(kW):
            part: Any = padded
            for a, start, count, step in ((axis, i, m.oH, dH), (axis + 1, j, m.oW, dW)):
                end = start + (count - 1) * step + 1
                part = g.op("Slice", part, *(g.integers(n) for n in (start, end, a, step)))
            own = g.parameter(f"weight_{i}_{j}", np.ascontiguousarray(weight[..., i, j]), m.weight)
            product = g.op("Mul", g.op("Unsqueeze", part, g.integers(x.ndim - 3)), own)
            parts.append(g.reduce("ReduceSum", product, x.ndim - 2, keep=False))
    total = g.chain("Add", parts)
    return total if m.bias is None else g.op("Add", total, g.parameter("bias", m.bias))
