"""Operators and methods of a value on a tape; :mod:`.operations` says what they record."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import numpy as np

from . import arranging as more
from . import functional as F
from .checks import dimension
from .operations import (
    FUNCTIONS,
    UFUNCS,
    apply,
    array_of,
    extreme_of,
    indexed,
    mean_of,
    permuted,
    reshaped,
    split,
    sum_of,
    swapped,
    unrecorded,
)
from .overwriting import overwrite
from .tape import Value, active


def _array_ufunc(self: Value, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
    if not active.recording and (method != "__call__" or settings):
        return unrecorded(getattr(ufunc, method), *inputs, **settings)
    if method != "__call__" or settings:
        raise TypeError(
            f"{ufunc.__name__}.{method} with {settings} has no recorded gradient: use plain {ufunc.__name__}"
        )
    return apply(ufunc, *inputs)


def _array_function(self: Value, function: Any, types: Any, args: Any, settings: Any) -> Any:
    rule = FUNCTIONS.get(function)
    if rule is None and not active.recording:
        return unrecorded(function, *args, **settings)
    if rule is None:
        raise TypeError(f"{function.__name__} has no recorded gradient: use a module, an F function, or write backward")
    return rule(*args, **settings)


Value.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Value.__array_function__ = _array_function  # type: ignore[attr-defined]
Value.__getitem__ = indexed  # type: ignore[attr-defined]
Value.__iter__ = lambda self: (self[i] for i in range(len(self)))  # type: ignore[attr-defined]
_BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide}


def _of_two(ufunc: Any) -> Callable:
    """The operator of two values; of a value and something else it is :func:`.operations.apply`'s affair."""
    rule = UFUNCS[ufunc]

    def operator(self: Value, other: Any) -> Value:
        if type(other) is not Value:
            return apply(ufunc, self, other)
        x, y = self.data, other.data
        result = ufunc(x, y)
        alike = x.shape == y.shape != () and x.dtype is y.dtype
        return self.tape.record_operation(result, (self, other), rule, (x, y, result), alike)

    return operator


for _name, _operation in (_BINARY | {"pow": np.power, "matmul": np.matmul}).items():
    setattr(Value, f"__{_name}__", _of_two(_operation))
    setattr(Value, f"__r{_name}__", lambda self, other, f=_operation: apply(f, other, self))
for _name, _operation in _BINARY.items():
    setattr(Value, f"__i{_name}__", lambda self, other, f=_operation: overwrite(self, apply(f, self, other)))
for _name, _operation in {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal
}.items():  # fmt: skip
    setattr(Value, f"__{_name}__", lambda self, other, f=_operation: f(self.data, array_of(other)))
Value.__hash__ = object.__hash__  # type: ignore[method-assign]
for _name, _operation in {
    "neg": np.negative, "pos": np.positive, "abs": np.absolute
}.items():  # fmt: skip
    setattr(Value, f"__{_name}__", lambda self, f=_operation: apply(f, self))
for _name, _operation in {
    "exp": np.exp, "log": np.log, "tanh": np.tanh, "sqrt": np.sqrt, "abs": np.absolute, "square": np.square
}.items():  # fmt: skip
    setattr(Value, _name, lambda self, f=_operation: apply(f, self))


def _reduction(rule: Callable) -> Callable:
    """A method that takes ``dim, keepdim`` or NumPy's ``axis, keepdims``."""

    def method(
        self: Value, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False
    ) -> Value:
        return rule(self, dim if axis is None else axis, keepdim or keepdims)

    return method


class Extremes(NamedTuple):
    """The largest or smallest numbers along a dimension, and where they are."""

    values: Value
    indices: Any


def _extreme(name: str, of_two: Callable) -> Callable:
    """NumPy's ``max(axis, keepdims=)``; PyTorch's ``max(dim=, keepdim=)`` gives values and places; of two arrays."""
    rule, places = extreme_of(name), getattr(np, f"arg{name}")

    def method(
        self: Value, axis: Any = None, keepdim: bool | None = None, *, dim: Any = None, keepdims: bool = False
    ) -> Any:
        if isinstance(axis, (Value, np.ndarray)):
            return apply(of_two, self, axis)
        if dim is None and keepdim is None:
            return rule(self, axis, keepdims)
        dim = axis if dim is None else dim
        found = places(self.data, dim, keepdims=bool(keepdim))
        return Extremes(rule(self, dim, bool(keepdim)), found)

    return method


