"""The forms of functions of each element: ``f`` makes a new tensor, ``f_`` writes into its first argument.

``f(x, ...)`` is Lua's ``torch.f(x, ...)`` and ``f(res, x, ...)`` its destination form; ``f_(x, ...)`` is ``x:f(...)``
and ``f_(res, x, ...)`` is ``res:f(x, ...)``. The tensors of a call have one type and one number of elements, whatever
their sizes; the result has the sizes of ``x``. Where Torch had the C function too, ``f`` takes numbers alone and gives
a number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import array_module, default_dtype, is_array
from ..lua import is_number
from .checks import need_float, need_tensor, same_count, scalar, view_as_shape

Operation = Callable[..., Any]


def as_bytes(f: Operation) -> Operation:
    """Decorator: let ``f`` see masks (bool arrays) as the ByteTensors of 0 and 1 that they are in Torch.

    A mask that ``f`` writes to takes the result where that is 0 and 1 everywhere; else it is a ``TypeError``.
    """

    @functools.wraps(f)
    def call(*args: Any, **named: Any) -> Any:
        for x in args:
            if _is_mask(x):
                break
        else:
            return f(*args, **named)
        bytes_ = [x.astype(np.uint8) if _is_mask(x) else x for x in args]
        result = f(*bytes_, **named)
        for mask, x in zip(args, bytes_):
            if x is not mask and (result is x or getattr(result, "base", None) is x):
                return _write_mask(mask, x)
        return result

    return call


def _is_mask(x: Any) -> bool:
    return is_array(x) and x.dtype.char == "?"


def _write_mask(mask: Any, x: Any) -> Any:
    if (x > 1).any():
        raise TypeError("a mask holds 0 and 1 only: take the result of the form without underscore, or torch7.byte(x)")
    mask[...] = x
    return mask


def result_for(res: Any, x: Any) -> Any:
    """The array that the result for ``x`` is written to: a new one, or ``res`` in the shape of ``x``."""
    if res is None:
        return array_module(x).empty(x.shape, x.dtype)
    if res is x or res.shape == x.shape:
        return same_count(x, res)
    same_count(x, res)
    return view_as_shape(res, x.shape)


def pair(name: str, n: int, run: Operation, doc: str, numbers: int = 0) -> tuple[Operation, Operation]:
    """``f`` and ``f_`` of ``n`` arguments from ``run(res, x, ...)``.

    Where ``numbers`` is not 0, ``f`` takes numbers alone too: the first ``numbers`` of them in the place of tensors.
    """

    def check(args: tuple, counts: tuple[int, int]) -> None:
        if len(args) not in counts:
            raise TypeError(f"{name} takes {n} argument{'s' * (n > 1)} and a destination, got {len(args)}")

    def f(*args: Any) -> Any:
        check(args, (n, n + 1))
        if numbers and len(args) == n and all(map(is_number, args)):
            return _of_numbers(run, numbers, args)
        return run(*args) if len(args) == n + 1 else run(None, *args)

    def f_(*args: Any) -> Any:
        check(args, (n, n + 1))
        return run(*args) if len(args) == n + 1 else run(args[0], *args)

    doc_of_f = f"{doc} Of {'a number' if n == 1 else 'numbers'} a number." if numbers else doc
    for function, its_name, its_doc in ((f, name, doc_of_f), (f_, name + "_", f"{doc} In place.")):
        function.__name__ = function.__qualname__ = its_name
        function.__doc__ = its_doc
    return as_bytes(f), as_bytes(f_)


def _of_numbers(run: Operation, tensors: int, args: tuple) -> float:
    """``run`` for numbers, in the precision of the default type; the first ``tensors`` of them stand for tensors."""
    dtype = default_dtype() if default_dtype().kind == "f" else np.dtype(np.float64)
    return run(None, *(np.full(1, value, dtype) for value in args[:tensors]), *args[tensors:]).item()


def unary(
    name: str, op: Operation | None = None, doc: str | None = None, ints: bool = False, numbers: int = 1
) -> tuple[Operation, Operation]:
    """``f([res,] x)``; ``op(xp, x, out)`` computes, by default the ufunc of this name."""
    op = op or (lambda xp, x, out: getattr(xp, name)(x, out=out))

    def run(res: Any, x: Any) -> Any:
        x = need_tensor(x) if ints else need_float(x, name)
        out = result_for(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, out)
        return out

    return pair(name, 1, run, doc or f"``{name}`` of each element.", numbers)


def with_value(name: str, op: Operation, doc: str, ints: bool = True) -> tuple[Operation, Operation]:
    """``f([res,] x, value)``; ``op(xp, x, value, out)`` computes."""

    def run(res: Any, x: Any, value: float) -> Any:
        x = need_tensor(x) if ints else need_float(x, name)
        value, out = scalar(x, value), result_for(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, value, out)
        return out

    return pair(name, 2, run, doc)


def with_tensor(
    name: str, op: Operation, doc: str, values: bool = False, numbers: int = 0
) -> tuple[Operation, Operation]:
    """``f([res,] x, y)``; with ``values``, ``y`` may be a number; ``op(xp, x, y, out)`` computes."""

    def run(res: Any, x: Any, y: Any) -> Any:
        y = scalar(need_tensor(x), y) if values and is_number(y) else same_count(x, y)
        out = result_for(res, x)
        with np.errstate(all="ignore"):
            op(array_module(x), x, y, out)
        return out

    return pair(name, 2, run, doc, numbers)
