"""Sums and their kin: over all elements a number, along a dimension a tensor that keeps the dimension with size 1.

Numbers are summed in double precision (whole numbers in 64 bits), as in Torch; ``f(res, x, dim)`` writes to ``res``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import array_module, describe
from .checks import axis_of, destination, is_boolean, need_elements, need_float, need_tensor, number, same_count
from .forms import as_bytes, pair, result_for


def _wide(x: Any) -> np.dtype:
    return np.dtype(np.float64 if x.dtype.kind == "f" else np.int64)


@as_bytes
@destination()
def sum(x: Any, dim: int | None = None) -> Any:
    """``sum(x)``, a number, or ``sum(x, dim)``."""
    if dim is None:
        return number(need_tensor(x).sum(dtype=_wide(x)))
    return x.sum(axis_of(x, dim), dtype=_wide(x), keepdims=True).astype(x.dtype)


@as_bytes
@destination()
def prod(x: Any, dim: int | None = None) -> Any:
    """``prod(x)``, a number, or ``prod(x, dim)``."""
    if dim is None:
        return number(need_elements(x, "prod").prod(dtype=_wide(x)))
    return x.prod(axis_of(x, dim), dtype=_wide(x), keepdims=True).astype(x.dtype)


@as_bytes
@destination()
def cumsum(x: Any, dim: int | None = None) -> Any:
    """Sums of the slices up to each one along ``dim`` (1)."""
    return x.cumsum(axis_of(need_tensor(x), 1 if dim is None else dim), dtype=_wide(x)).astype(x.dtype)


@as_bytes
@destination()
def cumprod(x: Any, dim: int | None = None) -> Any:
    """Products of the slices up to each one along ``dim`` (1)."""
    return x.cumprod(axis_of(need_tensor(x), 1 if dim is None else dim), dtype=_wide(x)).astype(x.dtype)


@destination()
def mean(x: Any, dim: int | None = None) -> Any:
    """``mean(x)``, a number, or ``mean(x, dim)``."""
    if dim is None:
        return number(need_elements(need_float(x, "mean"), "mean").mean(dtype=np.float64))
    return need_float(x, "mean").mean(axis_of(x, dim), dtype=np.float64, keepdims=True).astype(x.dtype)


@destination()
def var(x: Any, dim: int | bool | None = None, biased: bool | None = None) -> Any:
    """``var(x)``, a number, or ``var(x, dim)``: squared distances from the mean, summed, over n - 1 (``biased``: n).

    ``var(x, True)`` is the biased one of all elements.
    """
    return _spread(need_float(x, "var"), dim, biased, lambda v: v)


@destination()
def std(x: Any, dim: int | bool | None = None, biased: bool | None = None) -> Any:
    """``std(x)``, a number, or ``std(x, dim)``: the square root of :func:`var`, called as that."""
    return _spread(need_float(x, "std"), dim, biased, lambda v: v**0.5)


def _spread(x: Any, dim: int | bool | None, biased: bool | None, of: Any) -> Any:
    if is_boolean(dim):
        dim, biased = None, dim
    n = need_elements(x, "variance").size if dim is None else x.shape[axis_of(x, dim)]
    ddof = 0 if biased else 1
    if n <= ddof:
        return math.nan if dim is None else mean(x, dim) * np.nan
    if dim is None:
        return number(of(x.var(dtype=np.float64, ddof=ddof)))
    return of(x.var(axis_of(x, dim), dtype=np.float64, ddof=ddof, keepdims=True)).astype(x.dtype)


@destination()
def norm(x: Any, p: float | None = None, dim: int | None = None) -> Any:
    """The ``p``-norm (2) over **all** elements, a number, or along ``dim``; p = 0 counts what is not 0."""
    need_float(x, "norm")
    axis = None if dim is None else axis_of(x, dim)
    result = _norm(x.astype(np.float64, copy=False), 2 if p is None else p, axis)
    return number(result) if dim is None else result.astype(x.dtype)


def _norm(x: Any, p: float, axis: int | None) -> Any:
    keep = axis is not None
    if p == 0:
        return (x != 0).sum(axis, dtype=np.float64, keepdims=keep)
    if p == math.inf:
        return abs(x).max(axis, keepdims=keep)
    powers = abs(x) if p == 1 else x * x if p == 2 else abs(x) ** p
    return powers.sum(axis, keepdims=keep) ** (1.0 / p)


def dist(x: Any, y: Any, p: float | None = None) -> float:
    """The ``p``-norm (2) of x - y."""
    return norm(x - same_count(x, y), p)


def _renorm(res: Any, x: Any, p: float, dim: int, maxnorm: float) -> Any:
    xp, axis = array_module(need_float(x, "renorm")), axis_of(x, dim)
    norms = _norm(xp.moveaxis(x, axis, 0).reshape(x.shape[axis], -1).astype(np.float64), p, 1)
    factor = xp.where(norms > maxnorm, maxnorm / (norms + 1e-7), 1.0).astype(x.dtype)
    return xp.multiply(x, factor.reshape([-1 if d == axis else 1 for d in range(x.ndim)]), out=result_for(res, x))


renorm, renorm_ = pair(
    "renorm",
    4,
    _renorm,
    "``renorm([res,] x, p, dim, maxnorm)``: slices along ``dim`` whose ``p``-norm is above ``maxnorm`` scaled to it.",
)


@as_bytes
def trace(x: Any) -> float:
    """The sum of the diagonal of a matrix."""
    if need_tensor(x).ndim != 2:
        raise ValueError(f"trace takes a 2-D tensor, got {describe(x)}")
    return number(x.trace(dtype=_wide(x)))
