"""nnx's and its relatives' images of other sizes and colours, and their small layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import WALKS, named, rule, trace, walk
from .convolution import batched, bias_of, unbatched


@rule(
    "nnx.spatial_sampling.SpatialUpSampling", "nnx.spatial_sampling.SpatialReSampling",
    "nnx.spatial_re_sampling_ex.SpatialReSamplingEx", "nnx.spatial_down_sampling.SpatialDownSampling",
)  # fmt: skip
def of_other_size(g: Graph, m: Any, x: Value, y: Value) -> str:
    """What is linear along rows and columns apart: a product with constants from both sides, read off the layer."""
    if x.ndim not in (3, 4) or x.shape[:-2] != y.shape[:-2]:
        raise g.refuse(f"{m} along other dimensions than the last two")
    front, (H, W) = (1,) * (x.ndim - 3), x.shape[-2:]
    rows = np.broadcast_to(np.eye(H, dtype=np.float32)[:, :, None], (H, H, W))
    columns = np.broadcast_to(np.eye(W, dtype=np.float32)[:, None], (W, H, W))
    down = np.array(m.updateOutput(np.ascontiguousarray(rows.reshape(*front, H, H, W)))).reshape(H, *y.shape[-2:])
    across = np.array(m.updateOutput(np.ascontiguousarray(columns.reshape(*front, W, H, W)))).reshape(W, *y.shape[-2:])
    return g.op("MatMul", g.op("MatMul", g.constant(down[:, :, 0].T), x), g.constant(across[:, 0]))


@rule("nnx.spatial_linear.SpatialLinear")
def linear_of_planes(g: Graph, m: Any, x: Value, y: Value) -> str:
    name, single = batched(g, x, 2)
    weight = g.parameter("weight", m.weight[:, :, None, None], m.weight)
    return unbatched(g, g.op("Conv", name, weight, *bias_of(g, m), kernel_shape=[1, 1]), single)


@walk("nnx.spatial_color_transform.SpatialColorTransform")
def colours(g: Graph, m: Any, x: Value) -> Any:
    return trace(g, m.linear, x, "linear")


@rule("nnx.pixel_sort.PixelSort")
def pixels_as_planes(g: Graph, m: Any, x: Value, y: Value) -> str:
    r, (C, H, W), front = m.downscaleFactor, x.shape[-3:], x.sizes[:-3]
    blocks = g.reshape(x, [*front, C, H // r, r, W // r, r])
    n = len(front)
    turned = g.op("Transpose", blocks, perm=[*range(n), *(n + k for k in (0, 2, 4, 1, 3))])
    return g.reshape(turned, y.sizes)


@rule("nnx.multi_soft_max.MultiSoftMax")
def soft_max_of_rows(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Softmax", x, axis=x.ndim - 1)


@rule("nnx.inn.const_affine.ConstAffine")
def scaled_planes(g: Graph, m: Any, x: Value, y: Value) -> str:
    a, b = (g.constant(v) for v in m._planes(x.array))
    return g.op("Add", g.op("Mul", x, a), b)


@rule("nnx.fbnn.normalization.L2Normalize")
def unit_rows(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Div", x, g.op("Sqrt", g.reduce("ReduceSum", g.op("Mul", x, x), x.ndim - 1)))


@rule("nnx.fbnn.temporal_convolution_tbc.TemporalConvolutionTBC")
def time_first(g: Graph, m: Any, x: Value, y: Value) -> str:
    weight = g.parameter("weight", m.weight.transpose(2, 1, 0), m.weight)
    turned = g.op("Transpose", x, perm=[1, 2, 0])
    kernel = {"kernel_shape": [m.weight.shape[0]], "pads": [int(m.pad)] * 2}
    return g.op("Transpose", g.op("Conv", turned, weight, *bias_of(g, m), **kernel), perm=[2, 0, 1])


@walk("nnx.inn.spatial_pyramid_pooling.SpatialPyramidPooling")
def pyramid(g: Graph, m: Any, x: Value) -> Value:
    m.dimension = x.ndim - 2
    return WALKS["Concat"](g, m, x)


@walk("nnx.balance.Balance")
def passing(g: Graph, m: Any, x: Value) -> Value:
    """Evaluation passes what it sees."""
    return x


@walk("nnx.push_table.PushTable")
def pushed(g: Graph, m: Any, x: list) -> list:
    g.pushed[id(m)] = x[m._index - 1]
    return [*x[: m._index - 1], *x[m._index :]]


@walk("nnx.push_table.PullTable")
def pulled(g: Graph, m: Any, x: Any) -> list:
    table = x if isinstance(x, list) else [x]
    if id(m._push) not in g.pushed:
        raise g.refuse(f"{m} whose PushTable has not run")
    return [*table[: m._index - 1], g.pushed[id(m._push)], *table[m._index - 1 :]]


@rule("nnx.inn.spatial_stochastic_pooling.SpatialStochasticPooling")
def weighted_means(g: Graph, m: Any, x: Value, y: Value) -> str:
    """sum x^2 / sum x of every window; pixels beyond the border are zeros, windows of zeros give zero."""
    name, single = batched(g, x, 2)
    ends = [(o - 1) * d + k - n for o, d, k, n in zip(y.shape[-2:], (m.dH, m.dW), (m.kH, m.kW), x.shape[-2:])]
    if min(ends) < 0 or max(e - k for e, k in zip(ends, (m.kH, m.kW))) >= 0:
        raise g.refuse(f"{m} with windows beyond the border, or that leave pixels out,")
    around = named(g.op("Identity", name), Value("", x.array if not single else x.array[None]))
    padded = g.pad(around, [(0, ends[0]), (0, ends[1])])
    window = {"kernel_shape": [int(m.kH), int(m.kW)], "strides": [int(m.dH), int(m.dW)]}
    squares = g.op("AveragePool", g.op("Mul", padded, padded), **window)
    sums = g.op("Add", g.op("AveragePool", padded, **window), float(np.finfo(np.float32).tiny) / (m.kH * m.kW))
    return unbatched(g, g.op("Div", squares, sums), single)


@walk("nnx.onmt.network.Network", "nnx.onmt.network.WordEmbedding")
def network(g: Graph, m: Any, x: Any) -> Any:
    return trace(g, m.modules[0], x, 1)


@rule("nnx.onmt.join_replicate_table.JoinReplicateTable")
def joined_and_repeated(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    parts, repeat, join = m._spread([v.array for v in x])
    names: list[Any] = []
    for v, part in zip(x, parts):
        if v.shape != part.shape and y.sizes[repeat] is None:
            raise g.refuse(f"{m} that repeats along the batch")
        sizes = [part.shape[i] if i == repeat else 1 for i in range(v.ndim)]
        names.append(v if v.shape == part.shape else g.op("Expand", v, g.integers(*sizes)))
    return g.op("Concat", *names, axis=join)
