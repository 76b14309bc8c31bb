"""Sizes that a file computes while it runs, from Shape on, made constants before it is read.

A size is a + b N, N the batch: a complex number whose imaginary part is b. Other free sizes are NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

PASSES = 12
#: Nodes that make sizes of sizes.
ARITHMETIC: dict[str, Callable] = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}
Sizes = dict[str, np.ndarray]


def settled(model: onnx.ModelProto) -> tuple[onnx.ModelProto, set[str]]:
    """The model with the sizes of Reshape, Expand and ConstantOfShape as constants, -1 for the batch.

    Also the names of constants that were to be repeated over the batch, of which they hold one.
    """
    spread: set[str] = set()
    for _ in range(PASSES):
        model = shape_inference.infer_shapes(model, data_prop=True)
        if not _pass(model.graph, spread):
            break
    return model, spread


def _pass(graph: onnx.GraphProto, spread: set[str]) -> bool:
    constants = {c.name: numpy_helper.to_array(c) for c in graph.initializer}
    shapes = {v.name: free_shape(v) for v in (*graph.input, *graph.value_info, *graph.output)}
    found: Sizes = {}
    changed, kept = False, []
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = _constant(node)
        made = _sizes(node, constants, shapes, found)
        if made is not None:
            found[node.output[0]] = made
        if not _replaced(graph, node, constants, shapes, found, spread):
            kept.append(node)
        else:
            changed = True
            if node.op_type == "Reshape":
                kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    return changed


def free_shape(value: onnx.ValueInfoProto) -> np.ndarray | None:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
        return None
    dims = [d.dim_value if d.HasField("dim_value") else 1j if i == 0 else np.nan for i, d in enumerate(kind.shape.dim)]
    return np.array(dims, complex)


def _constant(node: onnx.NodeProto) -> np.ndarray:
    (attribute,) = node.attribute
    value = onnx.helper.get_attribute_value(attribute)
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def _sizes(node: onnx.NodeProto, constants: dict, shapes: dict, found: Sizes) -> np.ndarray | None:
    """What a node makes of sizes, where it makes any."""
    if node.op_type == "Shape":
        whole = shapes.get(node.input[0])
        a = {x.name: x.i for x in node.attribute}
        return None if whole is None else whole[a.get("start", 0) : a.get("end", len(whole))]
    given = [found.get(name, constants.get(name)) for name in node.input]
    if not any(name in found for name in node.input) or any(x is None for x in given):
        return None
    x = [np.asarray(v) for v in given]
    a = {v.name: onnx.helper.get_attribute_value(v) for v in node.attribute}
    kind = node.op_type
    if kind in ARITHMETIC:
        both = kind == "Mul" and np.imag(x[0]).any() and np.imag(x[1]).any()
        return None if both else ARITHMETIC[kind](*x)
    if kind == "Div":
        return None if np.imag(x[1]).any() else _divided(x[0], np.real(x[1]))
    if kind == "Gather":
        return np.take(x[0], np.real(x[1]).astype(int), a.get("axis", 0))
    if kind == "Concat":
        return np.concatenate([v.reshape(-1) for v in x])
    if kind in ("Unsqueeze", "Squeeze", "Cast", "Identity"):
        return (
            x[0].reshape(() if kind == "Squeeze" and x[0].size == 1 else (-1,)) if "squeeze" in kind.lower() else x[0]
        )
    if kind == "Slice" and len(x) >= 3:
        start, end = (int(np.real(v.reshape(-1)[0])) for v in x[1:3])
        return x[0][start:end:] if len(x) < 5 or x[4] == 1 else None
    if kind == "Slice":
        return x[0][a["starts"][0] : a["ends"][0]]
    return None


def _divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whole numbers are divided as whole numbers are; shares of the batch must be whole."""
    quotient = a / b
    return np.where(np.imag(a) == 0, np.floor(np.real(quotient)), quotient)


def _replaced(
    graph: onnx.GraphProto, node: onnx.NodeProto, constants: dict, shapes: dict, found: Sizes, spread: set[str]
) -> bool:
    """Put constants in the place of what a node takes or makes; whether anything changed."""
    if node.op_type == "Reshape" and node.input[1] in found:
        sizes = _target(found[node.input[1]], shapes.get(node.input[0]), shapes.get(node.output[0]))
        if sizes is None:
            return False
        node.input[1] = _stored(graph, f"{node.output[0]}:sizes", sizes)
        return True
    if node.op_type == "ConstantOfShape" and node.input[0] in found:
        sizes, value = found[node.input[0]], [v.t for v in node.attribute if v.name == "value"]
        one = numpy_helper.to_array(value[0]).reshape(()) if value else np.float32(0)
        return _repeated(graph, node, np.asarray(one), sizes, spread)
    if node.op_type == "Expand" and node.input[0] in constants and node.input[1] in found:
        return _repeated(graph, node, constants[node.input[0]], found[node.input[1]], spread)
    return False


def _repeated(graph: Any, node: Any, x: np.ndarray, sizes: np.ndarray, spread: set[str]) -> bool:
    """A constant in these sizes, once where they follow the batch."""
    if np.isnan(sizes).any():
        return False
    whole = [1 if np.imag(s) else int(np.real(s)) for s in sizes]
    _stored(graph, node.output[0], np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(whole))))
    if np.imag(sizes).any():
        spread.add(node.output[0])
    return True


def _target(sizes: np.ndarray, known: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    """Sizes of a Reshape with at most one -1; 0 keeps an axis."""
    sizes = np.asarray(sizes, complex).copy()
    if known is not None:
        for i in range(min(len(sizes), len(known))):
            sizes[i] = known[i] if sizes[i] == 0 else sizes[i]
        rest = sizes[sizes != -1]
        free = (sizes == -1).any() and not np.isnan(known).any() and not np.isnan(rest).any()
        if free and (np.imag(known) != 0).sum() <= 1 and (np.imag(rest) != 0).sum() <= 1:
            sizes[sizes == -1] = np.prod(known) / np.prod(rest)
    unknown = np.isnan(sizes) | (np.imag(sizes) != 0) | (np.real(sizes) == -1)
    if unknown.sum() > 1:
        return None
    return np.where(unknown, -1, np.real(sizes)).astype(np.int64)


def _stored(graph: onnx.GraphProto, name: str, x: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(x), name))
    return name
