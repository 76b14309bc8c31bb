"""Convolution and pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.pytorch.functional.geometry import sizes

from ..graph import Graph, Value
from ..rules.convolution import batched, unbatched
from ..rules.pooling import along, averaged, end_pads, largest, means, spans
from ..rules.unpooling import scattered
from .registry import Arguments, called, function, layer, parameters, present


@function("conv1d", "conv2d", "conv3d")
def convolution(g: Graph, a: Arguments, y: Any) -> str:
    dims = a.weight.ndim - 2
    kernel, stride, dilation = a.weight.shape[2:], sizes("stride", a.stride, dims), sizes("d", a.dilation, dims)
    if isinstance(a.padding, str):  # of an odd number the end gets more
        total = [d * (k - 1) if a.padding == "same" else 0 for d, k in zip(dilation, kernel)]
        pads = [*(n // 2 for n in total), *(n - n // 2 for n in total)]
    else:
        pads = [*sizes("padding", a.padding, dims)] * 2
    name, single = batched(g, a.input, dims)
    result = g.op(
        "Conv", name, a.weight, *present(a.bias), kernel_shape=kernel, strides=stride, pads=pads,
        dilations=dilation, group=a.groups,
    )  # fmt: skip
    return unbatched(g, result, single)


@function("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed(g: Graph, a: Arguments, y: Any) -> str:
    """Sizes as explicit pads and output_padding, which all runtimes read alike."""
    dims = a.weight.ndim - 2
    stride, padding, extra, dilation = (
        list(sizes(n, a[n], dims)) for n in ("stride", "padding", "output_padding", "dilation")
    )
    name, single = batched(g, a.input, dims)
    result = g.op(
        "ConvTranspose", name, a.weight, *present(a.bias), kernel_shape=a.weight.shape[2:], strides=stride,
        pads=[*padding, *padding], output_padding=extra, dilations=dilation, group=a.groups,
    )  # fmt: skip
    return unbatched(g, result, single)


@layer("Conv1d", "Conv2d", "Conv3d")
def convolution_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    value, padding = x[0], m.padding
    if m.padding_mode != "zeros":
        around = m._around()
        padded = np.pad(np.zeros(value.shape[-m.dims :], bool), list(zip(around[-2::-2], around[::-2])))
        shape = (*value.shape[: -m.dims], *padded.shape)
        other = None if value.other is None else np.zeros((*value.other.shape[: -m.dims], *padded.shape), np.float32)
        mode = {"reflect": "reflect", "replicate": "replicate", "circular": "circular"}[m.padding_mode]
        value = Value(called(g, "pad", None, value, around, mode), np.zeros(shape, np.float32), other)
        padding = 0
    return called(
        g, f"conv{m.dims}d", y, value, *parameters(g, m, "weight", "bias"), m.stride, padding, m.dilation, m.groups
    )


@layer("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
def transposed_layer(g: Graph, m: Any, x: list, y: Value) -> str:
    parts = zip(x[0].shape[-m.dims :], m.stride, m.padding, m.dilation, m.kernel_size)
    least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in parts]
    extra = tuple(n - a for n, a in zip(y.shape[-m.dims :], least))
    settings = m.stride, m.padding, extra, m.groups, m.dilation
    return called(g, f"conv_transpose{m.dims}d", y, x[0], *parameters(g, m, "weight", "bias"), *settings)


# -- pooling


@function("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(g: Graph, a: Arguments, y: Any) -> Any:
    dims = int(a.name[8])
    kernel = sizes("kernel_size", a.kernel_size, dims)
    stride = kernel if a.stride is None else sizes("stride", a.stride, dims)
    padding, dilation = sizes("padding", a.padding, dims), sizes("dilation", a.dilation, dims)
    if not a.return_indices:
        return largest(g, a.input, y, (kernel, stride, padding, dilation))
    end = end_pads(a.input.shape[-dims:], y[0].shape[-dims:], (kernel, stride, padding, dilation))
    if any(e >= k for e, k in zip(end, kernel)):
        raise g.refuse("the places of a max pooling whose border is as wide as its kernel")
    name, single = batched(g, a.input, dims)
    settings = {"kernel_shape": kernel, "strides": stride, "pads": [*padding, *end], "dilations": dilation}
    # places count over the whole tensor in ONNX, over a plane here
    values, places = g.op("MaxPool", name, outputs=2, **settings)
    plane = g.constant(int(np.prod(a.input.shape[-dims:])), np.int64)
    return [unbatched(g, v, single) for v in (values, g.op("Mod", places, plane))]


@layer("MaxPool1d", "MaxPool2d", "MaxPool3d")
def max_pool_layer(g: Graph, m: Any, x: list, y: Any) -> Any:
    settings = m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode, m.return_indices
    return called(g, f"max_pool{m.dims}d", y, x[0], *settings)


@function("avg_pool1d", "avg_pool2d", "avg_pool3d")
def average_pool(g: Graph, a: Arguments, y: Value) -> str:
    dims = int(a.name[8])
    kernel = sizes("kernel_size", a.kernel_size, dims)
    stride = kernel if a.stride is None else sizes("stride", a.stride, dims)
    window = kernel, stride, sizes("padding", a.padding, dims), (1,) * dims
    pooled = averaged(g, a.input, y, window, divide=a.divisor_override is None, count_include_pad=a.count_include_pad)
    return pooled if a.divisor_override is None else g.op("Div", pooled, a.divisor_override)


@function("lp_pool1d", "lp_pool2d", "lp_pool3d")
def power_pool(g: Graph, a: Arguments, y: Value) -> str:
    """Means of powers, a whole window's number of them, and the root: powers keep their sign."""
    dims, p = int(a.name[7]), float(a.norm_type)
    kernel = sizes("kernel_size", a.kernel_size, dims)
    stride = kernel if a.stride is None else sizes("stride", a.stride, dims)
    x = a.input
    powers = x if p == 1 else Value(g.op("Pow", x, p), x.array, x.other)
    mean = averaged(g, powers, y, (kernel, stride, (0,) * dims, (1,) * dims))
    total = g.op("Mul", mean, float(np.prod(kernel)))
    return total if p == 1 else g.op("Pow", total, 1 / p)


