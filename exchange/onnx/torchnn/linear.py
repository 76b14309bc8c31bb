"""Linear maps, look-ups, distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from .registry import Arguments, function, layer, parameters, present


@function("linear")
def linear(g: Graph, a: Arguments, y: Any) -> str:
    if a.input.ndim == 2:
        return g.op("Gemm", a.input, a.weight, *present(a.bias), transB=1)
    product = g.op("MatMul", a.input, g.op("Transpose", a.weight, perm=[1, 0]))
    return product if a.bias is None else g.op("Add", product, a.bias)


@function("bilinear")
def bilinear(g: Graph, a: Arguments, y: Value) -> str:
    """sum over i, j of x1[i] W[o, i, j] x2[j]: x1 by rows (i, o j), times x2 as a column."""
    outputs, first, second = a.weight.shape
    rows = g.reshape(g.op("Transpose", a.weight, perm=[1, 0, 2]), [first, outputs * second])
    products = g.reshape(g.op("MatMul", a.input1, rows), [*y.sizes[:-1], outputs, second])
    column = g.op("Unsqueeze", a.input2, g.integers(a.input2.ndim))
    result = g.op("Squeeze", g.op("MatMul", products, column), g.integers(y.ndim))
    return result if a.bias is None else g.op("Add", result, a.bias)


@function("flatten")
def flatten(g: Graph, a: Arguments, y: Value) -> str:
    return g.reshape(a.input, y.sizes)


@function("embedding")
def embedding(g: Graph, a: Arguments, y: Any) -> str:
    if a.max_norm is not None:
        raise g.refuse("an embedding that renormalises its rows")
    return g.op("Gather", a.weight, indices(g, a.input))


def indices(g: Graph, x: Value) -> Any:
    return x if x.array.dtype == np.int64 else g.op("Cast", x, to=7)


@function("embedding_bag")
def embedding_bag(g: Graph, a: Arguments, y: Any) -> str:
    if a.max_norm is not None or a.offsets is not None or a.padding_idx is not None or a.input.ndim != 2:
        raise g.refuse("an embedding bag with offsets, padding or renormalised rows")
    rows = g.op("Gather", a.weight, indices(g, a.input))
    if a.per_sample_weights is not None:
        rows = g.op("Mul", rows, g.op("Unsqueeze", a.per_sample_weights, g.integers(2)))
    return g.reduce({"sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax"}[a.mode], rows, 1, keep=False)


@layer("EmbeddingBag")
def embedding_bag_layer(g: Graph, m: Any, x: list, y: Any) -> str:
    names = "input", "offsets", "per_sample_weights"
    given = dict.fromkeys(names) | dict(zip(names, x))
    (weight,) = parameters(g, m, "weight")
    kept = {"max_norm": m.max_norm, "padding_idx": m.padding_idx, "mode": m.mode, "weight": weight}
    return embedding_bag(g, Arguments(given | kept), y)


@function("cosine_similarity")
def cosine(g: Graph, a: Arguments, y: Value) -> str:
    """Both lengths are at least eps."""
    ndim = max(a.x1.ndim, a.x2.ndim)
    axis = a.dim % ndim

    def dot(u: Any, v: Any) -> str:
        return g.reduce("ReduceSum", g.op("Mul", u, v), axis)

    aligned = [v if v.ndim == ndim else g.reshape(v, [*[1] * (ndim - v.ndim), *v.sizes]) for v in (a.x1, a.x2)]
    lengths = [g.op("Max", g.op("Sqrt", dot(v, v)), a.eps) for v in aligned]
    return g.reshape(g.op("Div", dot(*aligned), g.chain("Mul", lengths)), y.sizes)


def norm(g: Graph, x: Any, p: float, axis: int, keep: bool) -> str:
    """The p-norm along an axis."""
    size = g.op("Abs", x)
    if np.isinf(p):
        return g.reduce("ReduceMax" if p > 0 else "ReduceMin", size, axis, keep)
    if p == 1:
        return g.reduce("ReduceSum", size, axis, keep)
    if p == 2:
        return g.op("Sqrt", g.reduce("ReduceSum", g.op("Mul", x, x), axis, keep))
    return g.op("Pow", g.reduce("ReduceSum", g.op("Pow", size, p), axis, keep), 1 / p)


@function("pairwise_distance")
def pairwise_distance(g: Graph, a: Arguments, y: Value) -> str:
    apart = g.op("Add", g.op("Sub", a.x1, a.x2), a.eps)
    return norm(g, apart, a.p, max(a.x1.ndim, a.x2.ndim) - 1, a.keepdim)


@function("normalize")
def normalize(g: Graph, a: Arguments, y: Any) -> str:
    if not isinstance(a.dim, int):
        raise g.refuse("normalize over several dimensions")
    length = norm(g, a.input, a.p, a.dim % a.input.ndim, True)
    return g.op("Div", a.input, g.op("Max", length, a.eps))


@function("pdist")
def pdist(g: Graph, a: Arguments, y: Any) -> str:
    if a.input.sizes[0] is None:
        raise g.refuse("pdist of a number of rows that follows the batch")
    first, second = (g.op("Gather", a.input, g.constant(i, np.int64)) for i in np.triu_indices(a.input.shape[0], 1))
    return norm(g, g.op("Sub", first, second), a.p, 1, False)
