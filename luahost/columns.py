"""Matrices in the order of LAPACK, column by column, which Lua sees by isContiguous, stride and view."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .tensors import Tensor

# which of the results of a function are such
BY_COLUMNS = {
    **dict.fromkeys(["inverse", "potrf", "potri", "potrs", "pstrf", "geqrf", "orgqr", "ormqr", "svd", "qr"], (0,)),
    **dict.fromkeys(["gesv", "gels", "trtrs"], (0, 1)),
    **dict.fromkeys(["eig", "symeig"], (1,)),
}


def by_columns(name: str, f: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` with its matrices in the order of LAPACK."""
    if name not in BY_COLUMNS:
        return f

    @functools.wraps(f)
    def run(*args: Any) -> Any:
        result = f(*args)
        if not isinstance(result, tuple):
            return _turned(result)
        return tuple(_turned(x) if i in BY_COLUMNS[name] else x for i, x in enumerate(result))

    return run


def _turned(x: Any) -> Any:
    return np.asfortranarray(x) if type(x) is np.ndarray and x.ndim == 2 else x


def put_by_columns(p: Tensor, result: Any) -> bool:
    """Whether the result is a matrix by columns; a receiver of its shape then has it so, in its own memory."""
    a = p.a
    if not (a.shape == result.shape and result.ndim == 2 and result.flags.f_contiguous and a.flags.c_contiguous):
        return False
    if result.flags.c_contiguous or a.dtype != result.dtype:
        return False
    turned = a.reshape(a.shape[::-1]).T
    turned[...] = result
    p.reseat(turned)
    return True