@function("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
def adaptive_average(g: Graph, a: Arguments, y: Value) -> str:
    dims = int(a.name[17])
    return along(g, a.input, [means(a.input.shape[i], y.shape[i]) for i in range(-dims, 0)])


@function("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max(g: Graph, a: Arguments, y: Value) -> str:
    if a.return_indices:
        raise g.refuse("the places of an adaptive max pooling")
    dims, name = int(a.name[17]), a.input.name
    for axis in range(a.input.ndim - dims, a.input.ndim):
        windows = spans(a.input.shape[axis], y.shape[axis])
        name = g.op("Concat", *[g.reduce("ReduceMax", g.slice(name, axis, *w), axis) for w in windows], axis=axis)
    return name


@layer("AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d")
def adaptive_max_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, f"adaptive_max_pool{m.dims}d", y, x[0], m.output_size, m.return_indices)


@function("max_unpool1d", "max_unpool2d", "max_unpool3d")
def unpooled(g: Graph, a: Arguments, y: Value) -> str:
    return scattered(g, a.input, a.indices, y, int(a.name[10]))


@layer("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")
def unpooling_layer(g: Graph, m: Any, x: list, y: Value) -> str:
    return scattered(g, x[0], x[1], y, m.dims)


# -- windows as columns


def _eye(g: Graph, planes: int, kernel: tuple) -> str:
    """A kernel for each place of a window, for each plane."""
    count = int(np.prod(kernel))
    return g.constant(np.tile(np.eye(count).reshape(count, 1, *kernel), (planes, 1, 1, 1)))


@function("unfold")
def unfold(g: Graph, a: Arguments, y: Value) -> str:
    kernel, dilation, padding, stride = (sizes(n, a[n], 2) for n in ("kernel_size", "dilation", "padding", "stride"))
    name, single = batched(g, a.input, 2)
    planes = a.input.shape[-3]
    columns = g.op(
        "Conv", name, _eye(g, planes, kernel), kernel_shape=kernel, strides=stride, pads=[*padding, *padding],
        dilations=dilation, group=planes,
    )  # fmt: skip
    return g.reshape(unbatched(g, columns, single), y.sizes)


@function("fold")
def fold(g: Graph, a: Arguments, y: Value) -> str:
    kernel, dilation, padding, stride, wanted = (
        sizes(n, a[n], 2) for n in ("kernel_size", "dilation", "padding", "stride", "output_size")
    )
    counts = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in zip(wanted, padding, dilation, kernel, stride)
    ]
    extra = [
        n - ((c - 1) * s - 2 * p + d * (k - 1) + 1)
        for n, c, s, p, d, k in zip(wanted, counts, stride, padding, dilation, kernel)
    ]
    planes = y.shape[-3]
    windows = g.reshape(a.input, [*a.input.sizes[:-1], *counts])
    name = g.op("Unsqueeze", windows, g.integers(0)) if a.input.ndim == 2 else windows
    result = g.op(
        "ConvTranspose", name, _eye(g, planes, kernel), kernel_shape=kernel, strides=stride, pads=[*padding, *padding],
        output_padding=extra, dilations=dilation, group=planes,
    )  # fmt: skip
    return unbatched(g, result, a.input.ndim == 2)
