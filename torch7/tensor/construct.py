"""New tensors: ``Tensor(...)`` and its types, zeros, ones, eye, range, linspace, logspace, diag, tril, triu, cat."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import singledispatch
from itertools import count, takewhile
from math import floor
from typing import Any

import numpy as np

from ..arrays import (
    array_module,
    cast,
    default_dtype,
    describe,
    dtype_of,
    getdefaulttensortype,
    is_array,
    module_of,
    type_name,
)
from .checks import destination, need_tensor, position_of, same_type, sizes_of, store


def Tensor(*args: Any) -> Any:
    """``torch.Tensor(...)``: a tensor of the default type.

    ``Tensor()`` is empty; ``Tensor(2, 3)`` or ``Tensor((2, 3))`` has these sizes and holds zeros;
    ``Tensor([[1, 2], [3, 4]])`` has the values of the lists, which may be dicts with keys from 1; ``Tensor(x)`` is
    another view of the memory of ``x``, which must have the same type.
    """
    return _make(getdefaulttensortype(), args)


Tensor.typename = "torch.Tensor"


def new(x: Any, *args: Any) -> Any:
    """``x.new(...)`` of Lua: as :func:`Tensor`, with the type and device of ``x``."""
    return _make(type_name(need_tensor(x)), args)


def _make(name: str, args: tuple) -> Any:
    if not args:
        args = ((0,),)
    if len(args) == 1 and is_array(args[0]):
        if type_name(args[0]) != name:
            raise TypeError(
                f"{name} cannot share the memory of {describe(args[0])}: convert with torch7.type(x, {name!r})"
            )
        return args[0].view()
    xp, dtype = module_of(name), dtype_of(name)
    table = listed(args[0]) if len(args) == 1 else None
    if isinstance(table, list):
        return xp.asarray(_values(table, dtype))
    return xp.zeros(sizes_of(args), dtype)


@singledispatch
def listed(x: Any) -> Any:
    """``x`` itself, or the places 1 to n of a table as a list."""
    return x


@listed.register
def _(x: dict) -> Any:
    places = takewhile(x.__contains__, count(1))
    return [listed(x[i]) for i in places] or x


def _values(table: list, dtype: np.dtype) -> np.ndarray:
    """The numbers of nested lists (or of arrays in a list) as C would convert them."""
    try:
        values = np.array(table)
        with np.errstate(invalid="ignore"):
            return values.astype(dtype) if values.dtype.kind in "iuf" else np.array(table, dtype)
    except (TypeError, ValueError) as e:
        raise ValueError(f"a tensor needs numbers in lists of equal lengths: {e}") from None


def _constructor(name: str) -> Callable[..., Any]:
    def construct(*args: Any) -> Any:
        return _make(name, args)

    construct.__name__ = construct.__qualname__ = name.split(".")[1]
    construct.__doc__ = f"``{name}(...)``: as :func:`Tensor`, of this type."
    construct.typename = name
    return construct


DoubleTensor = _constructor("torch.DoubleTensor")
FloatTensor = _constructor("torch.FloatTensor")
HalfTensor = _constructor("torch.HalfTensor")
LongTensor = _constructor("torch.LongTensor")
IntTensor = _constructor("torch.IntTensor")
ShortTensor = _constructor("torch.ShortTensor")
CharTensor = _constructor("torch.CharTensor")
ByteTensor = _constructor("torch.ByteTensor")
CudaTensor = _constructor("torch.CudaTensor")
CudaDoubleTensor = _constructor("torch.CudaDoubleTensor")
CudaHalfTensor = _constructor("torch.CudaHalfTensor")
CudaLongTensor = _constructor("torch.CudaLongTensor")
CudaIntTensor = _constructor("torch.CudaIntTensor")
CudaShortTensor = _constructor("torch.CudaShortTensor")
CudaCharTensor = _constructor("torch.CudaCharTensor")
CudaByteTensor = _constructor("torch.CudaByteTensor")


def LongStorage(*sizes: Any) -> tuple[int, ...]:
    """``torch.LongStorage{2, 3}``, sizes: ``LongStorage([2, 3])`` is ``(2, 3)``, ``LongStorage(3)`` three zeros."""
    if len(sizes) == 1 and not isinstance(sizes[0], list | tuple):
        return (0,) * sizes_of(sizes)[0]
    return sizes_of(sizes)


@destination(sources=0)
def zeros(*sizes: Any) -> Any:
    """A tensor of ``sizes`` filled with 0."""
    return _make(getdefaulttensortype(), (sizes_of(sizes),))


@destination(sources=0)
def ones(*sizes: Any) -> Any:
    """A tensor of ``sizes`` filled with 1."""
    x = zeros(*sizes)
    x.fill(1)
    return x


@destination(sources=0)
def eye(n: int, m: int | None = None) -> Any:
    """The identity of n x n, or its first n rows and m columns."""
    name = getdefaulttensortype()
    return module_of(name).eye(*sizes_of((n, n if m is None else m)), dtype=dtype_of(name))


@destination(sources=0)
def range(first: float, last: float, step: float | None = None) -> Any:
    """``first, first + step, ...`` up to and with ``last``; step 1."""
    step = 1 if step is None else step
    if step == 0 or (last - first) / step < 0:
        raise ValueError(f"range from {first} to {last} is empty for step {step}")
    values = first + step * np.arange(floor((last - first) / step + 1), dtype=np.float64)
    return cast(values, getdefaulttensortype())


@destination(sources=0)
def linspace(first: float, last: float, n: int | None = None) -> Any:
    """``n`` (100) equidistant points from ``first`` to ``last``."""
    return cast(_points(first, last, n), getdefaulttensortype())


@destination(sources=0)
def logspace(first: float, last: float, n: int | None = None) -> Any:
    """``n`` (100) points from 10^first to 10^last whose logarithms are equidistant."""
    return cast(10 ** _points(first, last, n), getdefaulttensortype())


def _points(first: float, last: float, n: int | None) -> np.ndarray:
    n = 100 if n is None else n
    if n < 1 or (n == 1 and first != last):
        raise ValueError(f"{n} points cannot reach from {first} to {last}")
    real = default_dtype()
    first, last = real.type(first), real.type(last)
    return first + np.arange(n, dtype=real) * ((last - first) / real.type(builtins.max(n - 1, 1)))


@destination()
def diag(x: Any, k: int | None = None) -> Any:
    """The ``k``-th diagonal (0, the main one) of a matrix, or the matrix that has the vector ``x`` there."""
    _of_dimension(x, (1, 2), "diag")
    return array_module(x).diag(x, *sizes_of((k or 0,))).copy()


@destination()
def tril(x: Any, k: int | None = None) -> Any:
    """The matrix ``x`` on and below its ``k``-th diagonal, 0 above."""
    return array_module(_of_dimension(x, (2,), "tril")).tril(x, *sizes_of((k or 0,)))


@destination()
def triu(x: Any, k: int | None = None) -> Any:
    """The matrix ``x`` on and above its ``k``-th diagonal, 0 below."""
    return array_module(_of_dimension(x, (2,), "triu")).triu(x, *sizes_of((k or 0,)))


def _of_dimension(x: Any, allowed: tuple[int, ...], name: str) -> Any:
    if need_tensor(x).ndim not in allowed:
        raise ValueError(f"{name} takes a {' or '.join(f'{n}-D' for n in allowed)} tensor, got {describe(x)}")
    return x


def cat(*args: Any) -> Any:
    """``torch.cat([res,] x, y[, dim])`` or ``torch.cat([res,] [x, y, ...][, dim])``: tensors joined along ``dim``.

    ``dim`` is the last dimension unless given; one that the tensors do not have counts as of size 1, so vectors are
    joined into columns by ``dim = 2``. Tensors without elements are left out. Other sizes must agree.
    """
    tensors, res = _cat_arguments(args)
    dim = args[-1] if not isinstance(args[-1], list | tuple) and not is_array(args[-1]) else None
    parts = [x for x in tensors if x.size]
    if not parts:
        return tensors[0][:0] if res is None else res
    for x in parts:
        same_type(parts[0], x)
    n = builtins.max(x.ndim for x in parts)
    axis = position_of(n if dim is None else dim, builtins.max(n, dim or 0), "dimension")
    n = builtins.max(n, axis + 1)
    parts = [x.reshape(x.shape + (1,) * (n - x.ndim)) for x in parts]
    for x in parts:
        if x.shape[:axis] + x.shape[axis + 1 :] != parts[0].shape[:axis] + parts[0].shape[axis + 1 :]:
            raise ValueError(f"cat along dimension {axis + 1}: sizes differ: {describe(parts)}")
    joined = array_module(parts[0]).concatenate(parts, axis)
    return joined if res is None else store(res, joined)


def _cat_arguments(args: tuple) -> tuple[Any, Any]:
    """The tensors to join and the destination, if any."""
    if args and isinstance(args[0], list | tuple):
        return args[0], None
    if len(args) > 1 and isinstance(args[1], list | tuple):
        return args[1], args[0]
    tensors = [x for x in args if is_array(x)]
    if len(tensors) not in (2, 3):
        raise TypeError("cat takes ([res,] x, y[, dim]) or ([res,] [x, y, ...][, dim])")
    return tensors[-2:], tensors[0] if len(tensors) == 3 else None
