"""Numbers that a kernel computes and that stay on the GPU until somebody asks for them.

A loss is such a number: a step of training waits for nothing as long as it is only multiplied, added and kept. What
asks for its value, ``float(loss)``, a comparison or printing it, waits for the GPU.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

#: Slots that are made together, and terms a sum has before it is read.
BLOCK, MOST_TERMS = 256, 32
#: Device -> slots that nobody holds.
_free: dict[int, list[Any]] = {}


class Slot:
    """Two float64 on the GPU: the number, and -1 or the place of a fault that the kernel met.

    ``refuse``, called with that place, raises the error.
    """

    def __init__(self, refuse: Callable[[int], None] | None = None) -> None:
        cupy = arrays.cupy()
        self.device, self.refuse = cupy.cuda.runtime.getDevice(), refuse
        free = _free.setdefault(self.device, [])
        if not free:
            free.extend(cupy.empty((BLOCK, 2), np.float64))
        self.memory = free.pop()
        self.value: float | None = None

    def read(self) -> float:
        """The number; waits for the GPU the first time."""
        if self.value is None:
            value, fault = self.memory.get().tolist()
            if fault >= 0 and self.refuse is not None:
                self.refuse(int(fault))
            self.value = value
        return self.value

    def __del__(self) -> None:
        memory = getattr(self, "memory", None)
        if memory is not None:
            _free[self.device].append(memory)


class Result:
    """``constant + sum of factor * slot``: a number that waits for the GPU when its value is asked for."""

    __slots__ = ("constant", "terms")

    def __init__(self, terms: tuple[tuple[float, Slot], ...], constant: float = 0.0) -> None:
        self.terms, self.constant = terms, constant

    def __float__(self) -> float:
        value = self.constant
        for factor, slot in self.terms:
            value += factor * slot.read()
        return value

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, int | float):
            return float(self) * other
        return Result(tuple([(factor * other, slot) for factor, slot in self.terms]), self.constant * other)

    def __truediv__(self, other: Any) -> Any:
        return self * (1 / other) if isinstance(other, int | float) and other else float(self) / other

    def __add__(self, other: Any) -> Any:
        if isinstance(other, int | float):
            return Result(self.terms, self.constant + other)
        if isinstance(other, Result) and len(self.terms) + len(other.terms) <= MOST_TERMS:
            return Result(self.terms + other.terms, self.constant + other.constant)
        return float(self) + (float(other) if isinstance(other, Result) else other)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __neg__(self) -> Result:
        return self * -1.0

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    __rmul__, __radd__ = __mul__, __add__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(float(self), dtype)

    def __reduce__(self) -> tuple:
        return float, (float(self),)

    def __deepcopy__(self, memo: dict) -> float:
        return float(self)


def _by_value(operation: Callable) -> Callable:
    return lambda self, *others: operation(float(self), *others)


_ASKING = [
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "hash",
    "bool",
    "int",
    "abs",
    "round",
    "trunc",
    "floor",
    "ceil",
    "repr",
    "format",
    "pow",
    "rpow",
    "rtruediv",
    "mod",
    "rmod",
    "pos",
]
for _method in (f"__{name}__" for name in [*_ASKING, "floordiv", "rfloordiv"]):
    setattr(Result, _method, _by_value(getattr(float, _method)))
numbers.Real.register(Result)


def result(slot: Slot) -> Result:
    """The number in a slot."""
    return Result(((1.0, slot),))
