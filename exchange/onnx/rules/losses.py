"""Criterions: a table of input and target in, the loss out, a number."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn

from ..graph import Graph, Value
from ..tracing import kind_of, named, numbers_of, trace, walk

#: What binary cross-entropy adds inside of logarithms.
EPS = 1e-12


def pair(g: Graph, m: Any, x: Any) -> tuple[Value, Any]:
    """The input, and the target in its sizes."""
    if not isinstance(x, list) or len(x) != 2 or any(isinstance(v, list) for v in x):
        raise g.refuse(f"{m} of other than {{input, target}}")
    a, t = x
    return a, t if t.shape == a.shape else g.reshape(t, a.sizes)


def mean(g: Graph, m: Any, name: str, x: list) -> Value:
    """Over all elements, or their sum."""
    kind = "ReduceMean" if m.sizeAverage else "ReduceSum"
    return named(g.reduce(kind, g.reshape(name, [None]), 0, keep=False), numbers_of(m, x))


@walk("MSECriterion", "AbsCriterion", "SmoothL1Criterion")
def differences(g: Graph, m: Any, x: Any) -> Value:
    apart = g.op("Sub", *pair(g, m, x))
    far = g.op("Abs", apart)
    kind = kind_of(m)
    if kind == "AbsCriterion":
        return mean(g, m, far, x)
    square = g.op("Mul", apart, apart)
    if kind == "MSECriterion":
        return mean(g, m, square, x)
    near = g.op("Less", far, 1)
    return mean(g, m, g.op("Where", near, g.op("Mul", square, 0.5), g.op("Sub", far, 0.5)), x)


@walk("BCECriterion")
def binary(g: Graph, m: Any, x: Any) -> Value:
    p, t = pair(g, m, x)
    yes = g.op("Mul", g.op("Log", g.op("Add", p, EPS)), t)
    no = g.op("Mul", g.op("Log", g.op("Add", g.op("Sub", 1, p), EPS)), g.op("Sub", 1, t))
    loss = g.op("Neg", g.op("Add", yes, no))
    return mean(g, m, loss if m.weights is None else g.op("Mul", loss, g.constant(m.weights)), x)


@walk("DistKLDivCriterion")
def divergence(g: Graph, m: Any, x: Any) -> Value:
    q, p = pair(g, m, x)
    there = g.op("Greater", p, 0)
    apart = g.op("Sub", g.op("Log", g.op("Where", there, p, 1)), q)
    return mean(g, m, g.op("Where", there, g.op("Mul", p, apart), 0), x)


@walk("ClassNLLCriterion", "CrossEntropyCriterion")
def likelihood(g: Graph, m: Any, x: Any) -> Value:
    """Minus the weighted mean, or sum, of what stands at the labels; those that are left out weigh nothing."""
    if not isinstance(x, list) or len(x) != 2 or x[0].ndim not in (1, 2) or (x[0].ndim == 1 and x[1].array.size != 1):
        raise g.refuse(f"{m} of other than N x C and N labels")
    scores, labels = x
    nll = m if isinstance(m, nn.ClassNLLCriterion) else m.nll
    rows: Any = scores if m is nll else g.op("LogSoftmax", scores, axis=scores.ndim - 1)
    rows = g.op("Unsqueeze", rows, g.integers(0)) if scores.ndim == 1 else rows
    flat = g.reshape(labels if labels.array.dtype == np.int64 else g.op("Cast", labels, to=7), [None])
    left_out = g.op("Equal", flat, g.constant(nll.ignoreIndex, np.int64))
    ones = g.constant(1, np.int64)
    places = g.op("Sub", g.op("Where", left_out, ones, flat), ones)
    picked = g.reshape(g.op("GatherElements", rows, g.op("Unsqueeze", places, g.integers(1)), axis=1), [None])
    each = np.ones(scores.shape[-1]) if nll.weights is None else nll.weights
    weights = g.op("Where", left_out, 0, g.op("Gather", g.constant(each), places))
    total = g.op("Neg", g.reduce("ReduceSum", g.op("Mul", picked, weights), 0, keep=False))
    loss = g.op("Div", total, g.reduce("ReduceSum", weights, 0, keep=False)) if m.sizeAverage else total
    return named(loss, numbers_of(m, x))


@walk("CriterionTable")
def as_module(g: Graph, m: Any, x: Any) -> Value:
    return trace(g, m.criterion, x, "criterion")


@walk("ModuleFromCriterion")
def as_node(g: Graph, m: Any, x: Any) -> Value:
    """A vector of one element."""
    loss = trace(g, m.criterion, x, "criterion")
    other = None if loss.other is None else loss.other.reshape(1)
    return named(g.reshape(loss, [1]), Value("", loss.array.reshape(1), other))