def _flatten(self: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    start, end = dimension(start_dim, self.ndim), dimension(end_dim, self.ndim)
    return reshaped(self, (*self.shape[:start], prod(self.shape[start : end + 1]), *self.shape[end + 1 :]))


def _squeeze(self: Value, dim: Any = None) -> Value:
    if dim is not None and self.shape[dim] != 1:
        return self
    return reshaped(self, np.squeeze(self.data, dim).shape)


def _numpy_transpose(self: Value, *axes: Any) -> Value:
    """Two numbers swap these dimensions, as in PyTorch; otherwise the order of all of them, as in NumPy."""
    return swapped(self, *axes) if len(axes) == 2 else permuted(self, *axes)


def _chunk(self: Value, chunks: int, dim: int = 0) -> list[Value]:
    step = -(-self.shape[dim] // chunks)
    return split(self, list(range(step, self.shape[dim], step)), dim)


for _name, _method in {
    "sum": _reduction(sum_of), "mean": _reduction(mean_of), "max": _extreme("max", np.maximum),
    "min": _extreme("min", np.minimum), "reshape": reshaped, "view": reshaped, "permute": permuted,
    "transpose": _numpy_transpose, "swapaxes": swapped, "flatten": _flatten, "ravel": lambda self: reshaped(self, -1),
    "squeeze": _squeeze, "unsqueeze": lambda self, dim: reshaped(self, np.expand_dims(self.data, dim).shape),
    "contiguous": lambda self: self, "chunk": _chunk, "pow": lambda self, n: apply(np.power, self, n),
    "matmul": lambda self, other: apply(np.matmul, self, other),
    "t": lambda self: permuted(self),
}.items():  # fmt: skip
    setattr(Value, _name, _method)


def _var(self: Value, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> Value:
    away = self - self.mean(dim, True)  # type: ignore[attr-defined]
    squares = (away * away).sum(dim, keepdim)
    count = self.data.size // max(1, squares.data.size) - unbiased
    return squares * self.dtype.type(1 / count if count > 0 else float("nan"))


#: The names that PyTorch's tensors have for what NumPy does by functions, made of what has a name here where they can.
for _name, _method in {
    "expand": more.expanded, "expand_as": lambda self, other: more.expanded(self, other.shape), "repeat": more.tiled,
    "select": more.selected, "index_select": more.selected, "unbind": more.unbound, "split": more.in_parts,
    "narrow": lambda self, dim, start, length: more.selected(self, dim, slice(start, start + length)),
    "gather": more.gathered, "masked_fill": more.filled, "tril": lambda self, diagonal=0: np.tril(self, diagonal),
    "triu": lambda self, diagonal=0: np.triu(self, diagonal), "flip": more.flipped, "roll": more.rolled,
    "cumsum": more.cumulated, "clamp": more.clamped, "var": _var, "std": lambda self, *args, **settings: np.sqrt(
        _var(self, *args, **settings)
    ),
    "view_as": lambda self, other: self.reshape(other.shape), "mm": lambda self, other: self @ other,
    "bmm": lambda self, other: self @ other, "add": lambda self, other: self + other,
    "sub": lambda self, other: self - other, "mul": lambda self, other: self * other,
    "div": lambda self, other: self / other, "neg": lambda self: -self,
    "relu": lambda self: F.relu(self), "sigmoid": lambda self: F.sigmoid(self),
    "softmax": lambda self, dim: F.softmax(self, dim), "log_softmax": lambda self, dim: F.log_softmax(self, dim),
    "argmax": lambda self, dim=None, keepdim=False: np.argmax(self.data, dim, keepdims=keepdim),
    "argmin": lambda self, dim=None, keepdim=False: np.argmin(self.data, dim, keepdims=keepdim),
    "norm": more.normed, "sin": lambda self: np.sin(self), "cos": lambda self: np.cos(self),
}.items():  # fmt: skip
    setattr(Value, _name, _method)
FUNCTIONS.update({
    np.broadcast_to: more.expanded, np.tile: more.tiled, np.flip: lambda x, axis: more.flipped(x, axis),
    np.roll: lambda x, shift, axis=None: more.rolled(x, shift, axis), np.moveaxis: more.moved, np.einsum: more.einsum,
    np.cumsum: lambda x, axis: more.cumulated(x, axis), np.tril: lambda x, k=0: more.triangle(x, False, k),
    np.triu: lambda x, k=0: more.triangle(x, True, k), np.argmax: lambda x, axis=None: np.argmax(x.data, axis),
    np.take: lambda x, index, axis: more.selected(x, axis, index),
    np.take_along_axis: lambda x, index, axis: more.gathered(x, axis, index),
})  # fmt: skip
Value.T = property(permuted)  # type: ignore[attr-defined]
