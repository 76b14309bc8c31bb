"""Numbers that a kernel computes and that stay on the GPU until somebody asks for them.

A loss is such a number: a step of training waits for nothing as long as it is only multiplied, added and kept. What
asks for its value, ``float(loss)``, a comparison or printing it, waits for the GPU.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

#: Slots that are made together, and terms a sum has before the GPU adds them up.
BLOCK, MOST_TERMS = 256, 32
#: Device -> rows that nobody holds: the row, the block it is of, and where in it.
_free: dict[int, list[Any]] = {}
#: Faults that are told when a number is read, those of at most so many calls.
_watched: list[Slot] = []
WATCHED = 256


class Slot:
    """Two float64 on the GPU: the number, and -1 or the place of a fault that the kernel met.

    ``refuse``, called with that place, raises the error.
    """

    def __init__(self, refuse: Callable[[int], None] | None = None) -> None:
        cupy = arrays.cupy()
        self.device, self.refuse = cupy.cuda.runtime.getDevice(), refuse
        free = _free.setdefault(self.device, [])
        if not free:
            block = cupy.empty((BLOCK, 2), np.float64)
            free.extend((block[n], block, n) for n in range(BLOCK))
        self.row = free.pop()
        self.memory = self.row[0]
        self.value: float | None = None

    def read(self) -> float:
        """The number; waits for the GPU the first time."""
        if self.value is None:
            settle()
            self.take(*self.memory.get().tolist())
        return self.value

    def take(self, value: float, fault: float) -> None:
        """What stood in the memory."""
        if fault >= 0 and self.refuse is not None:
            self.refuse(int(fault))
        self.value = value

    def there(self) -> Any:
        """The number on the GPU."""
        return self.memory[0]

    def __del__(self) -> None:
        row = getattr(self, "row", None)
        if row is not None and _free is not None:  # None while Python ends
            _free[self.device].append(row)

    def copied(self) -> Slot:
        """What stands in it by now, which later kernels do not change."""
        own = Slot(self.refuse)
        own.memory[...] = self.memory
        return own


class Fault:
    """The place of what a kernel found wrong, or -1; to ask for it waits for the GPU, to watch it does not."""

    def __init__(self, write: Callable[[Any], None]) -> None:
        self.slot = Slot()
        write(self.slot.memory)

    def __int__(self) -> int:
        return int(self.slot.memory.get()[1])

    def __ge__(self, other: Any) -> bool:
        return int(self) >= other

    def watch(self, refuse: Callable[[int], None]) -> None:
        """Have ``refuse`` called with the place, if there is one, once a number is read."""
        self.slot.refuse = refuse
        _watched.append(self.slot)
        if len(_watched) > WATCHED:
            settle()


def suspect(wrong: Any, refuse: Callable[[int], None]) -> None:
    """Have ``refuse`` called with 0 once a number is read, if an element of ``wrong`` is true."""

    def write(slot: Any) -> None:
        slot[1] = wrong.any() * 1.0 - 1

    Fault(write).watch(refuse)


def watched(count: int) -> list[Slot]:
    """Those that are watched but the first ``count``; they are no longer."""
    taken = _watched[count:]
    del _watched[count:]
    return taken


def watch_copies(slots: list[Slot]) -> int:
    """Watch what stands in slots by now; how many are watched."""
    _watched.extend(slot.copied() for slot in slots)
    if len(_watched) > WATCHED:
        settle()
    return len(_watched)


def settle() -> None:
    """Tell the first fault that is watched; waits for the GPU if there are any."""
    slots, blocks = _watched[:], {}
    _watched.clear()
    for slot in slots:
        _, block, n = slot.row
        if id(block) not in blocks:
            blocks[id(block)] = block.get()
        slot.take(*blocks[id(block)][n].tolist())


class Held(Slot):
    """A number that other kernels made: an array of one element. ``checked``: what must be no fault when it is read."""

    def __init__(self, array: Any, *checked: Result) -> None:
        self.array, self.checked, self.refuse = array, checked, int if any(x.may_fail() for x in checked) else None
        self.value: float | None = None

    def read(self) -> float:
        if self.value is None:
            settle()
            for x in self.checked if self.refuse else ():
                float(x)
            self.value = float(self.array)
        return self.value

    def there(self) -> Any:
        return self.array

    def copied(self) -> Held:
        return Held(self.array.copy(), *self.checked)

    def __del__(self) -> None:
        """The array goes as arrays do."""


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

    def array(self, checked: bool = True) -> Any:
        """The number as an array without dimensions; waits where it may be a fault, if that is to be checked."""
        if checked and self.may_fail():
            float(self)
        total = sum(slot.there() * factor for factor, slot in self.terms)
        return total + self.constant

    def may_fail(self) -> bool:
        """Whether to read it may raise an error."""
        return any(slot.refuse is not None for _, slot in self.terms)

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, int | float):
            return float(self) * other
        return Result(tuple([(factor * other, slot) for factor, slot in self.terms]), self.constant * other)

    def __truediv__(self, other: Any) -> Any:
        return self * (1 / other) if isinstance(other, int | float) and other else float(self) / other

    def __add__(self, other: Any) -> Any:
        if isinstance(other, int | float):
            return Result(self.terms, self.constant + other)
        if not isinstance(other, Result):
            return float(self) + other
        if len(self.terms) + len(other.terms) > MOST_TERMS:
            return result(Held(self.array(False) + other.array(False), self, other))
        return Result(self.terms + other.terms, self.constant + other.constant)

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


def quotient(total: Any, count: Any) -> Result:
    """``total / count``: a result or an array of one element, and a number or a result, of which faults are told."""
    if not isinstance(count, Result):
        count = float(count)
        return (total if isinstance(total, Result) else result(Held(total))) * (1 / count if count else math.nan)
    divisor = count.array(False)
    total = total.array() if isinstance(total, Result) else total
    return result(Held(total / divisor, count))


def result(slot: Slot) -> Result:
    """The number in a slot."""
    return Result(((1.0, slot),))
