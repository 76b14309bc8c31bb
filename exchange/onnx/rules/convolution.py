"""Convolutions over one, two and three dimensions, transposed ones, and maps of connections."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import rule


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
    "VolumetricDilatedConvolution",
)  # fmt: skip
def convolution(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, m.dims)
    weight = g.parameter("weight", m.weight.reshape(m.kernelShape()), m.weight)
    result = g.op(
        "Conv", name, weight, *bias_of(g, m),
        kernel_shape=m.kernel(), strides=m.stride(), pads=[*m.pad(), *m.pad()], dilations=m.dilation(),
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
    """Sizes as explicit pads and output_padding, which all runtimes read alike."""
    if isinstance(x, list):
        raise g.refuse("a full convolution whose size follows a second input")
    name, single = batched(g, x, m.dims)
    weight = g.parameter("weight", m.weight.reshape(m.kernelShape()), m.weight)
    result = g.op(
        "ConvTranspose", name, weight, *bias_of(g, m),
        kernel_shape=m.kernel(), strides=m.stride(), pads=[*m.pad(), *m.pad()], output_padding=m.adj(),
    )  # fmt: skip
    return unbatched(g, result, single)


@rule("TemporalConvolution", "TemporalRowConvolution")
def temporal(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Frames are the columns of an image of one row; weights lie as outputs x (time x features)."""
    rows = type(m).__name__ == "TemporalRowConvolution"
    first = rows and m.featFirst
    name, single = batched(g, x, 1)
    features = x.shape[-2 if first else -1]
    if rows:
        weight, group = m.weight.reshape(features, 1, m.kW), features
    else:
        weight, group = m.weight.reshape(-1, m.kW, features).swapaxes(1, 2), 1
    swapped = name if first else g.op("Transpose", name, perm=[0, 2, 1])
    result = g.op(
        "Conv", swapped, g.parameter("weight", weight, m.weight), *bias_of(g, m),
        kernel_shape=[m.kW], strides=[m.dW], group=group,
    )  # fmt: skip
    return unbatched(g, result if first else g.op("Transpose", result, perm=[0, 2, 1]), single)


@rule("SpatialConvolutionMap", "SpatialFullConvolutionMap")
def convolution_map(g: Graph, m: Any, x: Value, y: Value) -> str:
    """A convolution whose weights are zero where the table connects nothing."""
    name, single = batched(g, x, 2)
    full = type(m).__name__ == "SpatialFullConvolutionMap"
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
