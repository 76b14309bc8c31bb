"""Normalisation over the batch (by its kept statistics), over rows and over planes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Graph, Value
from ..tracing import computed, kind_of, named, rule, trace, walk


@rule("BatchNormalization", "SpatialBatchNormalization", "VolumetricBatchNormalization")
def batch_normalization(g: Graph, m: Any, x: Value, y: Value) -> str:
    if m.train is not False or m.running_mean is None:
        raise g.refuse(f"{m} by the statistics of the batch")
    single = x.ndim < m.nDim
    name = g.op("Unsqueeze", x, g.integers(0)) if single else x.name
    one, zero = np.ones_like(m.running_mean), np.zeros_like(m.running_mean)
    weight = g.constant(one) if m.weight is None else g.parameter("weight", m.weight)
    bias = g.constant(zero) if m.bias is None else g.parameter("bias", m.bias)
    statistics = (g.parameter(n, getattr(m, n)) for n in ("running_mean", "running_var"))
    result = g.op("BatchNormalization", name, weight, bias, *statistics, epsilon=float(m.eps))
    return g.op("Squeeze", result, g.integers(0)) if single and y.ndim == x.ndim else result


@walk("SpatialSubtractiveNormalization", "SpatialDivisiveNormalization")
def neighbourhood(g: Graph, m: Any, x: Value) -> Value:
    """Means or deviations of the neighbourhood, at the border of what is there, are taken off or divide."""
    y = computed(m, x)
    coefficients = g.constant(np.asarray(m.coef).reshape(-1, *x.shape[-2:])[:1])
    divides = kind_of(m) == "SpatialDivisiveNormalization"
    estimator = "stdestimator" if divides else "meanestimator"
    around = g.reshape(trace(g, getattr(m, estimator), x, estimator), x.sizes)
    around = g.op("Div", around, coefficients)
    if divides:
        around = g.op("Where", g.op("Greater", around, m.threshold), around, m.thresval)
    return named(g.op("Div" if divides else "Sub", x, around), y)


@walk("SpatialContrastiveNormalization")
def contrastive(g: Graph, m: Any, x: Value) -> Value:
    return trace(g, m.normalizer, x, "normalizer")


@rule("SpatialFeatNormalization")
def feature_normalization(g: Graph, m: Any, x: Value, y: Value) -> str:
    apart = g.op("Sub", x, g.constant(m.mean.reshape(-1, 1, 1)))
    return g.op("Div", apart, g.constant(m.std.reshape(-1, 1, 1)))


@rule("Normalize")
def normalize(g: Graph, m: Any, x: Value, y: Value) -> str:
    axis = x.ndim - 1
    if m.p == np.inf:
        norm = g.op("Add", g.reduce("ReduceMax", g.op("Abs", x), axis), m.eps)
    elif m.p == 2:
        norm = g.op("Sqrt", g.op("Add", g.reduce("ReduceSum", g.op("Mul", x, x), axis), m.eps))
    else:
        powers = g.op("Pow", g.op("Abs", x), m.p)
        norm = g.op("Pow", g.op("Add", g.reduce("ReduceSum", powers, axis), m.eps), 1 / m.p)
    return g.op("Div", x, norm)


@rule("SpatialCrossMapLRN")
def cross_map_lrn(g: Graph, m: Any, x: Value, y: Value) -> str:
    """Written out: runtimes refuse even sizes, or take another window."""
    axis, before = x.ndim - 3, (m.size - 1) // 2
    square = Value(g.op("Mul", x, x), x.array, x.other)
    padded = g.pad(square, [(before, m.size - 1 - before), (0, 0), (0, 0)])
    planes = [g.slice(padded, axis, i, i + x.shape[axis]) for i in range(m.size)]
    total = g.op("Mul", g.chain("Add", planes), m.alpha / m.size)
    return g.op("Mul", x, g.op("Pow", g.op("Add", total, m.k), -m.beta))
