"""Parts of a tensor: narrow, select, sub and ``x[{...}]`` are views; index, gather, masks take and write elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import array_module, describe, is_array, type_name
from ..lua import is_number
from .checks import axis_of, destination, need_tensor, number, position_of, positions_of, same_type, scalar
from .forms import as_bytes


def narrow(x: Any, dim: int, first: int, size: int) -> Any:
    """The view of ``size`` slices along ``dim`` from the ``first`` on."""
    axis = axis_of(need_tensor(x), dim)
    start = position_of(first, x.shape[axis])
    if not 1 <= size <= x.shape[axis] - start:
        raise IndexError(f"narrow: {size} slices from {first} on are not in dimension {dim} of {describe(x)}")
    return x[(slice(None),) * axis + (slice(start, start + int(size)),)]


def select(x: Any, dim: int, index: int) -> Any:
    """The view of slice ``index`` along ``dim``, without that dimension; of a vector the number."""
    axis = axis_of(need_tensor(x), dim)
    part = x[(slice(None),) * axis + (position_of(index, x.shape[axis]),)]
    return number(part) if x.ndim == 1 else part


def sub(x: Any, *bounds: int) -> Any:
    """``x:sub(first, last, ...)``: the view of the slices first..last of dimension 1, then of dimension 2, ...

    Both ends belong to the view; negative numbers count from the end, -1 is the last.
    """
    if len(bounds) % 2 or not 1 <= len(bounds) // 2 <= need_tensor(x).ndim:
        raise ValueError(f"sub takes a first and a last for each of up to {x.ndim} dimensions of {describe(x)}")
    pairs = zip(bounds[::2], bounds[1::2], x.shape)
    return x[tuple(_slice(first, last, n) for first, last, n in pairs)]


def _slice(first: int, last: int, n: int) -> slice:
    start, end = _from_end(first, n), _from_end(last, n)
    if end < start:
        raise IndexError(f"the range {first}..{last} is empty")
    return slice(start, end + 1)


def _from_end(index: int, n: int) -> int:
    return position_of(index + n + 1 if index < 0 else index, n)


def at(x: Any, *items: Any) -> Any:
    """Lua's ``x[i]`` and ``x[{...}]``: ``at(x, 2)``, ``at(x, [[1, 3], [], -1])``, ``at(x, mask)``.

    An item is an index (1-based, negative from the end; its dimension disappears), ``[first, last]``, ``[index]`` (the
    dimension stays) or ``[]`` (all). The result is a view, or a number when every dimension is indexed; write to it
    with ``at(x, ...)[...] = value``. A ByteTensor gives a copy of the elements it marks.
    """
    if len(items) == 1 and is_array(items[0]):
        return maskedSelect(x, items[0])
    items = items[0] if len(items) == 1 and isinstance(items[0], list | tuple) else items
    if len(items) > need_tensor(x).ndim:
        raise IndexError(f"{len(items)} indices for {describe(x)}")
    part = x[tuple(_item(item, n) for item, n in zip(items, x.shape))]
    return number(part) if part.ndim == 0 else part


def _item(item: Any, n: int) -> Any:
    if is_number(item):
        return _from_end(item, n)
    if len(item) == 0:
        return slice(None)
    return _slice(item[0], item[-1], n)


@destination()
def index(x: Any, dim: int, indices: Any) -> Any:
    """A copy of the slices along ``dim`` that ``indices`` (LongTensor or list, 1-based) names."""
    axis = axis_of(need_tensor(x), dim)
    return x.take(positions_of(indices, x.shape[axis], x), axis)


def indexCopy(x: Any, dim: int, indices: Any, y: Any) -> Any:
    """Slice ``indices[i]`` of ``x`` along ``dim`` becomes slice i of ``y``; returns ``x``."""
    x[_slices(x, dim, indices)] = _slices_of(x, dim, indices, y)
    return x


@as_bytes
def indexAdd(x: Any, dim: int, indices: Any, y: Any) -> Any:
    """Slice i of ``y`` is added to slice ``indices[i]`` of ``x`` along ``dim``, as often as named; returns ``x``."""
    array_module(x).add.at(x, _slices(x, dim, indices), _slices_of(x, dim, indices, y))
    return x


def indexFill(x: Any, dim: int, indices: Any, value: float) -> Any:
    """The slices ``indices`` of ``x`` along ``dim`` become ``value``; returns ``x``."""
    x[_slices(x, dim, indices)] = scalar(x, value)
    return x


def _slices(x: Any, dim: int, indices: Any) -> tuple:
    axis = axis_of(need_tensor(x), dim)
    return (slice(None),) * axis + (positions_of(indices, x.shape[axis], x),)


def _slices_of(x: Any, dim: int, indices: Any, y: Any) -> Any:
    axis = axis_of(x, dim)
    shape = (*x.shape[:axis], len(indices), *x.shape[axis + 1 :])
    if same_type(x, y).shape != shape:
        raise ValueError(f"{len(indices)} slices along dimension {dim} of {describe(x)} are not {describe(y)}")
    return y


@destination()
def gather(x: Any, dim: int, indices: Any) -> Any:
    """``result[i][j] = x[indices[i][j]][j]`` for dim 1, and so on: a tensor of the sizes of ``indices``."""
    axis, places = _places(x, dim, indices)
    return array_module(x).take_along_axis(x, places, axis)


def scatter(x: Any, dim: int, indices: Any, source: Any) -> Any:
    """``x[indices[i][j]][j] = source[i][j]`` for dim 1, and so on; ``source`` may be a number; returns ``x``."""
    axis, places = _places(x, dim, indices)
    if is_number(source):
        source = scalar(x, source)
    elif same_type(x, source).shape != places.shape:
        raise ValueError(f"scatter needs one source element an index, got {describe(source)} for {describe(places)}")
    array_module(x).put_along_axis(x, places, source, axis)
    return x


@as_bytes
def scatterAdd(x: Any, dim: int, indices: Any, source: Any) -> Any:
    """``x[indices[i][j]][j] += source[i][j]`` for dim 1, and so on; returns ``x``."""
    axis, places = _places(x, dim, indices)
    if same_type(x, source).shape != places.shape:
        raise ValueError(f"scatterAdd needs one source element an index, got {describe(source)} for {describe(places)}")
    xp = array_module(x)
    where = list(xp.ogrid[tuple(slice(n) for n in places.shape)])
    where[axis] = places
    xp.add.at(x, tuple(where), source)
    return x


def _places(x: Any, dim: int, indices: Any) -> tuple[int, Any]:
    axis = axis_of(need_tensor(x), dim)
    places = positions_of(indices, x.shape[axis], x)
    other = [(m, n) for d, (m, n) in enumerate(zip(places.shape, x.shape)) if d != axis]
    if places.ndim != x.ndim or any(m != n for m, n in other):
        raise ValueError(f"indices must agree with {describe(x)} but for dimension {dim}, got {describe(places)}")
    return axis, places


def _mask(x: Any, mask: Any) -> Any:
    if type_name(need_tensor(mask, "mask")).replace("Cuda", "") != "torch.ByteTensor":
        raise TypeError(f"a mask is a ByteTensor, got {describe(mask)}")
    if mask.size != need_tensor(x).size:
        raise ValueError(f"the mask {describe(mask)} does not cover {describe(x)}")
    return mask.reshape(x.shape) != 0


@destination(sources=2)
def maskedSelect(x: Any, mask: Any) -> Any:
    """A vector of the elements that ``mask``, a ByteTensor, marks, row by row."""
    return x[_mask(x, mask)]


def maskedFill(x: Any, mask: Any, value: float) -> Any:
    """The elements that ``mask`` marks become ``value``; returns ``x``."""
    x[_mask(x, mask)] = scalar(x, value)
    return x


def maskedCopy(x: Any, mask: Any, y: Any) -> Any:
    """The elements that ``mask`` marks become the elements of ``y`` in order; returns ``x``."""
    where = _mask(x, mask)
    n = int(where.sum())
    if same_type(x, y).size < n:
        raise ValueError(f"maskedCopy: {n} elements are marked, {describe(y)} has fewer")
    x[where.nonzero()] = y.reshape(-1)[:n]
    return x


@destination()
def nonzero(x: Any) -> Any:
    """The 1-based positions of the elements that are not 0, one a row: a LongTensor of count x dimensions."""
    xp = array_module(need_tensor(x))
    return xp.stack(xp.nonzero(x), axis=1).astype(np.int64) + 1


indexCopy_, indexAdd_, indexFill_, scatter_, scatterAdd_ = indexCopy, indexAdd, indexFill, scatter, scatterAdd
maskedFill_, maskedCopy_ = maskedFill, maskedCopy
