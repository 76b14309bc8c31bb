"""What moves elements and adds them up along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.joining import counted_axis

from ..graph import Graph, Value
from ..tracing import kind_of, rule


@rule("View", "Reshape", "Squeeze", "Unsqueeze", "Collapse")
def reshaped(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.reshape(x, y.sizes)


@rule("Transpose")
def transpose(g: Graph, m: Any, x: Value, y: Value) -> str:
    places = np.arange(x.ndim)
    first = 0 if m.numInputDims is None else x.ndim - m.numInputDims
    for a, b in m.permutations:
        places[[a + first - 1, b + first - 1]] = places[[b + first - 1, a + first - 1]]
    return g.op("Transpose", x, perm=places.tolist())


@rule("Select")
def select(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = place(m.dimension, x.ndim)
    index = m.index - 1 if m.index > 0 else m.index + x.shape[axis]
    if x.sizes[axis] is None and m.index < 0:
        raise g.refuse("nn.Select from the end of the batch")
    return g.op("Gather", x, g.constant(index, np.int64), axis=axis)


@rule("Narrow")
def narrow(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = place(m.dimension, x.ndim)
    if x.sizes[axis] is None and (m.index < 0 or m.length < 0):
        raise g.refuse("nn.Narrow from the end of the batch")
    start = max(m.index, 1) - 1  # a negative one counts what is left out at the end
    return g.slice(x, axis, start, start + y.shape[axis])


def place(dimension: int, ndim: int) -> int:
    """The axis that a dimension means; negative ones count from the end."""
    return dimension - 1 if dimension > 0 else dimension + ndim


@rule("Replicate")
def replicate(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = m.dim - 1 + (m.ndim is not None and x.ndim > m.ndim) * (x.ndim - (m.ndim or 0))
    sizes = [1] * y.ndim
    sizes[axis] = m.nfeatures
    return g.op("Expand", g.op("Unsqueeze", x, g.integers(axis)), g.integers(*sizes))


@rule("Padding")
def padding(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = m.dim - 1 + (m.nInputDim is not None and x.ndim != m.nInputDim)
    pads = [(0, 0)] * x.ndim
    if m.index == 1:
        pads[axis] = (-m.pad, 0) if m.pad < 0 else (0, m.pad)
        return g.pad(x, pads, m.value)
    start = x.shape[axis] - m.index + 1 if m.pad > 0 else m.index - 1
    front, back = g.slice(x, axis, 0, start), g.slice(x, axis, start, x.shape[axis])
    pads[axis] = (0, abs(m.pad))
    return g.op("Concat", g.pad(Value(front, x.array), pads, m.value), back, axis=axis)


@rule("SpatialZeroPadding", "SpatialReflectionPadding", "SpatialReplicationPadding", "VolumetricReplicationPadding")
def bordered(g: Graph, m: Any, x: Value, y: Value) -> str:
    name = kind_of(m)
    if name.startswith("Volumetric"):
        pads = [(m.pfront, m.pback), (m.ptop, m.pbottom), (m.pleft, m.pright)]
    else:
        pads = [(m.pad_t, m.pad_b), (m.pad_l, m.pad_r)]
    mode = "reflect" if "Reflection" in name else "edge" if "Replication" in name else "constant"
    return g.pad(x, pads, 0, mode)


@rule("Index")
def index(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    places = g.op("Sub", g.op("Cast", x[1], to=7), g.constant(1, np.int64))
    return g.op("Gather", x[0], places, axis=m.dimension - 1)


@rule("ArgMax")
def arg_max(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = m.dim - 1 + (x.ndim > m.nInputDim)
    places = g.op("Add", g.op("ArgMax", x, axis=axis, keepdims=int(x.ndim == 1)), g.constant(1, np.int64))
    return places if y.array.dtype == np.int64 else g.op("Cast", places, to=1)


@rule("OneHot")
def one_hot(g: Graph, m: Any, x: Value, y: Value) -> str:
    places = g.op("Sub", g.op("Cast", x, to=7), g.constant(1, np.int64))
    return g.op("Gather", g.constant(np.eye(m.outputSize)), places)


@rule("SpatialUniformCrop")
def centre(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Evaluation takes the middle."""
    name: Any = x.name
    for axis in (x.ndim - 2, x.ndim - 1):
        start = (x.shape[axis] - y.shape[axis]) // 2
        name = g.slice(name, axis, start, start + y.shape[axis])
    return name


REDUCTIONS = {"Sum": "ReduceSum", "Mean": "ReduceMean", "Max": "ReduceMax", "Min": "ReduceMin"}


@rule(*REDUCTIONS)
def reduction(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = counted_axis(m, x.array)
    kind = "ReduceMean" if getattr(m, "sizeAverage", False) else REDUCTIONS[kind_of(m)]
    result = g.reduce(kind, x, axis, keep=y.ndim == x.ndim)
    return g.reshape(result, y.sizes) if not x.ndim - y.ndim <= 1 else result


@rule("Constant")
def constant(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The same for each sample of the batch."""
    if None not in y.sizes:
        return g.constant(y.array)
    samples = g.op("Slice", g.op("Shape", x), g.integers(0), g.integers(1))
    return g.op("Expand", g.constant(m.value[None]), g.op("Concat", samples, g.integers(*m.value.shape), axis=0))


@rule("TemporalDynamicKMaxPooling")
def k_largest(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The places of the largest, in the order of time."""
    axis = x.ndim - 2
    if x.sizes[axis] is None:
        raise g.refuse(f"{m} over a length that follows the batch")
    k = g.integers(y.shape[axis])
    places = g.op("TopK", x, k, outputs=2, axis=axis)[1]
    return g.op("GatherElements", x, g.op("TopK", places, k, outputs=2, axis=axis, largest=0)[0], axis=axis)


@rule("FeatureLPPooling")
def feature_pooling(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The root of sums of powers of neighbours."""
    axis = next((i for i in range(x.ndim) if x.shape[i] != y.shape[i]), None)
    if axis is None or x.sizes[axis] is None:
        raise g.refuse(f"{m} that keeps the size, or along the batch,")
    powers = g.op("Pow", x, m.power)
    last = (y.shape[axis] - 1) * m.stride + 1
    parts = [g.op("Slice", powers, *(g.integers(n) for n in (k, k + last, axis, m.stride))) for k in range(m.width)]
    return g.op("Pow", g.chain("Add", parts), 1 / m.power)
