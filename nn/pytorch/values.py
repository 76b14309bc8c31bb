"""Operators and methods of a value on a tape; :mod:`.operations` says what they record."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

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


def _flatten(self: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    start, end = start_dim % self.ndim, end_dim % self.ndim
    return reshaped(self, (*self.shape[:start], prod(self.shape[start : end + 1]), *self.shape[end + 1 :]))


def _squeeze(self: Value, dim: Any = None) -> Value:
    if dim is not None and self.shape[dim] != 1:
        return self
    return reshaped(self, np.squeeze(self.data, dim).shape)


def _numpy_transpose(self: Value, *axes: Any) -> Value:
    """Two numbers swap these dimensions, as in PyTorch; otherwise the order of all of them, as in NumPy."""
    return swapped(self, *axes) if len(axes) == 2 and self.ndim != 2 else permuted(self, *axes)


def _chunk(self: Value, chunks: int, dim: int = 0) -> list[Value]:
    step = -(-self.shape[dim] // chunks)
    return split(self, list(range(step, self.shape[dim], step)), dim)


for _name, _method in {
    "sum": _reduction(sum_of), "mean": _reduction(mean_of), "max": _reduction(extreme_of("max")),
    "min": _reduction(extreme_of("min")), "reshape": reshaped, "view": reshaped, "permute": permuted,
    "transpose": _numpy_transpose, "swapaxes": swapped, "flatten": _flatten, "ravel": lambda self: reshaped(self, -1),
    "squeeze": _squeeze, "unsqueeze": lambda self, dim: reshaped(self, np.expand_dims(self.data, dim).shape),
    "contiguous": lambda self: self, "chunk": _chunk, "pow": lambda self, n: apply(np.power, self, n),
    "matmul": lambda self, other: apply(np.matmul, self, other),
    "t": lambda self: permuted(self),
}.items():  # fmt: skip
    setattr(Value, _name, _method)
Value.T = property(permuted)  # type: ignore[attr-defined]
