"""Sums, products, copies and zeros of tensors: small ones by NumPy, large ones by kernels, on all threads.

Both give the same bits. A step that is captured consists of kernels alone: while :func:`by_kernels` is on, small
tensors go through them, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np

from torch7 import arrays

from . import joining, thnn

#: Elements from which the threads share the work, so that a kernel is worth its compilation.
LARGE = 1 << 17
FLOATS = np.dtype(np.float32), np.dtype(np.float64)
LONG = np.dtype(np.int64)
_least = LARGE


@contextmanager
def by_kernels() -> Iterator[None]:
    """Tensors of any size go through kernels."""
    global _least
    before, _least = _least, 0
    try:
        yield
    finally:
        _least = before


def _fit(output: Any, *others: Any) -> bool:
    """Whether a kernel takes the arrays as they are."""
    dtype = output.dtype
    if dtype not in FLOATS:
        return False
    if not all(type(x) is np.ndarray and x.dtype is dtype and x.flags.carray for x in (output, *others)):
        return False
    return all(x is output or not np.may_share_memory(x, output) for x in others)


def _module_of(x: Any) -> Any:
    """NumPy or CuPy."""
    return np if type(x) is np.ndarray else arrays.array_module(x)


def add(x: Any, y: Any, output: Any) -> None:
    """``output = x + y``; all three have one shape and type, and ``output`` may be one of the others."""
    if output.size > _least and _fit(output, x, y):
        thnn.Sum_updateOutput(x, y, output)
    else:
        _module_of(output).add(x, y, output)


def subtract(x: Any, y: Any, output: Any) -> None:
    """``output = x - y``"""
    if output.size > _least and _fit(output, x, y):
        thnn.Difference_updateOutput(x, y, output)
    else:
        _module_of(output).subtract(x, y, output)


def multiply(x: Any, y: Any, output: Any) -> None:
    """``output = x * y``, element by element."""
    if output.size > _least and _fit(output, x, y):
        thnn.ElementProduct_updateOutput(x, y, output)
    else:
        _module_of(output).multiply(x, y, output)


def negate(x: Any, output: Any) -> None:
    """``output = -x``"""
    if output.size > _least and _fit(output, x):
        thnn.Negative_updateOutput(x, output)
    else:
        _module_of(output).negative(x, output)


def copy(x: Any, output: Any) -> None:
    """``output = x``, of one number of elements; zeros where ``x`` is None."""
    if x is None:
        zero(output)
    elif output.size > _least and _fit(output, x):
        thnn.Copy_updateOutput(x, output)
    else:
        output[...] = x if x.shape == output.shape else x.reshape(output.shape)


def zero(x: Any) -> None:
    """Set all elements to zero."""
    captured = _least == 0 and x.dtype == LONG and type(x) is np.ndarray and x.flags.carray
    if x.size > _least and (captured or _fit(x)):
        thnn.clear(x)
    else:
        x.fill(0)


def join(table: list, axis: int, output: Any) -> None:
    """``output`` = the tensors of a table, joined along a 0-based axis; those of other types are converted."""
    if output.size > _least and _fit(output, *table):
        start = 0
        for x in table:
            if x.size:
                _strip(thnn.Join_updateOutput, output, axis, start, x)
            start += x.shape[axis]
    else:
        _module_of(output).concatenate(table, axis, out=output, casting="unsafe")


def split(whole: Any, axis: int, table: list) -> None:
    """The tensors of a table = the parts of ``whole`` along a 0-based axis."""
    offset = 0
    for x in table:
        part(whole, axis, offset, x, joining.part(whole, axis, offset, x.shape[axis]))
        offset += x.shape[axis]


def part(whole: Any, axis: int, start: int, x: Any, window: Any) -> None:
    """``x`` = the part of ``whole`` from 0-based ``start`` along an axis, of which ``window`` is the view."""
    if x.size and whole.size > _least and _fit(whole, x):
        _strip(thnn.Join_updateGradInput, whole, axis, start, x)
    else:
        x[...] = window


def _strip(run: Callable, whole: Any, axis: int, start: int, x: Any) -> None:
    """Call ``run`` for ``x``, which is rows of ``count`` elements in rows of ``step`` elements of ``whole``."""
    step = prod(whole.shape[axis:])
    unit = step // whole.shape[axis]
    run(x.reshape(-1), whole.reshape(-1), unit * x.shape[axis], step, unit * start)
