"""Largest, smallest and sorted elements: values together with **1-based** indices, the dimension kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import array_module
from .checks import axis_of, destination, is_boolean, need_elements, need_tensor, number, position_of
from .forms import as_bytes
from .selection import kth_places


@as_bytes
@destination(results=2)
def max(x: Any, dim: int | None = None) -> Any:
    """``max(x)``, a number, or ``values, indices = max(x, dim)``; the first one of equals, NaN above all."""
    if dim is None:
        return number(need_elements(x, "max").max())
    return _at(x, need_elements(x, "max").argmax(axis_of(x, dim), keepdims=True), axis_of(x, dim))


@as_bytes
@destination(results=2)
def min(x: Any, dim: int | None = None) -> Any:
    """``min(x)``, a number, or ``values, indices = min(x, dim)``; the first one of equals, NaN below all."""
    if dim is None:
        return number(need_elements(x, "min").min())
    return _at(x, need_elements(x, "min").argmin(axis_of(x, dim), keepdims=True), axis_of(x, dim))


@as_bytes
@destination(results=2)
def sort(x: Any, dim: int | bool | None = None, descending: bool | None = None) -> Any:
    """``values, indices = sort(x, dim, descending)``: ascending along the last dimension; stable.

    ``dim`` may be left out: ``sort(x, True)`` is descending.
    """
    if is_boolean(dim):
        dim, descending = None, dim
    axis = axis_of(need_tensor(x), x.ndim if dim is None else dim)
    return _at(x, _order(x, axis, bool(descending)), axis)


@as_bytes
@destination(results=2)
def topk(
    x: Any,
    k: int | bool | None = None,
    dim: int | bool | None = None,
    largest: bool | None = None,
    sorted: bool | None = None,
) -> Any:
    """``values, indices = topk(x, k, dim, largest, sorted)``: the ``k`` (1) **smallest** along the last dimension.

    ``largest`` asks for the largest. The result is always in order, whatever ``sorted`` says. ``k`` and ``dim`` may be
    left out: ``topk(x, 2, True)`` are the two largest.
    """
    if is_boolean(k):
        k, dim, largest = None, None, k
    elif is_boolean(dim):
        dim, largest = None, dim
    axis = axis_of(need_tensor(x), x.ndim if dim is None else dim)
    k = 1 if k is None else k
    count = 1 + position_of(k, x.shape[axis], "k")
    return _at(x, _take(_order(x, axis, bool(largest)), slice(0, count), axis), axis)


@as_bytes
@destination(results=2)
def kthvalue(x: Any, k: int, dim: int | None = None) -> Any:
    """``values, indices = kthvalue(x, k, dim)``: the ``k``-th smallest along the last dimension or ``dim``.

    Of equal elements the index is the one that Torch's selection ends at.
    """
    axis = axis_of(need_tensor(x), x.ndim if dim is None else dim)
    position = position_of(k, x.shape[axis], "k")
    xp = array_module(x)
    rows = xp.moveaxis(x, axis, -1)
    places = kth_places(rows.reshape(-1, rows.shape[-1]), position).reshape(*rows.shape[:-1], 1)
    return _at(x, xp.moveaxis(places, -1, axis), axis)


@as_bytes
@destination(results=2)
def median(x: Any, dim: int | None = None) -> Any:
    """``values, indices = median(x, dim)`` along the last dimension or ``dim``; of two in the middle the lower."""
    dim = need_elements(x, "median").ndim if dim is None else dim
    return kthvalue(x, (x.shape[axis_of(x, dim)] + 1) // 2, dim)


@as_bytes
@destination(results=2)
def mode(x: Any, dim: int | None = None) -> Any:
    """``values, indices = mode(x, dim)``: the most frequent along the last dimension or ``dim``, the least of equals.

    The index is that of its last occurrence. No NaN equals another, and NaN comes after all numbers.
    """
    axis = axis_of(need_elements(x, "mode"), x.ndim if dim is None else dim)
    xp = array_module(x)
    rows = xp.moveaxis(x, axis, -1)
    indices = xp.asarray([_mode(row) for row in rows.reshape(-1, rows.shape[-1]).tolist()], np.int64)
    return _at(x, xp.moveaxis(indices.reshape(*rows.shape[:-1], 1), -1, axis), axis)


def _mode(row: list) -> int:
    order = np.argsort(row, kind="stable")
    values = np.array(row)[order]
    ends = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    return int(order[ends[np.diff(ends, prepend=-1).argmax()]])


def _order(x: Any, axis: int, descending: bool) -> Any:
    """Positions that sort ``x`` along ``axis``; equals keep their order."""
    xp = array_module(x)
    if not descending:
        return xp.argsort(x, axis, kind="stable")
    flipped = xp.argsort(xp.flip(x, axis), axis, kind="stable")
    return x.shape[axis] - 1 - xp.flip(flipped, axis)


def _take(x: Any, part: slice, axis: int) -> Any:
    return x[(slice(None),) * axis + (part,)]


def _at(x: Any, positions: Any, axis: int) -> tuple[Any, Any]:
    """The elements at 0-based ``positions`` and their 1-based indices."""
    return array_module(x).take_along_axis(x, positions, axis), positions.astype(np.int64) + 1
