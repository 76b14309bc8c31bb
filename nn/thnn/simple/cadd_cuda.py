"""Launches of cadd.cu; arrays that are not contiguous go through CuPy."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def cadd(x: Any, scale: float, y: Any) -> None:
    if x.size != y.size:
        raise ValueError(f"cannot add {y.size} elements to {x.size}")
    if x.flags.c_contiguous and y.flags.c_contiguous and x.dtype == y.dtype and x.dtype.kind == "f":
        _launch.each("cadd", x.size, x, x, y, x.size, scale)
    else:
        x += (y * y.dtype.type(scale)).reshape(x.shape)
