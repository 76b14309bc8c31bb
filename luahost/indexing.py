"""``x[k]`` and ``x[k] = v`` of tensors in every form: number, ``{i, {first, last}, {}}``, sizes, mask."""

from __future__ import annotations

from typing import Any

import torch7

from .convert import to_python
from .tensors import Tensor, proxy


def get(a: Any, key: Any) -> Any:
    """``x[key]``: a view, a number where every dimension is indexed, a copy for a mask."""
    if torch7.isTensor(key):
        return torch7.maskedSelect(a, key)
    return torch7.at(a, _items(key))


def set(a: Any, key: Any, value: Any) -> None:
    """``x[key] = value`` with a number or a tensor of as many elements."""
    if torch7.isTensor(key):
        if torch7.isTensor(value):
            torch7.maskedCopy(a, key, value)
        else:
            torch7.maskedFill(a, key, value)
        return
    part = _part(a, _items(key))
    if torch7.isTensor(value):
        _copy(part, value)
    elif isinstance(value, int | float):
        torch7.fill(part, value)
    else:
        raise TypeError(f"a number or tensor is assigned to elements, not {torch7.type(value)}")


def _items(key: Any) -> list:
    """The items of a key, one a dimension; ``{}`` that came as a dict is all of a dimension."""
    if isinstance(key, int | float):
        return [int(key)]
    if isinstance(key, dict):
        key = []
    if not isinstance(key, list | tuple):
        raise TypeError(f"a tensor is indexed by numbers, tables, sizes or a ByteTensor, not by {torch7.type(key)}")
    return [[] if isinstance(i, dict) else int(i) if isinstance(i, float) else i for i in key]


def part_at(x: Any, *ranges: int) -> Any:
    """The view at ranges that are inside: two numbers a dimension, first and last, or an index and 0."""
    part = x.a[_place(ranges)]
    return proxy(part) if part.ndim else part.item()


def set_part_at(x: Any, value: Any, *ranges: int) -> None:
    """Put a number or tensor there."""
    kind = type(value)
    place = _place(ranges)
    if kind is int or kind is float:
        torch7.fill(x.a[(*place, ...)], value)
    elif kind is Tensor and (part := x.a[place]).ndim:
        _copy(part, value.a)
    else:
        set(x.a, [i + 1 if type(i) is int else [i.start + 1, i.stop] for i in place], to_python(value))


def _place(ranges: tuple[int, ...]) -> tuple:
    return tuple([slice(int(i) - 1, int(j)) if j else int(i) - 1 for i, j in zip(ranges[::2], ranges[1::2])])


def _copy(part: Any, value: Any) -> None:
    if value.size != part.size:
        raise ValueError(f"inconsistent tensor size: {torch7.type(value)} of {value.size} elements into {part.size}")
    torch7.copy(part, value)


def _part(a: Any, items: list) -> Any:
    """The view that ``items`` name, also for one element."""
    whole = len(items) == a.ndim and all(isinstance(i, int) for i in items)
    if whole:
        items = [*items[:-1], [items[-1]]]
    return torch7.at(a, items)
