"""Linear layers, products and look-ups."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import kind_of, rule


@rule("Linear", "LinearNoBias", "LinearWeightNorm")
def linear(g: Graph, m: Any, x: Value, y: Value) -> str:
    weight = g.parameter("weight", m.weight)
    if x.ndim <= 2:  # a vector is a row: OpenCV multiplies matrices alone
        bias = [] if m.bias is None else [g.parameter("bias", m.bias)]
        row = g.op("Unsqueeze", x, g.integers(0)) if x.ndim == 1 else x
        product = g.op("Gemm", row, weight, *bias, transB=1)
        return g.op("Squeeze", product, g.integers(0)) if x.ndim == 1 else product
    product = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
    return product if m.bias is None else g.op("Add", product, g.parameter("bias", m.bias))


@rule("Add")
def add(g: Graph, m: Any, x: Value, y: Value) -> str:
    bias = m.bias if m.bias.size == 1 else m.bias.reshape(x.shape[-1:] if x.shape[-1] == m.bias.size else x.shape[1:])
    return g.op("Add", x, g.parameter("bias", bias, m.bias))


@rule("CAdd")
def cadd(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Add", x, g.parameter("bias", spread(g, m.bias, x), m.bias))


@rule("CMul")
def cmul(g: Graph, m: Any, x: Value, y: Value) -> str:
    return g.op("Mul", x, g.parameter("weight", spread(g, m.weight, x), m.weight))


def spread(g: Graph, parameter: np.ndarray, x: Value) -> np.ndarray:
    """A parameter in a form that ONNX spreads over ``x`` as Torch did: it may have the sizes of one sample."""
    for shape in (parameter.shape, x.shape, x.shape[1:], x.shape[-1:]):
        if np.prod(shape) == parameter.size:
            try:
                if np.broadcast_shapes(shape, x.shape) == x.shape:
                    return parameter.reshape(shape)
            except ValueError:
                continue
    raise g.refuse("a parameter that does not fit the input")


@rule("Bilinear")
def bilinear(g: Graph, m: Any, x: list[Value], y: Value) -> str:
    """sum over a, b of x1[a] weight[o][a][b] x2[b]: x1 W as (N, O, B), times x2 as a column.

    A ReduceSum in front of the bias would do, but OpenVINO adds the bias along the rows then.
    """
    outputs, first, second = m.weight.shape
    columns = g.parameter("weight", m.weight.transpose(1, 0, 2).reshape(first, outputs * second), m.weight)
    products = g.op("Reshape", g.op("MatMul", x[0], columns), g.integers(-1, outputs, second))
    result = g.op("Squeeze", g.op("MatMul", products, g.op("Unsqueeze", x[1], g.integers(2))), g.integers(2))
    return result if m.bias is None else g.op("Add", result, g.parameter("bias", m.bias))


@rule("LookupTable")
def lookup_table(g: Graph, m: Any, x: Value, y: Value) -> str:
    indices = x.name if x.array.dtype == np.int64 else g.op("Cast", x, to=7)
    return g.op("Gather", g.parameter("weight", m.weight), g.op("Sub", indices, g.constant(1, np.int64)))


@rule("LookupTableMaskZero")
def lookup_table_mask_zero(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Index 0 is the first row, which is zero."""
    indices = x.name if x.array.dtype == np.int64 else g.op("Cast", x, to=7)
    return g.op("Gather", g.parameter("weight", m.weight), indices)


@rule("Cosine")
def cosine(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The lengths are computed there, too, so that the weight can be trained."""
    weight = g.parameter("weight", m.weight)
    product = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
    own, others = (
        g.op("Add", g.op("Sqrt", g.reduce("ReduceSum", g.op("Mul", v, v), axis, keep)), 1e-12)
        for v, axis, keep in ((x, x.ndim - 1, True), (weight, 1, False))
    )
    return g.op("Div", product, g.op("Mul", own, others))


@rule("Euclidean", "WeightedEuclidean")
def euclidean(g: Graph, m: Any, x: Value, y: Value) -> str:
    """weight has a column for each output, and so have the scales."""
    weight = g.parameter("weight", m.weight.T, m.weight)
    apart = g.op("Sub", g.op("Unsqueeze", x, g.integers(x.ndim - 1)), weight)
    if kind_of(m) == "WeightedEuclidean":
        apart = g.op("Mul", apart, g.parameter("diagCov", m.diagCov.T, m.diagCov))
    return g.op("Sqrt", g.reduce("ReduceSum", g.op("Mul", apart, apart), x.ndim, keep=False))


@rule("PartialLinear")
def partial_linear(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The rows of the partition."""
    rows = np.asarray(m.partition).astype(int) - 1
    weight = g.parameter("weight", m._lookup.weight[rows], m._lookup.weight)
    bias = [] if m.bias is None else [g.parameter("bias", m.bias[0, rows], m.bias)]
    return g.op("Gemm", x, weight, *bias, transB=1)


@rule("Kmeans")
def kmeans(g: Graph, m: Any, x: Value, y: Value) -> str:
    """The nearest centre, from 1: w.w - 2 x.w is least."""
    weight = g.parameter("weight", m.weight)
    product = g.op("MatMul", x, g.op("Transpose", weight, perm=[1, 0]))
    squares = g.reduce("ReduceSum", g.op("Mul", weight, weight), 1, keep=False)
    nearest = g.op("ArgMin", g.op("Sub", squares, g.op("Mul", product, 2)), axis=1, keepdims=0)
    return g.op("Cast", g.op("Add", nearest, g.constant(1, np.int64)), to=1)
