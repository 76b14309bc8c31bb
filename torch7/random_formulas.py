"""The formulas of Torch's distributions, of u or of a standard normal number z; ``m`` is math, or NumPy for arrays."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

_HUGE = 1e290  # beyond, the pieces of a product overflow


def uniform(m: ModuleType, u: Any, a: float, b: float) -> Any:
    width = b - a
    if a == 0 or abs(width) > _HUGE:
        return u * width + a
    head = _head(width, 2.0**32 + 1)
    return _sum(u * head, u * (width - head), a)


def exponential(m: ModuleType, u: Any, rate: float) -> Any:
    return -1.0 / rate * m.log(1.0 - u)


def cauchy(m: ModuleType, u: Any, median: float, sigma: float) -> Any:
    return _fma(m.tan(math.pi * (u - 0.5)), sigma, median)


def normal(m: ModuleType, z: Any, mean: float, stdv: float) -> Any:
    return _fma(z, stdv, mean)


def log_normal(m: ModuleType, z: Any, mean: float, stdv: float) -> Any:
    return m.exp(_fma(z, stdv, mean))


def _fma(x: Any, y: float, z: float) -> Any:
    """x y + z rounded once, as the original's compiled code does; x may be an array."""
    if z == 0 or y == 1 or abs(y) > _HUGE:
        return x * y + z
    p = x * y
    x_head, y_head = _head(x, 2.0**27 + 1), _head(y, 2.0**27 + 1)
    x_tail, y_tail = x - x_head, y - y_head
    return _sum(p, ((x_head * y_head - p) + x_head * y_tail + x_tail * y_head) + x_tail * y_tail, z)


def _sum(p: Any, rest: Any, z: float) -> Any:
    """p + rest + z rounded once, where rest is small beside p."""
    s = p + z
    b = s - p
    return s + ((p - (s - b)) + (z - b) + rest)


def _head(x: Any, splitter: float) -> Any:
    """The leading bits of x: 26 of them for a splitter of 2**27 + 1, 21 for 2**32 + 1."""
    c = x * splitter
    return c - (c - x)
