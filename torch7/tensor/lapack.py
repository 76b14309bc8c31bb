"""What the functions of linear algebra share: their arguments, and the triangles and reflectors of LAPACK.

The factorisations are NumPy's, which are LAPACK's; arrays on the GPU are brought to the CPU and back, as cutorch did.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from ..arrays import array_module, describe, is_array, moved, type_name
from .checks import need_tensor, same_type


def on_host(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: ``f`` gets NumPy arrays of float32 or float64; its results go where the first argument lies."""

    @functools.wraps(f)
    def call(x: Any, *args: Any, **named: Any) -> Any:
        arrays = [a for a in (x, *args) if is_array(a)]
        for a in arrays or [x]:
            if need_tensor(a, "the matrix").dtype not in (np.float32, np.float64):
                raise TypeError(f"{f.__name__.strip('_')} needs FloatTensors or DoubleTensors, got {type_name(a)}")
            same_type(x, a)
        xp = array_module(x)
        if xp is np:
            return f(x, *args, **named)
        found = f(*(moved(a, np, a.dtype) if is_array(a) else a for a in (x, *args)), **named)
        return tuple(map(xp.asarray, found)) if isinstance(found, tuple) else xp.asarray(found)

    return call


def matrix(name: str, a: Any, square: bool = False) -> Any:
    """``a``, which must be a matrix with elements, square if asked."""
    if a.ndim != 2 or a.size == 0 or (square and a.shape[0] != a.shape[1]):
        raise ValueError(f"{name} takes a {'square ' * square}matrix, got {describe(a)}")
    return a


def columns(name: str, b: Any, a: Any) -> Any:
    """``b`` as the right-hand sides, one a column, of equations with the rows of ``a``; a vector is one column."""
    if b.ndim not in (1, 2) or b.size == 0 or b.shape[0] != a.shape[0]:
        raise ValueError(f"{name}: sizes do not fit: {describe(b)} and {describe(a)}")
    return b.reshape(b.shape[0], -1)


def option(name: str, value: str | None, *allowed: str) -> str:
    """One of the letters that LAPACK's options take; the first one by default."""
    value = allowed[0] if value is None else value
    if value not in allowed:
        raise ValueError(f"{name} takes {' or '.join(map(repr, allowed))}, got {value!r}")
    return value


def triangle(a: Any, uplo: str) -> Any:
    """The upper (``'U'``) or lower (``'L'``) triangle, 0 elsewhere."""
    return np.triu(a) if uplo == "U" else np.tril(a)


def solve_triangle(name: str, a: Any, b: Any) -> Any:
    """x of ``a x = b`` for a triangular matrix."""
    if not (diagonal := a.diagonal()).all():
        i = int(np.flatnonzero(diagonal == 0)[0]) + 1
        raise LinAlgError(f"{name}: element ({i}, {i}) of the triangular matrix is 0, it is singular")
    return np.linalg.solve(a, b)


def householder(a: Any) -> tuple[Any, Any]:
    """LAPACK's geqrf: R with the reflectors' directions below it, and the reflectors' factors tau."""
    h, tau = np.linalg.qr(a, mode="raw")
    return np.ascontiguousarray(h.T), tau


def reflect(a: Any, tau: Any, c: Any, backwards: bool) -> Any:
    """H1 H2 ... Hk c, or Hk ... H2 H1 c, for reflectors ``H = I - tau v v'`` with the v below ``a``'s diagonal."""
    c = c.copy()
    order = range(len(tau))
    for i in order if backwards else reversed(order):
        v = a[i:, i].copy()
        v[0] = 1
        c[i:] -= tau[i] * np.outer(v, v @ c[i:])
    return c
