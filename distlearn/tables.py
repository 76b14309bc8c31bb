"""Nested tables of tensors: walking them, and what they hold in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from torch7 import arrays


def walkTable(table: Any, function: Callable[[Any], Any]) -> Any:
    """Call ``function`` on every entry of a nested table, in the order of its keys, and return the table.

    What it returns takes the entry's place unless it is None. ``table`` may be a single tensor or number.
    Source: torch-ipc.
    """
    if isinstance(table, tuple):
        return tuple(walkTable(value, function) for value in table)
    if not isinstance(table, list | dict):
        result = function(table)
        return table if result is None else result
    for key in keys(table):
        table[key] = walkTable(table[key], function)
    return table


def keys(table: list | tuple | dict) -> list:
    """The positions of a list, or the keys of a dict: numbers in their order, then strings."""
    if isinstance(table, dict):
        return sorted(
            table, key=lambda key: (isinstance(key, str), str(type(key)) if isinstance(key, str) else "", key)
        )
    return list(range(len(table)))


def entries(value: Any) -> Iterator[Any]:
    """All tensors and numbers in a nested table, in the order of its keys."""
    if isinstance(value, list | tuple | dict):
        for key in keys(value):
            yield from entries(value[key])
    else:
        yield value


def tensors(value: Any, what: str) -> list:
    """The tensors in a nested table, each once; ``TypeError`` or ``ValueError`` where one cannot be written to."""
    found = list(entries(value))
    for number, x in enumerate(found, 1):
        if not arrays.is_array(x):
            raise TypeError(f"{what}: entry {number} must be a tensor, got {arrays.describe(x)}")
        if not getattr(x.flags, "writeable", True):
            raise ValueError(f"{what}: entry {number}, {describe(x)}, is read-only")
        if x.dtype.kind not in "fiucbV":
            raise TypeError(f"{what}: entry {number} holds {x.dtype}, no numbers")
    return distinct(found, what)


def distinct(found: list, what: str) -> list:
    """``found`` without tensors that came before; ``ValueError`` where two share a part of their memory only."""
    placed: dict[tuple, int] = {}
    for number, x in enumerate(found, 1):
        placed.setdefault((arrays.address(x), x.shape, x.strides), number)
    unique = [found[number - 1] for number in placed.values()]
    before: list[tuple[int, int]] = []
    for low, high, number in sorted((*span(x), number) for x, number in zip(unique, placed.values()) if x.size):
        before = [(end, other) for end, other in before if end > low]
        for _, other in before:
            if meet(found[other - 1], found[number - 1]):
                raise ValueError(f"{what}: entries {other} and {number} share a part of their memory")
        before.append((high, number))
    return unique


def meet(a: Any, b: Any) -> bool:
    """Whether two tensors have an element in common."""
    return not isinstance(a, np.ndarray) or np.shares_memory(a, b)


def span(x: Any) -> tuple[int, int]:
    """The first address of ``x``'s elements and the one behind the last."""
    low = arrays.address(x) + sum(min(0, (n - 1) * stride) for n, stride in zip(x.shape, x.strides))
    high = arrays.address(x) + sum(max(0, (n - 1) * stride) for n, stride in zip(x.shape, x.strides))
    return low, high + x.itemsize


def describe(x: Any) -> str:
    """A tensor's sizes and dtype, ``'3x4 float32'``; the type of what is none."""
    if not arrays.is_array(x):
        return type(x).__name__
    return f"{'x'.join(map(str, x.shape)) or '0-dimensional'} {x.dtype}"
