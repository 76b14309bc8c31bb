"""Operations on values: arithmetic, reductions, what moves elements."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from torch7.onnx import NotExportable

from ..graph import Graph, Value

#: ``rule(graph, arguments in order, settings, output)``.
OPERATIONS: dict[str, Any] = {}
KINDS = {
    "add": "Add", "subtract": "Sub", "multiply": "Mul", "true_divide": "Div", "divide": "Div", "power": "Pow",
    "matmul": "MatMul", "maximum": "Max", "minimum": "Min", "negative": "Neg", "exp": "Exp", "log": "Log",
    "tanh": "Tanh", "sqrt": "Sqrt", "absolute": "Abs", "positive": "Identity", "less": "Less", "greater": "Greater",
    "less_equal": "LessOrEqual", "greater_equal": "GreaterOrEqual", "equal": "Equal", "logical_and": "And",
    "logical_or": "Or", "logical_not": "Not", "sign": "Sign", "floor": "Floor", "ceil": "Ceil", "rint": "Round",
    "isnan": "IsNaN", "isinf": "IsInf", "sin": "Sin", "cos": "Cos", "tan": "Tan", "arctan": "Atan", "sinh": "Sinh",
    "cosh": "Cosh", "reciprocal": "Reciprocal",
}  # fmt: skip
SHORT = {"sub": "subtract", "mul": "multiply", "truediv": "true_divide", "pow": "power", "neg": "negative"}
SHORT |= {"pos": "positive", "abs": "absolute"}


def operation(*names: str) -> Any:
    def put(rule: Any) -> Any:
        OPERATIONS.update(dict.fromkeys(names, rule))
        return rule

    return put


def rule_of(name: str) -> Any:
    """The rule of an operator, a method or a NumPy function; operators that are reflected turn their operands."""
    own = name.strip("_")
    if own in OPERATIONS:
        return OPERATIONS[own]
    full = SHORT.get(own, own)
    if full in KINDS:
        return lambda g, x, s, y: element_wise(g, full, x, y)
    for mark in ("r", "i"):
        full = SHORT.get(own[1:], own[1:])
        if name.startswith("__") and own[:1] == mark and full in KINDS:
            turn = slice(None, None, -1 if mark == "r" else 1)
            return lambda g, x, s, y: element_wise(g, full, x[turn], y)
    raise NotExportable(f"operation {own}")


def element_wise(g: Graph, name: str, x: Any, y: Value) -> str:
    """Numbers take the type of what they go with."""
    kind, dtype = KINDS[name], next(v.array.dtype for v in x if isinstance(v, Value))
    if kind in ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "MatMul") and y.array.dtype.kind == "f":
        dtype = np.dtype(np.float32)
    return g.op(kind, *(typed(g, v, dtype) for v in x))


def typed(g: Graph, v: Any, dtype: Any) -> Any:
    """A value, or a constant, of a type."""
    code = {"f": 1, "i": 7, "b": 9}
    if not isinstance(v, Value):
        return g.constant(v, {"f": np.float32, "i": np.int64, "b": np.bool_}[dtype.kind])
    return v if v.array.dtype.kind == dtype.kind else g.op("Cast", v, to=code[dtype.kind])


@operation("square")
def square(g: Graph, x: tuple, s: Any, y: Any) -> str:
    return g.op("Mul", x[0], x[0])


@operation("not_equal")
def not_equal(g: Graph, x: tuple, s: Any, y: Any) -> str:
    return g.op("Not", element_wise(g, "equal", x, y))


@operation("astype")
def as_type(g: Graph, x: tuple, s: Any, y: Any) -> str:
    return typed(g, x[0], np.dtype({"u": "i"}.get(x[1].kind, x[1].kind)))


@operation("where")
def where(g: Graph, x: tuple, s: Any, y: Value) -> str:
    return g.op("Where", typed(g, x[0], np.dtype(bool)), *(typed(g, v, y.array.dtype) for v in x[1:]))


@operation("clip")
def clip(g: Graph, x: tuple, s: Any, y: Any) -> str:
    low, high = (*x[1:], s.get("a_min"), s.get("a_max"))[:2]
    name: Any = x[0]
    for kind, bound in (("Max", low), ("Min", high)):
        name = name if bound is None else g.op(kind, name, bound)
    return g.op("Identity", name) if name is x[0] else name


# -- reductions

REDUCTIONS = {"sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "amax": "ReduceMax"}
REDUCTIONS |= {"amin": "ReduceMin"}


def _reduction(kind: str) -> Any:
    def rule(g: Graph, x: tuple, s: Any, y: Any) -> Any:
        value, axes = x[0], x[1] if len(x) > 1 else s.get("dim", s.get("axis"))
        if isinstance(axes, Value):  # of two arrays
            return g.op(kind.removeprefix("Reduce"), value, axes)
        keep = bool(x[2] if len(x) > 2 else s.get("keepdim", s.get("keepdims", False)))
        name = value.name
        axes = list(range(value.ndim)) if axes is None else [axes] if isinstance(axes, int) else list(axes)
        for axis in sorted({a % value.ndim for a in axes}, reverse=True):
            name = g.reduce(kind, name, axis, keep)
        name = g.op("Identity", name) if name == value.name else name
        if not isinstance(y, list):
            return name
        place = kind.replace("Reduce", "Arg")  # max(dim=) has values and places
        return [name, g.op(place, value, axis=axes[0] % value.ndim, keepdims=int(keep))]

    return rule


OPERATIONS |= {name: _reduction(kind) for name, kind in REDUCTIONS.items()}


def _place_of(kind: str) -> Any:
    def rule(g: Graph, x: tuple, s: Any, y: Value) -> str:
        axis = x[1] if len(x) > 1 else s.get("axis")
        if axis is None:
            return g.op(kind, g.reshape(x[0], [-1]), axis=0, keepdims=0)
        return g.op(kind, x[0], axis=axis % x[0].ndim, keepdims=int(bool(s.get("keepdims"))))

    return rule


OPERATIONS |= {"argmax": _place_of("ArgMax"), "argmin": _place_of("ArgMin")}


# -- what moves elements


@operation("reshape", "view", "flatten", "ravel", "squeeze", "unsqueeze", "expand_dims")
def reshaped(g: Graph, x: tuple, s: Any, y: Value) -> str:
    return g.reshape(x[0], y.sizes)


def permutation(name: str, ndim: int, axes: tuple, settings: dict) -> list[int]:
    """The order of the axes; two numbers swap, but for ``permute``; a tuple of them is NumPy's."""
    axes = tuple(settings.values()) or axes
    two = len(axes) == 2
    axes = tuple(axes[0]) if len(axes) == 1 and isinstance(axes[0], tuple | list) else axes
    if not axes or axes == (None,):
        return list(range(ndim))[::-1]
    axes = tuple(a % ndim for a in axes)
    if name == "swapaxes" or (name == "transpose" and two):
        order = list(range(ndim))
        order[axes[0]], order[axes[1]] = axes[1], axes[0]
        return order
    return list(axes)


