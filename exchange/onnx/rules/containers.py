"""Containers and graphs: the values go through the modules inside."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.joining import axis_of

from ..graph import Graph, Value
from ..tracing import computed, inside, kind_of, named, trace, walk
from .recurrent import States


@walk("Sequential")
def sequential(g: Graph, m: Any, x: Any) -> Any:
    for i, module in enumerate(m.modules, 1):
        x = trace(g, module, x, i)
    return x


@walk("ConcatTable")
def concat_table(g: Graph, m: Any, x: Any) -> list:
    return [trace(g, module, x, i) for i, module in enumerate(m.modules, 1)]


@walk("ParallelTable")
def parallel_table(g: Graph, m: Any, x: list) -> list:
    return [trace(g, module, part, i) for i, (module, part) in enumerate(zip(m.modules, x), 1)]


@walk("MapTable")
def map_table(g: Graph, m: Any, x: list) -> list:
    return [trace(g, m.modules[0], part, 1) for part in x]


@walk("Decorator", "Profile", "GPU", "DataParallelTable", "NaN")
def decorated(g: Graph, m: Any, x: Any) -> Any:
    return trace(g, m.modules[0], x, 1)


def joined(g: Graph, parts: list[Value], axis: int) -> Value:
    """The values side by side."""
    arrays = [np.concatenate([p.array for p in parts], axis)]
    if all(p.other is not None for p in parts):
        arrays.append(np.concatenate([p.other for p in parts], axis))
    return Value(g.op("Concat", *parts, axis=axis), *arrays)


@walk("Concat", "DepthConcat")
def concat(g: Graph, m: Any, x: Any) -> Value:
    parts = concat_table(g, m, x)
    axis = axis_of(m, m.dimension, parts[0].array)
    if kind_of(m) == "DepthConcat":
        parts = [_centred(g, part, parts, axis) for part in parts]
    return joined(g, parts, axis)


def _centred(g: Graph, part: Value, parts: list[Value], axis: int) -> Value:
    """A part with zeros around, as large as the largest."""
    missing = [max(p.shape[a] for p in parts) - part.shape[a] for a in range(part.ndim)]
    missing[axis] = 0
    pads = [(n // 2, n - n // 2) for n in missing]
    other = None if part.other is None else np.pad(part.other, pads)
    return Value(g.pad(part, pads), np.pad(part.array, pads), other)


@walk("Parallel")
def parallel(g: Graph, m: Any, x: Value) -> Value:
    axis = axis_of(m, m.inputDimension, x.array)
    if x.sizes[axis] is None:  # the example's slices are all there are
        raise g.refuse("nn.Parallel over the batch")
    slices = [_taken(g, x, axis, i) for i in range(x.shape[axis])]
    parts = parallel_table(g, m, slices)
    return joined(g, parts, axis_of(m, m.outputDimension, parts[0].array))


def _taken(g: Graph, x: Value, axis: int, i: int) -> Value:
    other = None if x.other is None else x.other.take(i, axis)
    return Value(g.op("Gather", x, g.constant(i, np.int64), axis=axis), x.array.take(i, axis), other)


@walk("Bottle")
def bottle(g: Graph, m: Any, x: Value) -> Value:
    if x.ndim <= m.nInputDim:
        return trace(g, m.modules[0], x, 1)
    rows = x.ndim - m.nInputDim + 1

    def fused(v: np.ndarray) -> np.ndarray:
        return v.reshape(-1, *v.shape[rows:])

    other = None if x.other is None else fused(x.other)
    inner = Value("", fused(x.array), other)
    y = trace(g, m.modules[0], named(g.reshape(x, inner.sizes), inner), 1)

    def apart(v: np.ndarray, like: np.ndarray) -> np.ndarray:
        return v.reshape(*like.shape[:rows], *v.shape[1:])

    whole = Value("", apart(y.array, x.array), None if x.other is None else apart(y.other, x.other))
    return named(g.reshape(y, whole.sizes), whole)


@walk("gModule")
def graph_module(g: Graph, m: Any, x: Any) -> Any:
    """The plan of the graph, step by step, as in its forward pass."""
    plan = m._planned()
    held: dict[int, list] = {id(step.inputs): [None] * len(step.inputs) for step in plan.steps}
    held[id(plan.first.inputs)] = [x] if m.nInputs == 1 else list(x)
    for number, step in enumerate(plan.steps, 1):
        inputs = held[id(step.inputs)]
        value, module = inputs[0] if step.single else inputs, step.data.get("module")
        if module is not None:
            value = trace(g, module, value, number)
        elif step.select or step.split:
            value = value[step.select - 1] if step.select else value
        for places, i in step.targets:
            held[id(places)][i] = value
    last = held[id(plan.last.inputs)]
    return last[0] if plan.last.single else last


@walk("WeightNorm")
def weight_norm(g: Graph, m: Any, x: Any) -> Any:
    """The module inside, with the weight that its forward made."""
    computed(m, x)
    return trace(g, m.modules[0], x, 1)


@walk("Inception", "SeqBRNN")
def inner_network(g: Graph, m: Any, x: Any) -> Any:
    return trace(g, m.module, x, 1)


@walk("MaskZero", "TrimZero")
def masked(g: Graph, m: Any, x: Any) -> Any:
    """Samples of zeros make zeros, in every tensor of the output."""
    first = x
    while isinstance(first, list):
        first = first[0]
    largest = g.op("Abs", first)
    for axis in range(first.ndim - m.nInputDim, first.ndim):
        largest = g.reduce("ReduceMax", largest, axis)
    batch = first.sizes[: first.ndim - m.nInputDim]
    there = g.op("Greater", largest, 0)

    def put(v: Any) -> Any:
        if isinstance(v, list):
            return [put(part) for part in v]
        mask = g.reshape(there, [*batch, *[1] * (v.ndim - len(batch))])
        return named(g.op("Where", mask, v, 0), Value("", v.array, v.other))

    return put(trace(g, m.modules[0], x, 1))


@walk("Repeater")
def repeater(g: Graph, m: Any, x: Any) -> Any:
    return States(g).steps(m.module, [x] * m.rho)


@walk("Sequencer")
def sequencer(g: Graph, m: Any, x: Any) -> Any:
    """Every step by itself; the module inside remembers what it needs."""
    if isinstance(x, Value) and x.sizes[0] is None:
        raise g.refuse("a number of steps that follows the batch")
    steps = x if isinstance(x, list) else [_taken(g, x, 0, i) for i in range(x.shape[0])]
    with inside(g, 1):
        outputs = States(g).steps(m.modules[0], steps)
    if isinstance(x, list):
        return outputs
    rows = [_row(g, v) for v in outputs]
    return joined(g, rows, 0)


def _row(g: Graph, v: Value) -> Value:
    return Value(g.op("Unsqueeze", v, g.integers(0)), v.array[None], None if v.other is None else v.other[None])


@walk("Convert")
def converted(g: Graph, m: Any, x: Value) -> Any:
    """The modules that it chose for this form of input."""
    y = computed(m, x)
    value = trace(g, m.modules[0], x, 1)
    if value.shape != y.shape:
        raise g.refuse(f"{m} of a single sample")
    return value


@walk("DontCast")
def not_cast(g: Graph, m: Any, x: Any) -> Any:
    """In a file all is float32; this is a clone's module."""
    return trace(g, m.modules[0].float(), x, 1)
