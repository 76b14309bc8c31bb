"""More operations that a tape records: they repeat, take, order and sum elements.

The functions take a value first; :mod:`.values` gives them PyTorch's names as methods, and NumPy's functions lead here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .checks import dimension
from .fitting import reduced
from .functional.distance import norm, norm_slope
from .operations import _unary, array_of, value_of
from .tape import Value


def _numbers(given: tuple) -> tuple:
    """Numbers one by one, or in one list."""
    return tuple(given[0]) if len(given) == 1 and isinstance(given[0], (tuple, list)) else given


def expanded(x: Value, *sizes: Any) -> Value:
    """Axes of one element repeated to these sizes, without copies; -1 keeps one."""
    sizes = _numbers(sizes)
    own = (1,) * (len(sizes) - x.ndim) + x.shape
    shape = tuple(n if s == -1 else s for s, n in zip(sizes, own))
    return _unary(x, np.broadcast_to(x.data, shape), lambda g: reduced(g, x.shape))


def tiled(x: Value, *times: Any) -> Value:
    """The array repeated so often along each axis."""
    times = _numbers(times)
    rank = max(len(times), x.ndim)
    times, own = (1,) * (rank - len(times)) + times, (1,) * (rank - x.ndim) + x.shape
    parts = [n for pair in zip(times, own) for n in pair]
    return _unary(
        x, np.tile(x.data, times), lambda g: g.reshape(parts).sum(tuple(range(0, 2 * rank, 2))).reshape(x.shape)
    )


def _along(x: Value, dim: int, index: Any) -> tuple:
    return (*[slice(None)] * dimension(dim, x.ndim), index)


def selected(x: Value, dim: int, index: Any) -> Value:
    """The places ``index``, one, a slice or several, of one axis."""
    return x[_along(x, dim, index)]


def unbound(x: Value, dim: int = 0) -> tuple:
    """The slices of an axis, without it."""
    return tuple(selected(x, dim, i) for i in range(x.shape[dim]))


def in_parts(x: Value, size: Any, dim: int = 0) -> tuple:
    """Parts of so many places along an axis, the last one smaller, or of the sizes given."""
    n = x.shape[dim]
    sizes = [min(size, n - k) for k in range(0, n, size)] if isinstance(size, (int, np.integer)) else list(size)
    if sum(sizes) != n:
        raise ValueError(f"split: sizes {sizes} do not add up to {n}")
    ends = np.cumsum(sizes)
    return tuple(selected(x, dim, slice(end - k, end)) for k, end in zip(sizes, ends.tolist()))


def gathered(x: Value, dim: int, index: Any) -> Value:
    """``x[i][index[i][j]]`` along an axis: an element for each of ``index``."""
    index, axis = array_of(index), dimension(dim, x.ndim)
    places = np.ix_(*(np.arange(n) for n in index.shape))
    where = (*places[:axis], index, *places[axis + 1 :])
    return x[where]


def filled(x: Value, mask: Any, number: float) -> Value:
    """``number`` where the mask holds."""
    return np.where(mask, x.dtype.type(number), x)


def triangle(x: Value, upper: bool, diagonal: int = 0) -> Value:
    """The upper or the lower triangle of matrices, zeros beside it."""
    keep = (np.triu if upper else np.tril)(np.ones(x.shape[-2:], bool), diagonal)
    return np.where(keep, x, x.dtype.type(0))


def flipped(x: Value, *dims: Any) -> Value:
    """Axes turned round."""
    dims = _numbers(dims)
    return _unary(x, np.flip(x.data, dims), lambda g: np.flip(g, dims))


def rolled(x: Value, shifts: Any, dims: Any = None) -> Value:
    """Elements shifted along axes, those at the end to the begin."""
    back = tuple(-s for s in shifts) if isinstance(shifts, (tuple, list)) else -shifts
    return _unary(x, np.roll(x.data, shifts, dims), lambda g: np.roll(g, back, dims))


def cumulated(x: Value, dim: int) -> Value:
    """Sums from the begin of an axis up to each place."""
    return _unary(
        x, np.cumsum(x.data, dim, dtype=x.dtype), lambda g: np.flip(np.cumsum(np.flip(g, dim), dim, dtype=g.dtype), dim)
    )


def clamped(x: Value, min: Any = None, max: Any = None) -> Value:
    """The nearest number between the limits; at a limit the gradient passes."""
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    inside = (x.data >= low) & (x.data <= high)
    return _unary(x, np.clip(x.data, x.dtype.type(low), x.dtype.type(high)), lambda g: g * inside)


def normed(x: Value, p: float = 2, dim: Any = None, keepdim: bool = False) -> Value:
    """The p-norm over axes, or of all elements; its gradient is 0 where it is 0."""
    p = 2 if p == "fro" else p
    axes = tuple(dim) if isinstance(dim, list) else tuple(range(x.ndim)) if dim is None else dim
    result = norm(x.data, p, axes)

    def backward(g: Any) -> Any:
        return np.reshape(g, result.shape) * norm_slope(x.data, result, p, axes)

    return _unary(x, result if keepdim else result.squeeze(axes), backward)


def moved(x: Value, source: Any, destination: Any) -> Value:
    """An axis at another place."""
    return _unary(x, np.moveaxis(x.data, source, destination), lambda g: np.moveaxis(g, destination, source))


def einsum(text: str, *operands: Any) -> Value:
    """``numpy.einsum`` with the result's letters behind ``->``; ``TypeError`` for repeated letters in one operand."""
    left, arrow, right = text.replace(" ", "").partition("->")
    letters = left.split(",")
    if not arrow or "." in text or any(len(set(s)) < len(s) for s in letters):
        raise TypeError(f"einsum {text!r} has no recorded gradient: write it out, each letter once an operand, with ->")
    values, arrays = [value_of(x) for x in operands], [array_of(x) for x in operands]

    def backward(g: Any) -> tuple:
        return tuple(None if v is None else by_one(i, g) for i, v in enumerate(values))

    def by_one(i: int, g: Any) -> Any:
        others = [j for j in range(len(arrays)) if j != i]
        known = set(right).union(*(letters[j] for j in others))
        kept = "".join(c for c in letters[i] if c in known)
        formula = ",".join([right, *(letters[j] for j in others)]) + "->" + kept
        grad = np.einsum(formula, g, *(arrays[j] for j in others), optimize=True)
        missing = tuple(k for k, c in enumerate(letters[i]) if c not in known)  # summed before anything else
        return np.broadcast_to(np.expand_dims(grad, missing), arrays[i].shape).astype(arrays[i].dtype, copy=True)

    tape = next(v for v in values if v is not None).tape
    return tape.record(np.einsum(text, *arrays, optimize=True), tuple(values), backward)