for _name in ("transpose", "permute", "swapaxes", "t"):
    OPERATIONS[_name] = lambda g, x, s, y, n=_name: g.op("Transpose", x[0], perm=permutation(n, x[0].ndim, x[1:], s))


@operation("concatenate")
def joined(g: Graph, x: tuple, s: Any, y: Value) -> str:
    axis = (x[1] if len(x) > 1 else s.get("axis", 0)) % y.ndim
    return g.op("Concat", *(typed(g, v, y.array.dtype) for v in x[0]), axis=axis)


@operation("stack")
def stacked(g: Graph, x: tuple, s: Any, y: Value) -> str:
    axis = (x[1] if len(x) > 1 else s.get("axis", 0)) % y.ndim
    rows = [g.op("Unsqueeze", typed(g, v, y.array.dtype), g.integers(axis)) for v in x[0]]
    return g.op("Concat", *rows, axis=axis)


@operation("split", "chunk")
def split(g: Graph, x: tuple, s: Any, y: list[Value]) -> list[str]:
    """As many parts as there are results, one behind the other."""
    axis = (x[2] if len(x) > 2 else s.get("axis", s.get("dim", 0))) % x[0].ndim
    if x[0].sizes[axis] is None:
        raise g.refuse("a split of an axis that follows the batch")
    ends = np.cumsum([0, *(v.shape[axis] for v in y)])
    return [g.slice(x[0], axis, int(a), int(b)) for a, b in pairwise(ends)]


@operation("getitem")
def indexed(g: Graph, x: tuple, s: Any, y: Value) -> str:
    """Slices, then places, then new axes; one array of places at most."""
    value, index = x[0], x[1] if isinstance(x[1], tuple) else (x[1],)
    used = sum(i is not None and i is not Ellipsis for i in index)
    if not any(i is Ellipsis for i in index):
        index = (*index, Ellipsis)
    at = next(n for n, i in enumerate(index) if i is Ellipsis)
    full = [*index[:at], *[slice(None)] * (value.ndim - used), *index[at + 1 :]]
    taken = [i for i in full if i is not None]
    name = _sliced(g, value, taken)
    if sum(isinstance(i, Value | np.ndarray | list) for i in taken) > 1:
        raise g.refuse("several arrays of places")
    for axis in reversed(range(len(taken))):
        if not isinstance(taken[axis], slice):
            name = g.op("Gather", name, _places(g, taken[axis]), axis=axis)
    return g.reshape(name, y.sizes) if any(i is None for i in full) else name


def _sliced(g: Graph, value: Value, taken: list) -> Any:
    name: Any = value
    for axis, part in enumerate(taken):
        if isinstance(part, slice) and part != slice(None):
            step = 1 if part.step is None else part.step
            start = part.start if part.start is not None else 0 if step > 0 else -1
            stop = part.stop if part.stop is not None else 2**31 - 1 if step > 0 else -(2**31)
            name = g.op("Slice", name, *(g.integers(int(n)) for n in (start, stop, axis, step)))
    return g.op("Identity", name) if isinstance(name, Value) else name


def _places(g: Graph, places: Any) -> Any:
    kind = places.array.dtype.kind if isinstance(places, Value) else np.asarray(places).dtype.kind
    if kind == "b":
        raise g.refuse("an index of booleans")
    return places if isinstance(places, Value) else g.constant(places, np.int64)
