"""Fields that kernels take as numbers, proved right before they do.

A constructor is not the last to set a field: files and scripts do, too. A family of layers names its numbers once::

    WINDOW = Whole(kW=1, kH=1, padW=0, padH=0)      # fields and the least they may be
    SLOPES = Real("lower", "upper")

    kW, kH, padW, padH = WINDOW(self)               # ints; the cost is one look-up of the numbers proved last

What fits is also written back, a whole 3.0 as 3, so that the field is what it means.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from torch7 import arrays, registry

#: The largest size, step or border: an int of the C library.
MOST = 2**31 - 1
#: So many different tuples of numbers are remembered.
KEPT = 1024
SETTINGS = frozenset([int, float, bool])
LOW = {0: "not be negative", 1: "be greater than zero"}
INTS, PLAIN = frozenset([int]), frozenset([int, float])


class Whole:
    """Whole numbers of at least the given ones, up to :data:`MOST`: fields of a module as ints, in this order."""

    def __init__(self, **least: int) -> None:
        self.least = least
        self._read = fields(*least)
        self._proved: set[tuple] = set()

    def __call__(self, module: Any) -> tuple[int, ...]:
        numbers = self._read(module)
        try:
            if numbers in self._proved and INTS.issuperset(map(type, numbers)):
                return numbers
        except TypeError:  # a field that cannot be looked up is no number
            pass
        return self._prove(module, numbers)

    def _prove(self, module: Any, numbers: tuple) -> tuple[int, ...]:
        proved = tuple(whole(module, name, x, least) for (name, least), x in zip(self.least.items(), numbers))
        for name, x, number in zip(self.least, numbers, proved):
            if type(x) is not int:
                setattr(module, name, number)
        if len(self._proved) >= KEPT:
            self._proved.clear()
        self._proved.add(proved)
        return proved


class Real:
    """Numbers of any size: fields of a module as floats, in this order."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._read = fields(*names)

    def __call__(self, module: Any) -> tuple[float, ...]:
        numbers = self._read(module)
        if PLAIN.issuperset(map(type, numbers)):
            return tuple(map(float, numbers))
        return tuple(float(scalar(module, name, x)) for name, x in zip(self.names, numbers))


def proved(module: Any, parameters: tuple) -> tuple:
    """Settings of a kernel, numbers and flags, as given; ``TypeError`` for what is neither."""
    if SETTINGS.issuperset(map(type, parameters)):
        return parameters
    return tuple(x if type(x) is bool else float(scalar(module, "a setting", x)) for x in parameters)


def fields(*names: str) -> Callable[[Any], tuple]:
    """A function that reads these attributes of an object as a tuple."""
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda module: (read(module),)


def whole(module: Any, name: str, x: Any, least: int) -> int:
    """``x`` as an int; ``TypeError`` for what is no number, ``ValueError`` for what is not whole or out of range."""
    number = scalar(module, name, x)
    if number - number != 0 or int(number) != number:  # the difference is NaN for NaN and infinities
        raise ValueError(f"{registry.class_name(type(module))}: {name} must be a whole number, got {x!r:.40}")
    if not least <= number <= MOST:
        low = LOW.get(least, f"be {least} or more")
        limit = low if number < least else f"be at most {MOST}"
        raise ValueError(f"{registry.class_name(type(module))}: {name} should {limit}, got {x!r:.40}")
    return int(number)


def scalar(module: Any, name: str, x: Any) -> Any:
    """``x`` as a Python number; ``TypeError`` for what is none."""
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, bool) or not isinstance(x, int | float):
        raise TypeError(f"{registry.class_name(type(module))}: {name} must be a number, got {arrays.describe(x)}")
    return x
