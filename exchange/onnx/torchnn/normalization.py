"""Normalisation: of the batch by its kept statistics, of samples, groups, rows and neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from .registry import Arguments, called, function, layer, parameters


def affine(g: Graph, name: Any, weight: Any, bias: Any, ndim: int) -> Any:
    """Times a number and plus one for each channel, axis 1."""
    for kind, value in (("Mul", weight), ("Add", bias)):
        if value is not None:
            name = g.op(kind, name, g.reshape(value, [-1, *[1] * (ndim - 2)]) if ndim > 2 else value)
    return name


def filled(g: Graph, value: Value | None, number: float, size: int) -> Any:
    return g.constant(np.full(size, number)) if value is None else value


@function("batch_norm")
def batch_norm(g: Graph, a: Arguments, y: Any) -> str:
    x, C = a.input, a.input.shape[1]
    if a.training or a.running_mean is None:
        return by_the_batch(g, a)
    weight, bias = filled(g, a.weight, 1, C), filled(g, a.bias, 0, C)
    return g.op("BatchNormalization", x, weight, bias, a.running_mean, a.running_var, epsilon=float(a.eps))


def by_the_batch(g: Graph, a: Arguments) -> str:
    """Without kept statistics evaluation takes those of the batch, too."""
    x, axes = a.input, [i for i in range(a.input.ndim) if i != 1]

    def mean(name: Any) -> Any:
        for axis in axes:
            name = g.reduce("ReduceMean", name, axis)
        return name

    apart = g.op("Sub", x, mean(x))
    spread = g.op("Sqrt", g.op("Add", mean(g.op("Mul", apart, apart)), float(a.eps)))
    return affine(g, g.op("Div", apart, spread), a.weight, a.bias, x.ndim)


@layer("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
def batch_norm_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    found = parameters(g, m, "running_mean", "running_var", "weight", "bias")
    return called(g, "batch_norm", y, x[0], *found, m.training, 0.0, m.eps)


@function("instance_norm")
def instance_norm(g: Graph, a: Arguments, y: Any) -> str:
    x, C = a.input, a.input.shape[1]
    weight, bias = filled(g, a.weight, 1, C), filled(g, a.bias, 0, C)
    if a.use_input_stats:
        return g.op("InstanceNormalization", x, weight, bias, epsilon=float(a.eps))
    return g.op("BatchNormalization", x, weight, bias, a.running_mean, a.running_var, epsilon=float(a.eps))


@layer("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")
def instance_norm_layer(g: Graph, m: Any, x: list, y: Value) -> str:
    value, single = x[0], x[0].ndim < max(m.ranks)
    if single:
        value = Value(g.op("Unsqueeze", value, g.integers(0)), value.array[None])
    found = parameters(g, m, "running_mean", "running_var", "weight", "bias")
    result = called(g, "instance_norm", y, value, *found, m.training or not m.track_running_stats, 0.0, m.eps)
    return g.op("Squeeze", result, g.integers(0)) if single else result


@function("layer_norm")
def layer_norm(g: Graph, a: Arguments, y: Any) -> str:
    """An operator since set 17."""
    shape = (a.normalized_shape,) if isinstance(a.normalized_shape, int) else tuple(a.normalized_shape)
    weight = g.constant(np.ones(shape)) if a.weight is None else a.weight
    bias = [] if a.bias is None else [a.bias]
    return g.op("LayerNormalization", a.input, weight, *bias, axis=-len(shape), epsilon=float(a.eps))


@layer("LayerNorm")
def layer_norm_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "layer_norm", y, x[0], m.normalized_shape, *parameters(g, m, "weight", "bias"), m.eps)


@function("rms_norm")
def rms_norm(g: Graph, a: Arguments, y: Any) -> str:
    x = a.input
    shape = (a.normalized_shape,) if isinstance(a.normalized_shape, int) else tuple(a.normalized_shape)
    square: Any = g.op("Mul", x, x)
    for axis in range(x.ndim - len(shape), x.ndim):
        square = g.reduce("ReduceMean", square, axis)
    eps = float(np.finfo(np.float32).eps if a.eps is None else a.eps)
    result = g.op("Div", x, g.op("Sqrt", g.op("Add", square, eps)))
    return result if a.weight is None else g.op("Mul", result, a.weight)


@layer("RMSNorm")
def rms_norm_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "rms_norm", y, x[0], m.normalized_shape, *parameters(g, m, "weight"), m.eps)


@function("group_norm")
def group_norm(g: Graph, a: Arguments, y: Any) -> str:
    """Groups are the planes of an instance normalisation."""
    x = a.input
    groups = g.reshape(x, [x.sizes[0], a.num_groups, -1 if x.sizes[0] is not None else x.array[0].size // a.num_groups])
    one, zero = g.constant(np.ones(a.num_groups)), g.constant(np.zeros(a.num_groups))
    normal = g.op("InstanceNormalization", groups, one, zero, epsilon=float(a.eps))
    return affine(g, g.reshape(normal, x.sizes), a.weight, a.bias, x.ndim)


@layer("GroupNorm")
def group_norm_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    return called(g, "group_norm", y, x[0], m.num_groups, *parameters(g, m, "weight", "bias"), m.eps)


@function("local_response_norm")
def local_response_norm(g: Graph, a: Arguments, y: Any) -> str:
    """Written out, as runtimes read even sizes differently."""
    x = a.input
    square = Value(g.op("Mul", x, x), x.array, x.other)
    padded = g.pad(square, [(a.size // 2, (a.size - 1) // 2), *[(0, 0)] * (x.ndim - 2)])
    total = g.chain("Add", [g.slice(padded, 1, i, i + x.shape[1]) for i in range(a.size)])
    base = g.op("Add", g.op("Mul", total, a.alpha / a.size), float(a.k))
    return g.op("Div", x, g.op("Pow", base, float(a.beta)))
