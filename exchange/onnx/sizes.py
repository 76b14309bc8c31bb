"""Sizes that a file computes while it runs, from Shape on, made constants before it is read.

What depends on sizes alone is computed for several batches. What is the same for all is a constant; a size that grows
with the batch N is a + b N, written as a complex number whose imaginary part is b.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

#: Sizes of the batch, and of other axes without a size, for which sizes are computed.
BATCHES, OTHERS = (3, 4, 6), (16, 24)
#: Elements of an array that may be a table of sizes.
MOST = 4096
Sizes = dict[str, np.ndarray]


def settled(model: onnx.ModelProto) -> tuple[onnx.ModelProto, set[str]]:
    """The model with what sizes make as constants: targets of Reshape and the like with -1 for the batch.

    Also the names of constants that were to be repeated over the batch, of which they hold one.
    """
    model = shape_inference.infer_shapes(model, data_prop=True)
    spread: set[str] = set()
    if any(node.op_type in ("Shape", "Size") for node in model.graph.node):
        _settle(model, spread)
        model = shape_inference.infer_shapes(model, data_prop=True)
    return model, spread


def _settle(model: onnx.ModelProto, spread: set[str]) -> None:
    graph = model.graph
    batch, others = _free(graph)
    runs = [_computed(model, {batch: n} | dict.fromkeys(others, OTHERS[0])) for n in (BATCHES if batch else (1,))]
    runs += [_computed(model, {batch: BATCHES[0]} | dict.fromkeys(others, OTHERS[1]))] if others else []
    made = _common([known for known, _ in runs])
    shapes = _common([shapes for _, shapes in runs])
    kept = []
    for node in graph.node:
        outputs = [name for name in node.output if name]
        fixed = all(name in made and not np.iscomplexobj(made[name]) for name in outputs)
        if fixed and node.op_type != "Constant":
            for name in outputs:
                _stored(graph, name, made[name])
        elif not _replaced(graph, node, made, shapes, spread):
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    del graph.value_info[:]


# -- sizes for one batch


def _free(graph: onnx.GraphProto) -> tuple[str, list[str]]:
    """The names of axes without a size: that of the batch, the first axis of an input, and the others.

    Axes of no name get one.
    """
    constants = {c.name for c in graph.initializer}
    names: list[str] = []
    first = ""
    for value in graph.input:
        if value.name in constants:
            continue
        for i, d in enumerate(value.type.tensor_type.shape.dim):
            if not d.HasField("dim_value"):
                d.dim_param = d.dim_param or ("batch" if i == 0 else f"{value.name}_{i}")
                names.append(d.dim_param)
                first = first or (d.dim_param if i == 0 else "")
    first = first or next(iter(names), "")
    return first, [n for n in dict.fromkeys(names) if n != first]


def _computed(model: onnx.ModelProto, free: dict[str, int]) -> tuple[Sizes, Sizes]:
    """The constants that sizes make, and the shapes of all values, where axes of these names have these sizes."""
    own = onnx.ModelProto()
    own.CopyFrom(model)
    graph = own.graph
    del graph.value_info[:]
    for value in graph.input:
        for d in value.type.tensor_type.shape.dim:
            if d.dim_param and d.dim_param in free:
                d.dim_value = free[d.dim_param]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")
    known = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    given = set(known)
    while True:
        own = shape_inference.infer_shapes(own, data_prop=True)
        graph = own.graph
        shapes = dict(_shapes(graph))
        kept = [node for node in graph.node if not _fold(node, known, shapes, own)]
        if len(kept) == len(graph.node):
            return {name: x for name, x in known.items() if name not in given}, shapes
        del graph.node[:]
        graph.node.extend(kept)
        held = {c.name for c in graph.initializer}
        graph.initializer.extend(numpy_helper.from_array(x, n) for n, x in known.items() if n not in held)


def _shapes(graph: onnx.GraphProto) -> Iterator[tuple[str, np.ndarray]]:
    """The shapes that are known as a whole."""
    for value in (*graph.input, *graph.value_info, *graph.output):
        kind = value.type.tensor_type
        if value.type.HasField("tensor_type") and kind.HasField("shape"):
            dims = [d.dim_value if d.HasField("dim_value") else None for d in kind.shape.dim]
            if None not in dims:
                yield value.name, np.array(dims, np.int64)


def _fold(node: onnx.NodeProto, known: Sizes, shapes: Sizes, model: onnx.ModelProto) -> bool:
    """Compute a node of small constants, or of a known shape."""
    if node.op_type in ("Shape", "Size"):
        shape = known[node.input[0]].shape if node.input[0] in known else shapes.get(node.input[0])
        if shape is None:
            return False
        whole, a = np.array(shape, np.int64), {x.name: x.i for x in node.attribute}
        part = whole[a.get("start", 0) : a.get("end", len(whole))]
        known[node.output[0]] = part if node.op_type == "Shape" else np.array(whole.prod())
        return True
    given = {name: known.get(name) for name in node.input if name}
    if not all(x is not None and x.size <= MOST for x in given.values()):
        return False
    try:
        known.update(zip(node.output, evaluated(node, given, model.opset_import)))
    except Exception:  # a form that the evaluator does not know: read as it stands
        return False
    return True


def evaluated(node: onnx.NodeProto, given: Sizes, opsets: Any) -> list[np.ndarray]:
    """What a node makes of constants."""
    from onnx.reference import ReferenceEvaluator

    inputs = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in given.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "constant", inputs, outputs)
    small = helper.make_model(graph, opset_imports=opsets)
    return [np.asarray(x) for x in ReferenceEvaluator(small).run(None, given)]


# -- sizes for every batch


def _common(runs: list[Sizes]) -> Sizes:
    """What is the same in all runs, as it is, and whole numbers that grow with the batch, as complex ones."""
    first = runs[0]
    found = {}
    for name, x in first.items():
        same = [run[name] for run in runs if name in run and run[name].shape == x.shape]
        if len(same) < len(runs):
            continue
        if all(np.array_equal(y, x) for y in same):
            found[name] = x
        elif x.dtype.kind == "i" and len(runs) >= len(BATCHES):
            a, b, c = (y.astype(float) for y in same[: len(BATCHES)])
            slope = (b - a) / (BATCHES[1] - BATCHES[0])
            straight = np.array_equal(a + slope * (BATCHES[2] - BATCHES[0]), c)
            if straight and all(np.array_equal(y, x) for y in same[len(BATCHES) :]):
                found[name] = a - slope * BATCHES[0] + 1j * slope
    return found


def _replaced(graph: onnx.GraphProto, node: onnx.NodeProto, made: Sizes, shapes: Sizes, spread: set[str]) -> bool:
    """Let a node take constants in the place of sizes, or be one; whether it is one now."""
    kind = node.op_type
    sizes = (
        made.get(node.input[0 if kind == "ConstantOfShape" else 1])
        if len(node.input) > 1 - (kind == "ConstantOfShape")
        else None
    )
    if sizes is None or not np.iscomplexobj(sizes):
        return False
    if kind == "Reshape":
        target = _target(sizes, shapes.get(node.input[0]))
        if target is not None:
            node.input[1] = _stored(graph, f"{node.output[0]}:sizes", target)
    elif kind == "ConstantOfShape":
        value = [v.t for v in node.attribute if v.name == "value"]
        one = numpy_helper.to_array(value[0]).reshape(()) if value else np.float32(0)
        return _repeated(graph, node, np.asarray(one), sizes, spread)
    elif kind == "Expand":
        x = next(
            (numpy_helper.to_array(c) for c in graph.initializer if c.name == node.input[0]), made.get(node.input[0])
        )
        if x is not None and not np.iscomplexobj(x):
            return _repeated(graph, node, x, sizes, spread)
        own = shapes.get(node.input[0])
        if own is not None and len(own) == len(sizes) and (own == sizes)[np.imag(sizes) != 0].all():
            held = np.where(np.imag(sizes) != 0, 1, np.real(sizes)).astype(np.int64)
            node.input[1] = _stored(graph, f"{node.output[0]}:sizes", held)
    return False


def _repeated(graph: Any, node: Any, x: np.ndarray, sizes: np.ndarray, spread: set[str]) -> bool:
    """A constant in these sizes, once where they follow the batch."""
    whole = [1 if np.imag(s) else int(np.real(s)) for s in sizes]
    _stored(graph, node.output[0], np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(whole))))
    spread.add(node.output[0])
    return True


def _target(sizes: np.ndarray, known: np.ndarray | None) -> np.ndarray | None:
    """Sizes of a Reshape with at most one -1; 0 keeps an axis."""
    sizes = np.asarray(sizes, complex).copy()
    if known is not None:
        for i in range(min(len(sizes), len(known))):
            sizes[i] = known[i] if sizes[i] == 0 else sizes[i]
        rest = sizes[sizes != -1]
        if (sizes == -1).any() and (np.imag(known) != 0).sum() <= 1 and (np.imag(rest) != 0).sum() <= 1:
            sizes[sizes == -1] = np.prod(known) / np.prod(rest)
    unknown = (np.imag(sizes) != 0) | (np.real(sizes) == -1)
    if unknown.sum() > 1:
        return None
    return np.where(unknown, -1, np.real(sizes)).astype(np.int64)


def _stored(graph: Any, name: str, x: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(x).reshape(x.shape), name))
    return name
